"""Kinds of value that settings have beside TOML's own: durations, sizes, brokers, zones, names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, BeforeValidator, PlainSerializer

from streams import moments

YEAR = 366 * 86400
UNITS = {"y": YEAR, "d": 86400, "h": 3600, "m": 60, "s": 1}
SIZES = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|y)?")
_SIZE = re.compile(r"(\d+)\s*(GiB|MiB|KiB)?")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SERVER = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})")
SCHEME = "kafka://"


Key = tuple[str, ...]


class Given(NamedTuple):
    """What a setting is given, before it is checked."""

    value: Any
    origin: str
    "Where: a file, a variable, an option."


def nested(values: Mapping[Key, Given]) -> dict[str, Any]:
    """The table that settings make."""
    table: dict[str, Any] = {}
    for key, value in values.items():
        place = table
        for name in key[:-1]:
            place = place.setdefault(name, {})
        place[key[-1]] = value.value
    return table


class Wrong(ValueError):
    """What is wrong within a value: a reader is told it beside the value."""


@dataclass(frozen=True)
class Allowed:
    """What a setting may be, as a reader is told."""

    text: str
    show: Callable[[Any], Any] = str
    "How a bound is written."


def number(value: Any) -> Any:
    """True and false are no numbers."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


def duration(value: Any) -> Any:
    """Seconds of `14d`, `6h`, `100ms`; what isn't text passes through. A year is 366 days."""
    if not isinstance(value, str):
        return number(value)
    if (found := _DURATION.fullmatch(value.strip())) is None:
        raise ValueError("not a duration")
    count, unit = float(found[1]), found[2] or "s"
    return count / 1000 if unit == "ms" else count * UNITS[unit]


def duration_text(seconds: float) -> str:
    """In the largest unit that leaves a whole number."""
    for unit, length in UNITS.items():
        if seconds and seconds % length == 0:
            return f"{seconds // length:.0f}{unit}"
    return f"{round(seconds * 1000, 3):g}ms" if seconds else "0s"


def size(value: Any) -> Any:
    """Bytes of `8MiB`; what isn't text passes through."""
    if not isinstance(value, str):
        return number(value)
    if (found := _SIZE.fullmatch(value.strip())) is None:
        raise ValueError("not a size")
    return int(found[1]) * (SIZES[found[2]] if found[2] else 1)


def size_text(count: int) -> int | str:
    for unit, length in SIZES.items():
        if count and count % length == 0:
            return f"{count // length}{unit}"
    return count


def _listed(value: Any) -> Any:
    """A list, also as an environment variable writes it."""
    return msgspec.json.decode(value, type=list[str]) if isinstance(value, str) else value


def _servers(value: str) -> str:
    servers = value.removeprefix(SCHEME).split(",")
    for server in servers:
        found = _SERVER.fullmatch(server.strip().removeprefix(SCHEME))
        if found is None or not 0 < int(found[2]) < 65536:
            raise ValueError(f"{server!r} is no host:port")
    return SCHEME + ",".join(server.strip().removeprefix(SCHEME) for server in servers)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ValueError("not a time zone") from None
    return value


def _name(value: str) -> str:
    if _NAME.fullmatch(value) is None:
        raise ValueError("not a name")
    return value


def _moment(value: Any) -> Any:
    """Microseconds of a time as text or as TOML's own, which has to have an offset."""
    if isinstance(value, datetime) and value.tzinfo:
        return moments.of(value)
    return moments.parse(value) if isinstance(value, str) else number(value)


Integer = Annotated[int, BeforeValidator(number)]
Duration = Annotated[
    float,
    BeforeValidator(duration),
    PlainSerializer(duration_text, when_used="json"),
    Allowed('seconds or a duration such as "100ms", "90s", "6h", "14d" or "5y"', duration_text),
]
Size = Annotated[
    int,
    BeforeValidator(size),
    PlainSerializer(size_text, when_used="json"),
    Allowed('bytes or a size such as "512KiB" or "8MiB"', size_text),
]
Names = Annotated[tuple[str, ...], BeforeValidator(_listed), Allowed('a list such as ["", "channel"]')]
Servers = Annotated[str, AfterValidator(_servers), Allowed('"kafka://host:port[,host:port]"')]
Moment = Annotated[
    int,
    BeforeValidator(_moment),
    PlainSerializer(moments.text, when_used="json"),
    Allowed('a time with an offset such as "2027-01-01T00:00:00+01:00"', moments.text),
]
Zone = Annotated[str, AfterValidator(_zone), Allowed('a time zone such as "UTC" or "Europe/Berlin"')]
Name = Annotated[str, AfterValidator(_name), Allowed("letters, digits, dots, dashes and underscores")]
