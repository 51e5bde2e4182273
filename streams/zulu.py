"""Times as nearly all are written, `2026-11-22T09:00:00.123456Z`, read without a look at other spellings."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

OTHER = -1
"It isn't written so, is of no date that there is, or of before 1970."

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = {f"{second:02}": second * 1_000_000 for second in range(60)}


def microseconds(text: str) -> int:
    """Since 1970; what is finer is cut off. OTHER where another reader must say what it is."""
    if len(text) < 20 or text[-1] != "Z":
        return OTHER
    seconds, fraction = _SECONDS.get(text[17:19]), text[20:-1]
    minute = _minute(text[:17])
    if minute < 0 or seconds is None:
        return OTHER
    if len(text) == 20:
        return minute + seconds
    if text[19] != "." or not (fraction.isascii() and fraction.isdigit()):
        return OTHER
    return minute + seconds + int(fraction[:6].ljust(6, "0"))


@lru_cache(100_000)
def _minute(text: str) -> int:
    """Of `2026-11-22T09:00:`, which many times share."""
    try:
        minute = datetime.strptime(text, "%Y-%m-%dT%H:%M:").replace(tzinfo=UTC)
    except ValueError:
        return OTHER
    known = minute >= _EPOCH and minute.strftime("%Y-%m-%dT%H:%M:") == text
    return (minute - _EPOCH) // timedelta(microseconds=1) if known else OTHER
