"""When a zone's clocks show what: stretches of time with one offset from UTC."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from streams.moments import SECOND

FIRST = -62_104_060_800 * SECOND
LAST = 253_370_764_800 * SECOND
"From the year 2 to the end of 9999 less a year, so that no local time leaves what dates can say."

STEP = 86_400
"No zone has changed its clocks twice within four days."


def stretches(zone: ZoneInfo, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The (start, end, offset) that [start, end) consists of, all in microseconds."""
    offset = _offset(zone, start // SECOND)
    for second in _changes(zone, start // SECOND, end // SECOND):
        yield start, second * SECOND, offset * SECOND
        start, offset = second * SECOND, _offset(zone, second)
    yield start, end, offset * SECOND


def _changes(zone: ZoneInfo, start: int, end: int) -> Iterator[int]:
    """The seconds at which the offset becomes another."""
    before = _offset(zone, start)
    while start < end:
        after = min(start + STEP, end)
        offset = _offset(zone, after)
        if offset != before:
            change = _bisect(zone, start, after)
            if change < end:
                yield change
        start, before = after, offset


def _bisect(zone: ZoneInfo, before: int, after: int) -> int:
    offset = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return offset.days * 86_400 + offset.seconds
