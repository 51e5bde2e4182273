"""The time of a row."""

from collections.abc import Callable
from typing import Any

from streams.mapping.formats import Parse, parser, seconds
from streams.mapping.report import Rejected
from streams.mapping.rows import Look, Row, look, text
from streams.mapping.schema import Mapping, Time
from streams.mapping.values import origin

Clock = Callable[[Row], int]
"Microseconds. Raises Rejected."


def clock(mapping: Mapping, spec: Time) -> Clock:
    formats = spec.formats or mapping.formats
    parse, shown = parser(formats, spec.zone or mapping.zone), " or ".join(formats)
    name = spec.column or str(spec.text)
    at = _reader(origin(mapping, spec.column, spec.text), name, parse, shown)
    added = [_seconds(mapping, what) for what in spec.plus]
    not_before = spec.not_before
    if not_before is None:
        return (lambda row: at(row) + sum(add(row) for add in added)) if added else at
    bound = _reader(look(mapping, not_before), not_before, parse, shown)

    def bounded(row: Row) -> int:
        time = at(row) + sum(add(row) for add in added)
        if time < bound(row):
            raise Rejected(f"{name} is before {not_before}")
        return time

    return bounded


def until(mapping: Mapping, column: str) -> Callable[[Row], int | None]:
    """When what is blank until `column` becomes known; None for never."""
    found, at = look(mapping, column), clock(mapping, Time(column=column))
    return lambda row: None if found(row) is None else at(row)


def _reader(told: Look, name: str, parse: Parse, shown: str) -> Clock:
    def read(row: Row) -> int:
        value: Any = told(row)
        if value is None:
            raise Rejected(f"{name} is missing")
        try:
            return parse(text(value))
        except (ValueError, OverflowError):
            raise Rejected(f"{name} is not a time as {shown}", repr(value)) from None

    return read


def _seconds(mapping: Mapping, column: str | float) -> Clock:
    if not isinstance(column, str):
        constant = seconds(str(column))
        return lambda row: constant
    told = look(mapping, column)

    def read(row: Row) -> int:
        value = told(row)
        try:
            return 0 if value is None else seconds(text(value))
        except ValueError:
            raise Rejected(f"{column} can't be read as seconds", repr(value)) from None

    return read
