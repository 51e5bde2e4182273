"""The engine: rows in, canonical events out."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

import msgspec
from msgspec import UNSET

from streams import moments
from streams.catalogue import Catalogue
from streams.errors import ConfigurationError, Refused
from streams.events import LONGEST_ID
from streams.intake import Intake
from streams.mapping.columns import columns
from streams.mapping.conditions import Choose, chooser
from streams.mapping.report import Rejected, Report
from streams.mapping.rows import Row, Unread, read
from streams.mapping.schema import Mapping, Rule
from streams.mapping.times import Clock, clock, until
from streams.mapping.values import Make, maker, required


class Mapped(NamedTuple):
    """An event as it is to be published."""

    time: int
    sequence: int
    domain: str
    subject: str
    value: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = msgspec.json.decode(self.value)
        return event


class _Rule(NamedTuple):
    type: str
    choose: Choose
    subject: Make
    time: Clock
    id: Make | None
    data: dict[str, Make]


class Converter:
    """A mapping for events of a catalogue. Raises ConfigurationError for types that it doesn't have."""

    def __init__(self, mapping: Mapping, catalogue: Catalogue) -> None:
        self._mapping = mapping
        self._intake = Intake(catalogue)
        for number, rule in enumerate(mapping.event, 1):
            if rule.type not in self._intake.types:
                allowed = ", ".join(self._intake.types)
                raise ConfigurationError(f"event[{number}].type is {rule.type!r}, expected one of {allowed}")
        self._rules = [_compiled(mapping, rule) for rule in mapping.event]
        self._subject = required(mapping, "subject", mapping.subject)
        self._time = clock(mapping, mapping.time) if mapping.time else None
        self._blanks = [(column, until(mapping, time)) for column, time in mapping.blank_until.items()]
        self._seen: Counter[str] = Counter()

    def convert(self, stream: BinaryIO, report: Report, *, ordered: bool = True) -> Iterator[Mapped]:
        """By event time unless not `ordered`; the report is complete when the last one is out."""
        return self._convert(read(stream, self._mapping, columns(self._mapping)), report, ordered)

    def one(self, values: dict[str, Any], report: Report) -> list[Mapped]:
        """The events of one JSON object, as of a webhook's body."""
        return list(self._convert([Row(1, values)], report, ordered=True))

    def _convert(self, lines: Iterable[Row | Unread], report: Report, ordered: bool) -> Iterator[Mapped]:
        self._seen.clear()
        rows = self._usable(lines, report)
        groups = self._groups(rows, report) if self._mapping.grouped else ((row,) for row in rows)
        events = (event for group in groups for event in self._events(group, report))
        yield from sorted(events, key=lambda event: event[:2]) if ordered else events

    def _usable(self, rows: Iterable[Row | Unread], report: Report) -> Iterator[Row]:
        for row in rows:
            report.rows += 1
            if isinstance(row, Row):
                yield row
            else:
                report.reject(row[0], "row", row[1])

    def _groups(self, rows: Iterable[Row], report: Report) -> Iterable[Sequence[Row]]:
        """The rows of each entity by their time; of equal times as they stand in the file."""
        groups: dict[str, list[tuple[int, int, Row]]] = {}
        for row in rows:
            try:
                time = self._time(row) if self._time else 0
                row.hidden = self._hidden(row, time)
                groups.setdefault(self._subject(row), []).append((time, self._sequence(row), row))
            except Rejected as rejected:
                report.reject(row.line, "row", rejected)
        for group in groups.values():
            group.sort(key=lambda placed: placed[:2])
            yield [row for _, _, row in group]

    def _hidden(self, row: Row, time: int) -> frozenset[str]:
        """All are looked up before the first is hidden: a time may be blank until itself."""
        known = [(column, since(row)) for column, since in self._blanks]
        return frozenset(column for column, since in known if since is None or time < since)

    def _sequence(self, row: Row) -> int:
        return -row.line if self._mapping.newest_first else row.line

    def _events(self, group: Sequence[Row], report: Report) -> Iterator[Mapped]:
        taken: set[int] = set()
        for rule in self._rules:
            for row in rule.choose(group):
                taken.add(row.line)
                try:
                    yield self._event(rule, row)
                    report.events[rule.type] += 1
                except Rejected as rejected:
                    report.reject(row.line, rule.type, rejected)
        report.silent += len(group) - len(taken)

    def _event(self, rule: _Rule, row: Row) -> Mapped:
        time = rule.time(row)
        told = _time_text(time)
        subject, sequence = rule.subject(row), self._sequence(row)
        data = {name: make(row) for name, make in rule.data.items()}
        event = {
            "specversion": "1.0",
            "id": rule.id(row) if rule.id else self._id(f"{subject}:{rule.type}:{told}"),
            "source": self._mapping.source,
            "type": rule.type,
            "time": told,
            "subject": subject,
            "sequence": sequence,
            "data": {name: value for name, value in data.items() if value is not UNSET},
        }
        value = msgspec.json.encode(event)
        try:
            return Mapped(time, sequence, self._intake.place(value).domain, subject, value)
        except Refused as refused:
            raise Rejected(f"breaks the rule {refused.reason!r}", refused.detail) from None

    def _id(self, name: str) -> str:
        """The same whenever the row is imported again, also from a file that has grown.

        Of equal events of one entity each counts, so they are numbered.
        """
        self._seen[name] += 1
        if (number := self._seen[name]) > 1:
            name += f"#{number}"
        return name if len(name.encode()) <= LONGEST_ID else hashlib.sha256(name.encode()).hexdigest()


def _compiled(mapping: Mapping, rule: Rule) -> _Rule:
    time = rule.time or mapping.time
    assert time is not None, "checked with the mapping"
    return _Rule(
        rule.type,
        chooser(mapping, rule),
        required(mapping, "subject", rule.subject or mapping.subject),
        clock(mapping, time),
        required(mapping, "id", rule.id) if rule.id else None,
        {name: maker(mapping, name, value) for name, value in rule.data.items()},
    )


def _time_text(time: int) -> str:
    try:
        return moments.text(time)
    except OverflowError:
        raise Rejected("the time is beyond the calendar", str(time)) from None
