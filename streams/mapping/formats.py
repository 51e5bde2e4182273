"""Times as files have them: several formats, in a zone where they bring no offset of their own."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, DecimalException
from functools import lru_cache
from zoneinfo import ZoneInfo

from streams import moments

Parse = Callable[[str], int]

NAMED = ("iso", "epoch", "epoch_ms")
ALLOWED = f"{', '.join(NAMED)}, or directives such as %Y-%m-%d %H:%M:%S that give a whole date"

KEPT = 10_000
"Times remembered: several events of a row, and rows next to each other, share them."

_PROBE = datetime(2017, 11, 23, 14, 35, 46, tzinfo=UTC)


def check_format(text: str) -> str:
    if text in NAMED:
        return text
    try:
        probe = datetime.strptime(_PROBE.strftime(text), text)  # noqa: DTZ007 - only its date is looked at
    except (ValueError, TypeError):
        probe = None
    if probe is None or probe.date() != _PROBE.date():
        raise ValueError(f"expected {ALLOWED}")
    return text


def check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("expected an IANA time zone such as Europe/Rome, or UTC") from None
    return name


def parser(formats: Sequence[str], zone: str) -> Parse:
    """Microseconds by the first format that fits. Raises ValueError.

    Where clocks go back and a local time comes twice it is the first; one that is skipped counts on from
    before the change.
    """
    parsers = [_parser(format_, ZoneInfo(zone)) for format_ in formats]

    @lru_cache(KEPT)
    def parse(text: str) -> int:
        for each in parsers:
            try:
                return each(text)
            except ValueError:
                continue
        raise ValueError(text)

    return parse


def seconds(text: str) -> int:
    """Microseconds of `90`, `90.5`, `1:30` or `0:01:30`. Raises ValueError."""
    total = Decimal(0)
    try:
        for part in text.split(":"):
            total = total * 60 + Decimal(part)
        return int(total * moments.SECOND)
    except (DecimalException, OverflowError, ValueError):
        raise ValueError(text) from None


def _parser(format_: str, zone: tzinfo) -> Parse:
    match format_:
        case "iso":
            return lambda text: _iso(text, zone)
        case "epoch":
            return lambda text: _epoch(text, moments.SECOND)
        case "epoch_ms":
            return lambda text: _epoch(text, moments.SECOND // 1000)
    return lambda text: _of(datetime.strptime(text, format_), zone)  # noqa: DTZ007 - the zone follows


def _iso(text: str, zone: tzinfo) -> int:
    try:
        return moments.parse(text)
    except ValueError:
        return _of(datetime.fromisoformat(text), zone)


def _epoch(text: str, unit: int) -> int:
    try:
        return int(Decimal(text) * unit)
    except (DecimalException, OverflowError, ValueError):
        raise ValueError(text) from None


def _of(moment: datetime, zone: tzinfo) -> int:
    return moments.of(moment if moment.tzinfo else moment.replace(tzinfo=zone))
