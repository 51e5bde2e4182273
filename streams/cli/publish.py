"""`publish`: canonical events into their topics."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, BinaryIO

import typer

from streams.catalogue import Catalogue
from streams.cli.options import Broker, Config, product_of, settings_of
from streams.cli.output import note
from streams.cli.progress import Advance, progress
from streams.cli.text import printable
from streams.cli.waiting import reached
from streams.errors import Refused
from streams.intake import Intake
from streams.kafka.produce import Record
from streams.kafka.produce import publish as publish_records
from streams.settings import Settings

Files = Annotated[
    list[typer.FileBinaryRead], typer.Argument(metavar="FILE...", help="Events as JSON lines; - for input.")
]
Rate = Annotated[float | None, typer.Option(metavar="R", min=0.001, help="At most so many in a second.")]


def publish(
    context: typer.Context,
    files: Files,
    rate: Rate = None,
    config: Config = None,
    broker: Broker = None,
) -> None:
    """Publish canonical events, each into the topic of its type. Bad lines are told and left out.

    \b
    metricland publish events.jsonl
    metricland publish --rate 100 monday.jsonl tuesday.jsonl
    some-export | metricland publish -
    """
    settings = settings_of(context, config, {"broker": broker})
    catalogue = product_of(context).catalogue_of(settings)
    lines = Lines(catalogue, settings.topics.prefix, settings.topics.largest_record)
    with progress("publishing") as advance:
        records = (record for file in files for record in lines.records(file))
        written = asyncio.run(sent(settings, records, rate=rate, progress=advance))
    bad = f", {lines.bad:,} bad lines left out" if lines.bad else ""
    note(f"{written:,} events published to {settings.broker}{bad}")
    if lines.bad:
        raise typer.Exit(1)


async def sent(
    settings: Settings,
    records: Iterable[Record],
    *,
    rate: float | None = None,
    progress: Advance = lambda more: None,
    endless: bool = False,
) -> int:
    """What was written of records. Kafka is waited for; if it is `endless`, for as long as it takes."""
    await reached(settings.bootstrap, endless=endless)
    return await publish_records(
        settings.broker, records, rate=rate, progress=progress, say=note, endless=endless
    )


@dataclass
class Lines:
    """The lines of files as records; a bad one is told with its number."""

    catalogue: Catalogue
    prefix: str
    largest: int
    bad: int = 0

    def records(self, file: BinaryIO) -> Iterator[Record]:
        intake = Intake(self.catalogue)
        for number, line in enumerate(file, 1):
            if value := line.removeprefix(b"\xef\xbb\xbf").strip():
                try:
                    yield self._record(intake, value)
                except Refused as refused:
                    self.bad += 1
                    note(printable(f"{file.name}:{number}: {refused}"))

    def _record(self, intake: Intake, value: bytes) -> Record:
        placed = intake.place(value)
        if (size := len(value)) > self.largest:
            raise Refused("invalid", f"the event has {size:,} bytes, expected at most {self.largest:,}")
        return self.prefix + placed.domain, placed.subject.encode(), value
