"""Panes against the time zone database, minute by minute around clock changes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.windows.panes import COARSE, KINDS, Calendar, Retention, text, window

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # 5:30
    "Asia/Kathmandu",  # 5:45
    "Australia/Lord_Howe",  # summer time is half an hour
    "America/Havana",  # midnight comes twice
    "America/Santiago",  # midnight is skipped
    "Africa/Cairo",  # midnight is skipped
    "Atlantic/Azores",  # both
    "Pacific/Apia",  # 30 December 2011 never was
    "Pacific/Chatham",  # 12:45
    "America/Nuuk",
)
STEP = 300


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


@cache
def changes(zone: str) -> tuple[int, ...]:
    """The hours in which the offset from UTC changes, from 2010 to 2027."""
    tz, found = ZoneInfo(zone), []
    for hour in range(seconds(2010, 1, 1), seconds(2027, 1, 1), 3600):
        before, after = (datetime.fromtimestamp(at, tz).utcoffset() for at in (hour, hour + 3600))
        if before != after:
            found.append(hour)
    return tuple(found)


def days_around(zone: str, at: int) -> Iterator[tuple[str, list[int]]]:
    """Local dates with their instants, step by step; the first and the last aren't whole."""
    tz, found = ZoneInfo(zone), dict[str, list[int]]()
    for instant in range(at - 3 * 86400, at + 3 * 86400, STEP):
        found.setdefault(datetime.fromtimestamp(instant, tz).date().isoformat(), []).append(instant)
    yield from list(found.items())[1:-1]


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_wall_clock(zone: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    around = changes(zone) or (seconds(2026, 3, 29),)
    for change in around[-12:] if zone != "Pacific/Apia" else around[:6]:
        for date, instants in days_around(zone, change):
            start = calendar.start("day", instants[0])
            assert start == instants[0], (zone, date)
            assert {calendar.start("day", instant) for instant in instants} == {start}, (zone, date)
            assert calendar.end("day", start) == instants[-1] + STEP, (zone, date)


@pytest.mark.parametrize("zone", ZONES)
def test_months_are_those_of_the_wall_clock(zone: str) -> None:
    calendar, tz = Calendar(ZoneInfo(zone)), ZoneInfo(zone)
    start = calendar.start("month", seconds(2010, 1, 15))
    for _ in range(12 * 16):
        end = calendar.end("month", start)
        assert end is not None
        local = datetime.fromtimestamp(start, tz)
        assert local.day == 1
        assert datetime.fromtimestamp(start - 1, tz).month != local.month
        middle = (start + end) // 2
        assert calendar.start("month", middle) == calendar.start("month", end - 1) == start
        assert datetime.fromtimestamp(end - 1, tz).month == local.month
        start = end
    assert start > seconds(2025, 12, 1)


@pytest.mark.parametrize("zone", ZONES)
def test_the_finest_pane_of_coarse_sets_lies_within_a_day(zone: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    for change in changes(zone)[-12:]:
        for _, instants in days_around(zone, change):
            assert calendar.start("day", instants[0]) % COARSE == 0


@given(st.integers(0, seconds(2037, 1, 1)), st.sampled_from(ZONES), st.sampled_from(KINDS))
def test_a_pane_holds_its_instant_and_meets_the_next(second: int, zone: str, kind: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    start = calendar.start(kind, second)
    end = calendar.end(kind, start)
    assert start <= second
    if end is None:
        assert (kind, start) == ("total", 0)
        return
    assert second < end
    assert calendar.start(kind, end) == end
    assert calendar.start(kind, end - 1) == start


@given(st.lists(st.integers(0, seconds(2037, 1, 1)), max_size=20), st.sampled_from(ZONES))
def test_a_start_does_not_depend_on_what_was_asked_before(asked: list[int], zone: str) -> None:
    one, other = Calendar(ZoneInfo(zone)), Calendar(ZoneInfo(zone))
    assert [one.start("day", at) for at in asked] == [other.start("day", at) for at in reversed(asked)][::-1]


def test_panes_as_they_are_told() -> None:
    calendar = Calendar(ZoneInfo("Europe/Berlin"))
    start = calendar.start("day", seconds(2026, 10, 25, 12))
    assert window("day", start, calendar) == {
        "pane": "day",
        "start": "2026-10-24T22:00:00Z",
        "end": "2026-10-25T23:00:00Z",
    }
    assert window("total", 0, calendar) == {"pane": "total"}
    assert text(0) == "1970-01-01T00:00:00Z"


def test_retention_by_kind() -> None:
    kept = Retention(minute=60, hour=3600)
    assert [kept.of(kind) for kind in ("minute", "hour", "total")] == [60, 3600, None]
