"""A mapping and a file in, events out."""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from agents.catalogue import CATALOGUE
from streams.mapping import Converter, Mapped, Report, loads


class Outcome(NamedTuple):
    mapped: list[Mapped]
    report: Report

    @property
    def events(self) -> list[dict[str, Any]]:
        return [each.event for each in self.mapped]

    def each(self, *names: str) -> list[Any]:
        """The attributes of each event, one alone as it is."""
        told = [tuple({**event, **event["data"]}.get(name) for name in names) for event in self.events]
        return [values[0] for values in told] if len(names) == 1 else told

    @property
    def rejected(self) -> list[tuple[int, str, str, list[int]]]:
        return [(kind.count, kind.what, kind.why, kind.lines) for kind in self.report.kinds.values()]


Convert = Callable[..., Outcome]


@pytest.fixture
def convert() -> Convert:
    def run(mapping: str, file: str | bytes, *, ordered: bool = True) -> Outcome:
        report = Report()
        stream = io.BytesIO(file if isinstance(file, bytes) else file.encode())
        converter = Converter(loads(mapping), CATALOGUE)
        return Outcome(list(converter.convert(stream, report, ordered=ordered)), report)

    return run
