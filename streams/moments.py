"""Event time as integer microseconds since 1970 (UTC), read from and written as RFC 3339."""

import re
from datetime import UTC, datetime, timedelta, timezone

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_SECONDS = {f"{second:02}Z": second * SECOND for second in range(60)}
_MICROS = {f"{micro:03}": micro for micro in range(1000)}
_minutes: dict[str, int] = {}
_tails = dict(_SECONDS)
"Seconds and milliseconds, up to the Z."
_KEPT = 100_000


def parse(text: str) -> int:
    """Microseconds of an RFC 3339 time with an offset; what is finer is cut off. Raises ValueError."""
    try:
        # Most times end in Z and share their minute with others.
        return _minutes[text[:17]] + _tails[text[17:]]
    except KeyError:
        pass
    try:
        # The same with microseconds, of which there are too many to remember.
        return _minutes[text[:17]] + _tails[text[17:23] + text[26:]] + _MICROS[text[23:26]]
    except KeyError:
        return _parse_any(text)


def _parse_any(text: str) -> int:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:64]!r} is not an RFC 3339 time with an offset or Z")
    date, clock, fraction, zulu, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text[:64]!r} is not an RFC 3339 time: {error}") from None
    if not zulu and not (int(hours) < 24 and int(minutes) < 60):
        raise ValueError(f"{text[:64]!r} has no valid offset")
    fine = int((fraction or "")[:6].ljust(6, "0"))
    if zulu:
        _learn(text, of(moment.replace(second=0)), moment.second * SECOND + fine)
        return of(moment) + fine
    offset = int(hours) * HOUR + int(minutes) * MINUTE
    return of(moment) + fine + (-offset if sign == "+" else offset)


def _learn(text: str, minute: int, tail: int) -> None:
    """Remember the parts of a time that others will share."""
    if text[10] != "T" or text[-1] != "Z":
        return
    if len(_minutes) >= _KEPT:
        _minutes.clear()
    _minutes[text[:17]] = minute
    if len(text) <= 24:
        _tails[text[17:]] = tail
    elif len(text) == 27:
        _tails[text[17:23] + "Z"] = tail - tail % 1000


def of(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(at: int, zone: timezone = UTC) -> datetime:
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone)


def text(at: int) -> str:
    """`2026-11-22T09:00:00Z`, with a fraction only where there is one."""
    return (EPOCH + timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")
