"""Data on standard output, messages on standard error; colours only on a terminal that wants them."""

import sys
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table


def tell(text: str) -> None:
    sys.stdout.write(text + "\n")


def tell_json(value: Any, indent: int = 2) -> None:
    """A document; with indent 0 a line."""
    told = msgspec.json.encode(value)
    tell((msgspec.json.format(told, indent=indent) if indent else told).decode())


def tell_table(table: Table) -> None:
    """On a terminal as wide as that is, elsewhere as wide as need be."""
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = 10_000
    with console.capture() as captured:
        console.print(table)
    tell("\n".join(line.rstrip() for line in captured.get().splitlines()))


def note(text: str) -> None:
    """A message."""
    sys.stderr.write(text + "\n")
