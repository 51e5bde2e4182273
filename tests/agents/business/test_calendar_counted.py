"""Calendars against a minute-by-minute count, in many zones across the changes of their clocks."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.business import hours
from agents.business.calendar import Calendar
from tests.oracle.minutes import MINUTE, WEEKDAYS, Dates, Hours, changes, count

ZONES = {
    "UTC": range(2024, 2025),
    "Europe/Berlin": range(2025, 2027),
    "Europe/London": range(2025, 2027),
    "Europe/Dublin": range(2025, 2026),
    "Europe/Lisbon": range(2025, 2026),
    "Europe/Moscow": range(2014, 2015),
    "Europe/Istanbul": range(2016, 2017),
    "Africa/Cairo": range(2024, 2026),  # at midnight
    "Africa/Casablanca": range(2025, 2026),  # off for Ramadan
    "America/New_York": range(2025, 2027),
    "America/Los_Angeles": range(2025, 2026),
    "America/Phoenix": range(2025, 2026),
    "America/St_Johns": range(2009, 2011),  # at a minute past midnight, and a half hour off
    "America/Sao_Paulo": range(2017, 2020),  # at midnight
    "America/Santiago": range(2024, 2026),  # at midnight
    "America/Asuncion": range(2022, 2024),  # at midnight
    "America/Havana": range(2024, 2026),  # midnight comes twice
    "America/Caracas": range(2016, 2017),  # by 30 minutes
    "America/Nuuk": range(2023, 2025),
    "Antarctica/Troll": range(2025, 2026),  # by two hours
    "Asia/Beirut": range(2024, 2026),  # at midnight
    "Asia/Amman": range(2021, 2023),  # at midnight
    "Asia/Tehran": range(2021, 2023),  # at midnight
    "Asia/Pyongyang": range(2018, 2019),  # by 30 minutes
    "Asia/Kathmandu": range(2025, 2026),
    "Asia/Kolkata": range(2025, 2026),
    "Australia/Lord_Howe": range(2025, 2027),  # by 30 minutes
    "Australia/Adelaide": range(2025, 2026),
    "Pacific/Auckland": range(2025, 2026),
    "Pacific/Chatham": range(2025, 2026),  # at 2:45
    "Pacific/Apia": range(2011, 2012),  # a day that never was
}
AROUND = 3 * 1440
"Minutes before and after a change that are looked at."


@cache
def moments(zone: str) -> list[int]:
    """Minutes to look around: the zone's changes, else any."""
    years = ZONES[zone]
    return changes(zone, years) or [int(datetime(years.start, 3, 1, tzinfo=UTC).timestamp()) // 60]


def written(start: int, end: int) -> str:
    return "-".join(f"{at % 1440 // 60:02}:{at % 60:02}" for at in (start, end))


@st.composite
def weeks(draw: st.DrawFn) -> Hours:
    """Any hours: apart, several a day, over midnight."""
    times = sorted(draw(st.sets(st.integers(0, 7 * 1440 - 1), min_size=2, max_size=24)))
    week: dict[str, list[str]] = {}
    for start, end in zip(times[::2], times[1::2], strict=False):
        end = min(end, start + 1439)
        week.setdefault(WEEKDAYS[start // 1440], []).append(written(start, end))
    return week


def days(near: date) -> st.SearchStrategy[Dates]:
    """Own dates: closed, or with hours that may run into those of the next."""
    day = st.integers(-4, 4).map(lambda number: near + timedelta(days=number))
    opened = st.sampled_from(((), ("00:00-24:00",), ("23:30-07:15",), ("00:15-00:45", "12:00-00:00")))
    return st.dictionaries(day, opened, max_size=4)


def calendar_of(zone: str, week: Hours, dates: Dates) -> Calendar:
    own = {day: hours.hours(spans) for day, spans in dates.items()}
    return Calendar(ZoneInfo(zone), hours.week(week), (), own)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_business_time_is_what_counting_minutes_finds(zone: str, data: st.DataObject) -> None:
    week, change = data.draw(weeks()), data.draw(st.sampled_from(moments(zone)))
    dates = data.draw(days(datetime.fromtimestamp(change * 60, UTC).date()))
    start, end = sorted(change + data.draw(st.integers(-AROUND, AROUND)) for _ in range(2))
    start, end = start * MINUTE, end * MINUTE
    calendar = calendar_of(zone, week, dates)

    expected = count(zone, week, dates, start, end)
    assert calendar.between(start, end) == expected
    if expected:
        reached = calendar.add(start, expected)
        assert reached is not None and reached <= end
        assert count(zone, week, dates, start, reached // MINUTE * MINUTE) == expected
        assert calendar.between(start, reached - 1) == expected - 1


def test_the_zones_change_their_clocks_where_it_is_looked_at() -> None:
    assert len([zone for zone in ZONES if changes(zone, ZONES[zone])]) >= 25


TIMES = st.integers(1_700_000_000_000_000, 1_800_000_000_000_000)
DURATIONS = st.integers(1, 60 * 86_400_000_000)
CHANGING = st.sampled_from(("Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"))


@settings(deadline=None, max_examples=40)
@given(CHANGING, weeks(), TIMES, DURATIONS)
def test_add_is_the_first_instant_at_which_the_duration_has_passed(
    zone: str, week: Hours, start: int, duration: int
) -> None:
    calendar = calendar_of(zone, week, {})
    end = calendar.add(start, duration)
    assert end is not None
    assert calendar.between(start, end) == duration
    assert calendar.between(start, end - 1) == duration - 1


@settings(deadline=None, max_examples=40)
@given(CHANGING, weeks(), st.lists(TIMES, min_size=3, max_size=3).map(sorted))
def test_parts_add_up_and_more_time_is_never_less(zone: str, week: Hours, times: list[int]) -> None:
    calendar = calendar_of(zone, week, {})
    first, middle, last = times
    parts = calendar.between(first, middle), calendar.between(middle, last)
    assert sum(parts) == calendar.between(first, last) >= max(parts)
    assert all(part >= 0 for part in parts)
    assert sum(parts) <= last - first


@settings(deadline=None, max_examples=40)
@given(weeks(), TIMES, st.lists(DURATIONS, min_size=2, max_size=2))
def test_adding_one_after_the_other_is_adding_both(week: Hours, start: int, durations: list[int]) -> None:
    calendar = calendar_of("America/New_York", week, {})
    half = calendar.add(start, durations[0])
    assert half is not None
    assert calendar.add(half, durations[1]) == calendar.add(start, sum(durations))


@settings(deadline=None, max_examples=30)
@given(weeks(), st.lists(st.tuples(TIMES, DURATIONS), min_size=2, max_size=5))
def test_what_was_asked_before_changes_no_answer(week: Hours, asked: list[tuple[int, int]]) -> None:
    used = calendar_of("Europe/London", week, {})
    for start, duration in asked:
        fresh = calendar_of("Europe/London", week, {})
        assert used.add(start, duration) == fresh.add(start, duration)
        assert used.between(start, start + duration) == fresh.between(start, start + duration)
