"""How far long work has come: a bar on a terminal, a line now and then elsewhere."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from streams.cli.output import note

PAUSE = 10.0
"Seconds between plain lines."

Advance = Callable[[int], None]


@contextmanager
def progress(what: str, total: int | None = None, *, size: bool = False) -> Iterator[Advance]:
    """The function that tells how much more is done, of things or, with `size`, of bytes."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what, total)
        return
    done: ProgressColumn = DownloadColumn() if size else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), done, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """A file, and the progress of its being read."""
    size = path.stat().st_size
    with (
        progress(f"reading {path.name}", size, size=True) as advance,
        io.BufferedReader(_Counted(path, advance)) as stream,
    ):
        yield cast(BinaryIO, stream)


class _Counted(io.FileIO):
    def __init__(self, path: Path, advance: Advance) -> None:
        super().__init__(path)
        self._advance = advance

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = super().readinto(buffer) or 0
        self._advance(count)
        return count


def _lines(what: str, total: int | None) -> Advance:
    done, last = 0, time.monotonic()

    def advance(more: int) -> None:
        nonlocal done, last
        done += more
        if (now := time.monotonic()) - last >= PAUSE:
            last = now
            note(f"{what}: {f'{done / total:.0%}' if total else f'{done:,}'}")

    return advance
