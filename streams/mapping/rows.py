"""Rows of a CSV or JSON lines file, and what stands in their columns."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import msgspec

from streams.errors import ConfigurationError, MetricLandError
from streams.mapping.report import Rejected
from streams.mapping.schema import Mapping

Look = Callable[["Row"], Any]
"A column's value in a row, None where it is missing."

LARGEST_CELL = 2**24

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(slots=True)
class Row:
    line: int
    "Where it begins in the file, from 1."
    values: Any
    hidden: frozenset[str] = frozenset()
    "Columns that are not known yet at the row's time."


Named = tuple[str, str]
"A place in the mapping, and the column that it names."

Unread = tuple[int, Rejected]
"A line that is no row."


def read(stream: BinaryIO, mapping: Mapping, columns: Sequence[Named]) -> Iterator[Row | Unread]:
    """The rows; `columns` are those that the file must have."""
    encoding = "utf-8-sig" if mapping.encoding.lower() in ("utf-8", "utf8") else mapping.encoding
    text = io.TextIOWrapper(stream, encoding, newline="")
    name = getattr(stream, "name", "the file")
    try:
        yield from _csv(text, mapping, columns) if mapping.format == "csv" else _json_lines(text)
    except UnicodeDecodeError as error:
        told = f"{name} is not {mapping.encoding} ({error.reason})"
        raise MetricLandError(f"{told}; the mapping's `encoding` says what it is, such as latin-1") from None
    except csv.Error as error:
        raise MetricLandError(f"{name} is not CSV: {error}") from None


def _csv(text: io.TextIOWrapper, mapping: Mapping, columns: Sequence[Named]) -> Iterator[Row | Unread]:
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(text, delimiter=mapping.delimiter)
    header = mapping.columns or tuple(cell.strip() for cell in next(reader, ()))
    _check(header, columns)
    begin = reader.line_num + 1
    for cells in reader:
        line, begin = begin, reader.line_num + 1
        if len(cells) == len(header):
            yield Row(line, dict(zip(header, map(str.strip, cells), strict=True)))
        elif cells:
            yield line, Rejected(f"has other than {len(header)} cells", str(len(cells)))


def _check(header: Sequence[str], columns: Sequence[Named]) -> None:
    for place, column in columns:
        if column not in header:
            hint = f' (a constant is written {{ value = "{column}" }})' if ".data." in place else ""
            raise ConfigurationError(
                f"{place} names column {column!r}, which the file lacks{hint}; it has {', '.join(header)}"
            )
        if header.count(column) > 1:
            raise ConfigurationError(f"{place} names column {column!r}, which the file has more than once")


def _json_lines(text: io.TextIOWrapper) -> Iterator[Row | Unread]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    for line, told in enumerate(text, 1):
        if not told.strip():
            continue
        try:
            yield Row(line, decode(told))
        except (msgspec.MsgspecError, RecursionError) as error:
            yield line, Rejected("is no JSON object", str(error))


def text(value: Any) -> str:
    """What stands in a column as text; JSON's numbers and truth values as JSON writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    raise ValueError(value)


def look(mapping: Mapping, column: str, missing: Sequence[str] = ()) -> Look:
    markers = frozenset((*mapping.missing, *missing, ""))
    found: Callable[[Any], Any] = _path(column) if mapping.format == "jsonl" else _cell(column)

    def value(row: Row) -> Any:
        if column in row.hidden:
            return None
        told = found(row.values)
        return None if isinstance(told, str) and told in markers else told

    return value


def _cell(column: str) -> Callable[[Any], Any]:
    return lambda values: values[column]


def _path(path: str) -> Callable[[Any], Any]:
    """`order.items[0]`: keys and positions one after the other; what isn't there is missing."""
    steps = [int(index) if index else key for key, index in _STEP.findall(path)]

    def found(value: Any) -> Any:
        for step in steps:
            if isinstance(step, int):
                value = value[step] if isinstance(value, list) and step < len(value) else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value.strip() if isinstance(value, str) else value

    return found
