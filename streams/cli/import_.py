"""`import`: foreign CSV or JSON lines through a mapping."""

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from streams.cli.options import Broker, Config, product_of, settings_of
from streams.cli.output import note
from streams.cli.progress import Advance, progress, reading
from streams.cli.publish import Rate, sent
from streams.cli.text import printable
from streams.mapping import Converter, Mapped, Report, load
from streams.mapping.load import find
from streams.settings import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)]
MappingName = Annotated[
    str, typer.Option("--mapping", metavar="NAME", help="A mapping that is kept, or the path of a TOML file.")
]
Unsorted = Annotated[
    bool, typer.Option("--unsorted", help="Keep the file's order, not that of time; saves memory.")
]
To = Annotated[
    typer.FileBinaryWrite | None,
    typer.Option("--to", metavar="FILE", help="Write JSON lines instead of publishing; - for output."),
]


def import_(
    context: typer.Context,
    file: File,
    mapping: MappingName,
    unsorted: Unsorted = False,
    to: To = None,
    rate: Rate = None,
    config: Config = None,
    broker: Broker = None,
) -> None:
    """Bring in the rows of a foreign file as events. A second import changes nothing.

    \b
    metricland import export.csv --mapping a-kept-one
    metricland import export.csv --mapping ./ours.toml --to events.jsonl
    metricland import export.csv --mapping ./ours.toml --to - | metricland report -
    """
    product = product_of(context)
    settings = settings_of(context, config, {"broker": broker})
    converter = Converter(load(find(mapping, product.mappings)), product.catalogue_of(settings))
    report = Report()
    give = partial(_write, to) if to else partial(_publish, settings, rate)
    with reading(file) as stream:
        events = converter.convert(stream, report, ordered=not unsorted)
        if unsorted:
            give(events)
        else:
            found = list(events)
    if not unsorted:
        with progress("writing" if to else "publishing", len(found)) as advance:
            give(found, advance)
    for sentence in report.sentences():
        note(printable(sentence))


def _nowhere(more: int) -> None:
    """The progress is told by what is read."""


def _write(to: BinaryIO, events: Iterable[Mapped], advance: Advance = _nowhere) -> None:
    to.write(b"")  # a file without events is written too
    for event in events:
        to.write(event.value + b"\n")
        advance(1)


def _publish(
    settings: Settings, rate: float | None, events: Iterable[Mapped], advance: Advance = _nowhere
) -> None:
    prefix = settings.topics.prefix
    records = ((prefix + event.domain, event.subject.encode(), event.value) for event in events)
    written = asyncio.run(sent(settings, records, rate=rate, progress=advance))
    note(f"{written:,} events published to {settings.broker}")
