"""Figures and records as people read them."""

from typing import TYPE_CHECKING, Any

import msgspec

from streams import moments

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

UNITS = (("d", 86400), ("h", 3600), ("m", 60))


def value_text(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "ratio":
        return f"{value:.1%}"
    if unit == "seconds":
        return seconds_text(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def seconds_text(seconds: float) -> str:
    """The two largest units: `3d 4h`, `1h 5m`, `2m 3s`; below a minute with a fraction."""
    if seconds < 0:
        return "-" + seconds_text(-seconds)
    if seconds < 60:
        return f"{seconds:.3g}s"
    whole = round(seconds)
    parts = []
    for unit, length in UNITS:
        parts.append(f"{whole // length}{unit}")
        whole %= length
    parts.append(f"{whole}s")
    first = next(place for place, part in enumerate(parts) if not part.startswith("0"))
    return " ".join(part for part in parts[first : first + 2] if not part.startswith("0"))


def printable(text: str) -> str:
    """Nothing that a terminal would obey: what isn't printable is escaped."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode()
        for each in text
    )


def record_json(record: "ConsumerRecord[bytes | None, bytes | None]") -> str:
    told = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": moments.text(record.timestamp * 1000),
        "key": _readable(record.key),
        "value": _content(record.value),
    }
    return msgspec.json.encode(told).decode()


def record_text(record: "ConsumerRecord[bytes | None, bytes | None]") -> str:
    """Of an event its type and data, of another record what there is."""
    at = moments.text(record.timestamp * 1000)
    return printable(
        f"{at} {record.partition}:{record.offset} {_readable(record.key) or '-'} {_gist(record.value)}"
    )


def _gist(value: bytes | None) -> str:
    content = _content(value)
    if content is None:
        return "(tombstone)"
    if isinstance(content, str):
        return content
    if isinstance(content, dict) and "type" in content and "data" in content:
        return f"{content['type']} {msgspec.json.encode(content['data']).decode()}"
    return msgspec.json.encode(content).decode()


def _content(value: bytes | None) -> Any:
    """What a value says as JSON, else its text."""
    if value is None:
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _readable(value)


def _readable(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")
