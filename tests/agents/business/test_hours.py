"""Opening hours as they are written, and what is said of wrong ones."""

import re

import pytest

from agents.business.hours import CLOSED, hours, text, week
from streams.moments import DAY, HOUR, MINUTE


def test_several_spans_a_day_in_any_order() -> None:
    assert hours(["13:00-17:30", "08:00 - 12:00"]) == (
        (8 * HOUR, 12 * HOUR),
        (13 * HOUR, 17 * HOUR + 30 * MINUTE),
    )


def test_an_end_before_the_start_is_on_the_next_day() -> None:
    assert hours(["22:00-06:00"]) == ((22 * HOUR, DAY + 6 * HOUR),)
    assert hours(["18:00-00:00"]) == hours(["18:00-24:00"]) == ((18 * HOUR, DAY),)


def test_days_are_named_alone_or_from_one_to_another() -> None:
    days = week({"mon-wed": ["08:00-12:00"], "sat-sun": ["10:00-11:00"]})
    assert days[0] == days[1] == days[2] == hours(["08:00-12:00"])
    assert days[3] == days[4] == CLOSED
    assert days[5] == days[6] == hours(["10:00-11:00"])
    assert week({"sat-mon": ["10:00-11:00"]})[0] == hours(["10:00-11:00"])


@pytest.mark.parametrize("written", ["00:00-24:00", "08:15-12:00", "22:00-06:00", "18:00-24:00"])
def test_a_span_is_written_as_it_was_read(written: str) -> None:
    assert text(hours([written])[0]) == written


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ({"mon": ["8-12"]}, '"8-12" is not a span of time'),
        ({"mon": ["08:60-12:00"]}, '"08:60-12:00" is not a span of time'),
        ({"mon": ["08:00-25:00"]}, '"08:00-25:00" is not a span of time'),
        ({"mon": ["08:00-08:00"]}, '"08:00-08:00" is empty; a whole day is "00:00-24:00"'),
        ({"mon": ["24:00-06:00"]}, '"24:00-06:00" is not a span of time'),
        ({"mon": ["08:00-12:00", "11:00-13:00"]}, "08:00-12:00 and 11:00-13:00 overlap"),
        ({"mon": ["22:00-06:00", "23:00-24:00"]}, "22:00-06:00 and 23:00-24:00 overlap"),
        ({"mon": ["22:00-06:00"], "tue": ["05:00-09:00"]}, "mon 22:00-06:00 and tue 05:00-09:00 overlap"),
        ({"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]}, "sun 22:00-06:00 and mon 05:00-09:00 overlap"),
        ({"mon-fri": ["08:00-12:00"], "wed": []}, "wed has hours twice"),
        ({"monday": ["08:00-12:00"]}, '"monday" is not a weekday'),
        ({"mon-": ["08:00-12:00"]}, '"mon-" is not a weekday'),
    ],
)
def test_what_is_wrong_is_told(written: dict[str, list[str]], wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)) as caught:
        week(written)
    assert str(caught.value) == wrong
