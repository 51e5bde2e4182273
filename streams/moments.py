"""Event time as integer microseconds since 1970 (UTC), read from and written as RFC 3339."""

import re
from datetime import UTC, datetime, timedelta, timezone

from streams.zulu import OTHER, microseconds

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
"The last that there is a text of."

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def parse(text: str) -> int:
    """Microseconds of an RFC 3339 time with an offset; what is finer is cut off. Raises ValueError."""
    at = microseconds(text)
    return at if at != OTHER else _parse_any(text)


def _parse_any(text: str) -> int:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:64]!r} is not an RFC 3339 time with an offset or Z")
    date, clock, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text[:64]!r} is not an RFC 3339 time: {error}") from None
    if sign and not (int(hours) < 24 and int(minutes) < 60):
        raise ValueError(f"{text[:64]!r} has no valid offset")
    fine = int((fraction or "")[:6].ljust(6, "0"))
    if not sign:
        return of(moment) + fine
    offset = int(hours) * HOUR + int(minutes) * MINUTE
    return of(moment) + fine + (-offset if sign == "+" else offset)


def of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(at: int, zone: timezone = UTC) -> datetime:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone)


def text(at: int) -> str:
    """`2026-11-22T09:00:00Z`, with a fraction only where there is one."""
    return (EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")
