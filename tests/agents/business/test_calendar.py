"""What a calendar says of single days: lunch, nights, holidays, own dates, changes of the clocks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.business.calendar import Always, Calendar
from agents.business.hours import ALWAYS, CLOSED, hours, week
from agents.business.public_holidays import check_region
from streams import moments
from streams.moments import DAY, HOUR, MINUTE

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = week({"mon-thu": ["08:00-12:00", "13:00-17:00"], "fri": ["08:00-12:00"]})
ROUND_THE_CLOCK = (ALWAYS,) * 7


def at(text: str, zone: ZoneInfo = BERLIN) -> int:
    return moments.of(datetime.fromisoformat(text).replace(tzinfo=zone))


def shown(time: int | None, zone: ZoneInfo = BERLIN) -> str | None:
    if time is None:
        return None
    local = (moments.EPOCH + timedelta(microseconds=time)).astimezone(zone)
    return local.strftime("%a %Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-11-23 09:00", 2 * HOUR, "Mon 2026-11-23 11:00"),
        ("2026-11-23 11:00", 2 * HOUR, "Mon 2026-11-23 14:00"),  # over lunch
        ("2026-11-23 12:30", HOUR, "Mon 2026-11-23 14:00"),  # asked in it
        ("2026-11-23 16:00", HOUR, "Mon 2026-11-23 17:00"),  # at closing time, not the next morning
        ("2026-11-23 16:00", 2 * HOUR, "Tue 2026-11-24 09:00"),
        ("2026-11-27 11:30", HOUR, "Mon 2026-11-30 08:30"),  # over a weekend
        ("2026-11-28 03:00", 0, "Sat 2026-11-28 03:00"),
        ("2026-12-23 16:00", 2 * HOUR, "Thu 2026-12-24 09:00"),
        ("2026-12-24 16:00", 2 * HOUR, "Mon 2026-12-28 09:00"),  # over Christmas
    ],
)
def test_add_in_an_office(start: str, duration: int, end: str) -> None:
    calendar = Calendar(BERLIN, OFFICE, ("DE",))
    assert shown(calendar.add(at(start), duration)) == end


def test_between_in_an_office() -> None:
    calendar = Calendar(BERLIN, OFFICE, ("DE",))
    assert calendar.between(at("2026-11-23 00:00"), at("2026-11-30 00:00")) == 36 * HOUR
    assert calendar.between(at("2026-12-21 00:00"), at("2026-12-28 00:00")) == 32 * HOUR
    assert calendar.between(at("2026-11-28 00:00"), at("2026-11-29 23:00")) == 0
    assert calendar.between(at("2026-11-24 00:00"), at("2026-11-23 00:00")) == 0


def test_days_of_23_and_25_hours() -> None:
    calendar = Calendar(BERLIN, ROUND_THE_CLOCK)
    assert calendar.between(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 23 * HOUR
    assert calendar.between(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 25 * HOUR
    assert shown(calendar.add(at("2026-03-28 12:00"), DAY)) == "Sun 2026-03-29 13:00"
    havana = ZoneInfo("America/Havana")
    cuban = Calendar(havana, ROUND_THE_CLOCK)
    assert cuban.between(at("2026-03-08 00:00", havana), at("2026-03-09 00:00", havana)) == 23 * HOUR


def test_a_night_over_the_change_of_clocks_is_as_long_as_it_is() -> None:
    calendar = Calendar(BERLIN, week({"sat": ["22:00-06:00"]}))
    assert calendar.between(at("2026-03-28 12:00"), at("2026-03-29 12:00")) == 7 * HOUR
    assert calendar.between(at("2026-10-24 12:00"), at("2026-10-25 12:00")) == 9 * HOUR


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    calendar = Calendar(BERLIN, week({"mon-sun": ["22:00-06:00"]}), ("DE",))
    eve, christmas = at("2026-12-24 12:00"), at("2026-12-25 12:00")
    assert calendar.between(eve, christmas) == 8 * HOUR  # that of the 24th, to its end
    assert calendar.between(christmas, at("2026-12-27 12:00")) == 0  # neither that of the 25th nor the 26th


def test_holidays_of_a_subdivision_are_its_own() -> None:
    epiphany = at("2026-01-06 00:00"), at("2026-01-07 00:00")
    assert Calendar(BERLIN, OFFICE, ("DE",)).between(*epiphany) == 8 * HOUR
    assert Calendar(BERLIN, OFFICE, ("DE-BY",)).between(*epiphany) == 0
    assert Calendar(BERLIN, OFFICE, ("FR", "DE-BY")).between(*epiphany) == 0


def test_own_dates_come_before_holidays_and_weekdays() -> None:
    dates = {
        date(2026, 12, 25): hours(["10:00-12:00"]),
        date(2026, 12, 28): CLOSED,
        date(2027, 1, 2): hours(["09:00-10:00"]),
    }
    calendar = Calendar(BERLIN, OFFICE, ("DE",), dates)
    assert calendar.between(at("2026-12-25 00:00"), at("2026-12-26 00:00")) == 2 * HOUR
    assert calendar.between(at("2026-12-28 00:00"), at("2026-12-29 00:00")) == 0
    assert calendar.between(at("2027-01-02 00:00"), at("2027-01-03 00:00")) == HOUR


def test_hours_that_meet_across_days_count_once() -> None:
    """The night runs into a Sunday that opens early, by way of exception."""
    dates = {date(2026, 11, 29): hours(["05:00-09:00"])}
    calendar = Calendar(BERLIN, week({"sat": ["22:00-06:00"]}), (), dates)
    assert calendar.between(at("2026-11-28 12:00"), at("2026-11-29 12:00")) == 11 * HOUR


def test_a_calendar_that_never_opens_again() -> None:
    fair = {date(2026, 12, 5): hours(["10:00-16:00"]), date(2026, 12, 6): hours(["22:00-01:00"])}
    calendar = Calendar(BERLIN, (CLOSED,) * 7, (), fair)
    assert shown(calendar.add(at("2020-01-01 00:00"), 9 * HOUR)) == "Mon 2026-12-07 01:00"
    assert calendar.add(at("2026-12-05 11:00"), 9 * HOUR) is None
    assert calendar.add(at("2026-12-08 00:00"), MINUTE) is None
    assert calendar.add(at("2999-12-08 00:00"), MINUTE) is None
    assert calendar.between(at("2020-01-01 00:00"), at("2999-01-01 00:00")) == 9 * HOUR


def test_a_calendar_that_never_opens_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="it is never open"):
        Calendar(BERLIN, (CLOSED,) * 7, (), {date(2026, 12, 5): CLOSED})


def test_any_time_may_be_asked_for() -> None:
    calendar = Calendar(BERLIN, OFFICE)
    first, last = moments.parse("0001-01-01T00:00:00Z"), moments.parse("9999-12-31T23:59:59Z")
    assert calendar.add(last, HOUR) is None
    assert calendar.add(first, HOUR) is not None
    assert calendar.between(last - HOUR, last) == 0
    week_long = calendar.between(at("2026-11-23 00:00"), at("2026-11-30 00:00"))
    assert week_long == 36 * HOUR


def test_without_a_calendar_all_time_counts() -> None:
    assert Always().between(5, 12) == 7
    assert Always().between(12, 5) == 0
    assert Always().add(5, 7) == 12
    assert Always().add(5, -7) == 5


@pytest.mark.parametrize(
    ("region", "wrong"),
    [
        ("XX", '"XX" is not a country whose holidays are known'),
        ("DE-XX", '"XX" is not a subdivision of DE, which has '),
        ("DE-", '"" is not a subdivision of DE, which has '),
    ],
)
def test_regions_that_are_not_known(region: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}"):
        check_region(region)
    check_region("DE-BY")
    check_region("GB")
