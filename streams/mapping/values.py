"""Fields of events from the columns of a row."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET

from streams.mapping.formats import seconds
from streams.mapping.report import Rejected
from streams.mapping.rows import Look, Row, look, text
from streams.mapping.schema import TEMPLATE, Mapping, Value
from streams.moments import SECOND

Make = Callable[[Row], Any]
"A field's value; None clears it, UNSET leaves it out. Raises Rejected."

YES, NO = frozenset({"true", "yes", "y", "t", "1"}), frozenset({"false", "no", "n", "f", "0"})


def maker(mapping: Mapping, name: str, spec: Value) -> Make:
    if spec.constant:
        return lambda row: spec.value
    told = origin(mapping, spec.column, spec.text, spec.missing)
    present = _converter(mapping, name, spec)
    absent = _absent(name, spec)

    def make(row: Row) -> Any:
        value = told(row)
        return absent() if value is None else present(value)

    return make


def required(mapping: Mapping, name: str, spec: Value) -> Make:
    """Of what an event can't be without."""
    return maker(
        mapping, name, spec if spec.has_default else spec.model_copy(update={"if_missing": "reject"})
    )


def origin(mapping: Mapping, column: str | None, template: str | None, missing: Sequence[str] = ()) -> Look:
    """A column, or a text with columns in it: missing where one of them is."""
    if column is not None or template is None:
        return look(mapping, column or "", missing)
    pieces = TEMPLATE.split(template)
    constants, columns = pieces[::2], [look(mapping, name, missing) for name in pieces[1::2]]

    def value(row: Row) -> Any:
        found = [column(row) for column in columns]
        if None in found:
            return None
        return constants[0] + "".join(map(str.__add__, map(text, found), constants[1:]))

    return value


def _absent(name: str, spec: Value) -> Callable[[], Any]:
    def absent() -> Any:
        if spec.has_default:
            return spec.default
        if spec.if_missing == "reject":
            raise Rejected(f"{name}: {spec.column or spec.text} is missing")
        return None if spec.if_missing == "clear" else UNSET

    return absent


def _converter(mapping: Mapping, name: str, spec: Value) -> Callable[[Any], Any]:
    place = f"{name}: {spec.column or spec.text}"

    def convert(value: Any) -> Any:
        try:
            return _as(value, spec, mapping.decimal_comma)
        except (ValueError, OverflowError):
            raise Rejected(f"{place} can't be read as {spec.as_}", repr(value)) from None

    if spec.table is None:
        return convert
    table = spec.table

    def look_up(value: Any) -> Any:
        key = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if key in table:
            return table[key]
        if spec.has_default:
            return spec.default
        if spec.if_unknown == "reject":
            raise Rejected(f"{place} is not in the table", repr(key))
        return convert(value) if spec.if_unknown == "keep" else UNSET

    return look_up


def _as(value: Any, spec: Value, decimal_comma: bool) -> Any:
    match spec.as_:
        case "text":
            return text(value)
        case "integer":
            return _integer(_number(value, decimal_comma))
        case "number":
            return _number(value, decimal_comma)
        case "seconds":
            return seconds(text(value)) / SECOND
        case "boolean":
            return _boolean(text(value).lower())
        case "list":
            items = value if isinstance(value, list) else text(value).split(spec.separator)
            return [item for item in (text(item).strip() for item in items) if item]


def _number(value: Any, decimal_comma: bool) -> int | float:
    told = text(value)
    if decimal_comma and isinstance(value, str):
        told = told.replace(".", "").replace(",", ".")
    if "_" in told:  # which Python would read over
        raise ValueError(told)
    try:
        return int(told)
    except ValueError:
        number = float(told)
    if not math.isfinite(number):
        raise ValueError(told)
    return number


def _integer(number: int | float) -> int:
    """Tables that had gaps write 5 as 5.0."""
    if number != int(number):
        raise ValueError(number)
    return int(number)


def _boolean(told: str) -> bool:
    if told in YES or told in NO:
        return told in YES
    raise ValueError(told)
