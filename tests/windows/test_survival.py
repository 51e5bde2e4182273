"""Forecasts by survival: chances from counts, and the score of them."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.windows.kinds import NOTHING
from streams.windows.levels import Level
from streams.windows.survival import ALL, CELL_BITS, Brier, Expected, bucket_of, share

MINUTE, NOW = 60_000_000, 1_800_000_000
EXPECTED, BRIER = Expected("hour"), Brier("hour")
CHAT, MAIL = 1 << CELL_BITS, 2 << CELL_BITS


def slots(kind: Level, *values: Any) -> Counter[int]:
    found: Counter[int] = Counter()
    for value in values:
        for slot, number in kind.additions(value):
            found[slot] += number
    return found


def ended(number: int, cell: int, left: int | None) -> tuple[int, int, None, int]:
    """With so many minutes left; None: with none."""
    return (number, cell, None, -1 if left is None else left * MINUTE)


def runs(number: int, cell: int, left: int) -> tuple[int, int, int, None]:
    return (number, cell, NOW * 1_000_000 + left * MINUTE, None)


def chance(cell: int, left: int, *history: Any) -> float:
    figure = EXPECTED.figure_at(slots(EXPECTED, *history, runs(1, cell, left)), NOW)
    assert figure["count"] == 1
    assert isinstance(figure["value"], float)
    return figure["value"]


def test_the_less_time_is_left_the_fewer_that_had_as_little_made_it() -> None:
    """Of 1,000 with an hour 600 were answered at once and 300 shortly before the end; 100 were missed."""
    history = (ended(600, CHAT, 58), ended(300, CHAT, 5), ended(100, CHAT, None))
    assert chance(CHAT, 60, *history) == pytest.approx(0.1, abs=0.002)
    assert chance(CHAT, 30, *history) == pytest.approx(0.25, abs=0.005)
    assert chance(CHAT, 2, *history) > 0.97
    assert chance(CHAT, -3, *history) > 0.97, "nobody has told yet that it is over"


def test_a_cell_of_which_little_is_known_leans_on_wider_ones() -> None:
    """All chats are answered in time; of mails none, but for few at this hour."""
    history = (ended(1_000, CHAT, 30), ended(1_000, MAIL, None), ended(2, MAIL + 5, 30))
    assert chance(CHAT, 60, *history) < 0.02
    assert chance(CHAT + 7, 60, *history) < 0.02, "an hour without any leans on all chats"
    assert chance(MAIL + 7, 60, *history) > 0.98
    assert 0.7 < chance(MAIL + 5, 60, *history) < 0.9
    assert chance(3 << CELL_BITS, 60, *history) == pytest.approx(0.5, abs=0.01), "and another channel on all"


def test_expected_are_as_many_as_the_chances_add_up_to() -> None:
    history = (ended(90, CHAT, 30), ended(10, CHAT, None))
    figure = EXPECTED.figure_at(slots(EXPECTED, *history, runs(4, CHAT, 60), runs(1, CHAT, 10)), NOW)
    chances = 4 * chance(CHAT, 60, *history) + chance(CHAT, 10, *history)
    assert figure == {"value": pytest.approx(chances), "count": 5}


def test_what_has_gone_is_expected_no_more() -> None:
    history = (ended(90, CHAT, 30), ended(10, CHAT, None))
    assert EXPECTED.figure_at(slots(EXPECTED, *history, runs(1, CHAT, 9), runs(-1, CHAT, 9)), NOW) is NOTHING


def test_without_a_history_there_is_no_forecast() -> None:
    few = slots(EXPECTED, runs(5, CHAT, 10), ended(19, CHAT, 5))
    assert EXPECTED.figure_at(few, NOW) is NOTHING
    assert EXPECTED.figure(few) == {"value": None, "count": 5}
    assert EXPECTED.figure_at(few + slots(EXPECTED, ended(1, CHAT, None)), NOW)["count"] == 5
    assert BRIER.figure(slots(BRIER, (19, CHAT, True))) is NOTHING


def test_the_score_is_that_of_forecasts_by_all_others() -> None:
    told = (
        [(CHAT + 1, False)] * 12 + [(CHAT + 2, True)] * 3 + [(MAIL + 1, True)] * 8 + [(MAIL + 1, False)] * 2
    )
    errors = []
    for place, (cell, missed) in enumerate(told):
        others = told[:place] + told[place + 1 :]
        circles = [
            others,
            [each for each in others if each[0] >> CELL_BITS == cell >> CELL_BITS],
            [each for each in others if each[0] == cell],
        ]
        forecast = share((sum(missed for _, missed in circle), len(circle)) for circle in circles)
        errors.append((missed - forecast) ** 2)
    figure = BRIER.figure_at(slots(BRIER, *((1, cell, missed) for cell, missed in told)), NOW)
    assert figure == {"value": pytest.approx(sum(errors) / len(errors)), "count": 25}


def test_cells_that_tell_outcomes_apart_score_better_than_those_that_do_not() -> None:
    apart = slots(BRIER, (500, CHAT, False), (500, MAIL, True))
    alike = slots(BRIER, *((250, cell, missed) for cell in (CHAT, MAIL) for missed in (True, False)))
    good, mere = BRIER.figure(apart)["value"], BRIER.figure(alike)["value"]
    assert good is not None and mere is not None
    assert good < 0.001
    assert mere == pytest.approx(0.25, abs=0.005)


def test_buckets_are_in_the_order_of_what_is_left_and_a_quarter_wide_at_most() -> None:
    lowest = [next(m for m in range(1 << 16) if bucket_of(m) == bucket) for bucket in range(40)]
    assert all(below < above for below, above in pairwise(lowest))
    assert all((above - below) * 4 <= below + 4 for below, above in pairwise(lowest))
    assert bucket_of(-5) == bucket_of(0) == 0
    assert bucket_of((1 << 26) - 1) < 127


cells = st.integers(0, (1 << 24) - 1)


@given(
    st.lists(st.tuples(st.integers(1, 40), cells, st.none() | st.integers(0, 10**5)), min_size=20),
    st.lists(st.tuples(st.integers(1, 3), cells, st.integers(-100, 10**5)), min_size=1),
    st.randoms(use_true_random=False),
)
def test_figures_depend_on_no_order(history: Any, running: Any, chance: Any) -> None:
    values = [*(ended(*each) for each in history), *(runs(*each) for each in running)]
    first = EXPECTED.figure_at(slots(EXPECTED, *values), NOW)
    chance.shuffle(values)
    assert EXPECTED.figure_at(slots(EXPECTED, *values), NOW) == first
    assert first["value"] is not None
    assert 0 < first["value"] < first["count"] == sum(number for number, _, _ in running)
    assert all(0 <= slot << 8 < 1 << 63 for slot in slots(EXPECTED, *values))


def test_no_group_is_taken_for_all() -> None:
    assert chance(0, 60, ended(30, 0, 30)) < 0.1
    assert ALL < 0
