"""Business time counted minute by minute: what the clock on the wall shows, and whether that is open."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = 60_000_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Hours = Mapping[str, Sequence[str]]
Dates = Mapping[date, Sequence[str]]


def count(zone: str, hours: Hours, dates: Dates, start: int, end: int) -> int:
    """The open microseconds of [start, end)."""
    found = 0
    for minute in range(start // MINUTE, -(-end // MINUTE)):
        if is_open(hours, dates, *wall(zone, minute)):
            found += min(end, (minute + 1) * MINUTE) - max(start, minute * MINUTE)
    return found


@cache
def wall(zone: str, minute: int) -> tuple[date, int]:
    """The date and the minute of the day that a clock shows."""
    shown = datetime.fromtimestamp(minute * 60, ZoneInfo(zone))
    return shown.date(), shown.hour * 60 + shown.minute


def is_open(hours: Hours, dates: Dates, day: date, minute: int) -> bool:
    yesterday = day - timedelta(days=1)
    today = any(start <= minute < end for start, end in spans(hours, dates, day))
    return today or any(minute + 1440 < end for _, end in spans(hours, dates, yesterday))


def spans(hours: Hours, dates: Dates, day: date) -> Iterator[tuple[int, int]]:
    for written in dates[day] if day in dates else hours.get(WEEKDAYS[day.weekday()], ()):
        start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in written.split("-"))
        yield start, end if end > start else end + 1440


def changes(zone: str, years: range) -> list[int]:
    """The hours, in minutes since 1970, at whose end the zone's offset is another than at their start."""
    first = int(datetime(years.start, 1, 1, tzinfo=UTC).timestamp()) // 60
    offsets = {}
    for minute in range(first, first + len(years) * 366 * 1440, 60):
        offsets[minute] = datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).utcoffset()
    return [minute for minute in offsets if offsets[minute] != offsets.get(minute + 60, offsets[minute])]
