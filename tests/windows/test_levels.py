"""Levels and ages: steps as integers that add up, and the figures of an instant."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.catalogue import Catalogue
from streams.windows.kinds import NOTHING, Count
from streams.windows.levels import Ages, Level, Longest, Remaining
from tests.stock import STOCKED, UNDER_WAY

MICRO, HOUR, NOW = 1_000_000, 3600, 1_800_000_000
LEVEL, AGES = Level("hour", "day"), Ages("hour", "day")


def of_ages(*seconds: float) -> dict[str, Any]:
    """The figure of those that have been there so long."""
    slots: Counter[int] = Counter()
    for age in seconds:
        for slot, number in AGES.additions((1, round((NOW - age) * MICRO))):
            slots[slot] += number
    return dict(AGES.figure_at(slots, NOW))


def test_a_level_is_how_many_have_come_less_those_that_went() -> None:
    slots: Counter[int] = Counter()
    for number in (1, 1, 3, -2):
        for slot, added in LEVEL.additions(number):
            slots[slot] += added
    assert LEVEL.figure_at(slots, NOW) == {"value": 3, "count": 3}
    assert LEVEL.figure_at({}, NOW) is NOTHING


def test_ages_are_told_as_a_distribution_in_seconds() -> None:
    assert of_ages(60, 120, 180) == {
        "value": 120.0, "count": 3, "sum": 360.0, "mean": 120.0,
        "p50": pytest.approx(120, abs=30), "p90": pytest.approx(180, abs=30),
        "p95": pytest.approx(180, abs=30), "p99": pytest.approx(180, abs=30),
    }  # fmt: skip
    assert of_ages() == NOTHING


def test_the_longest_is_the_age_of_the_oldest_that_is_there() -> None:
    kind, slots = Longest("hour"), Counter[int]()
    for number, age in ((1, 90.5), (1, 12), (1, 300), (1, 300.4), (-1, 300), (-1, 300.4)):
        for slot, added in kind.additions((number, round((NOW - age) * MICRO))):
            slots[slot] += added
    assert kind.figure_at(slots, NOW) == {"value": 91, "count": 2}
    assert kind.figure_at({}, NOW) is NOTHING
    assert kind.figure_at({NOW + 5: 1}, NOW) == {"value": 0, "count": 1}


def test_remaining_time_is_a_distribution_and_tells_the_soonest() -> None:
    kind, slots = Remaining("hour"), Counter[int]()
    for number, ahead in ((1, 600.5), (1, 90), (1, 1200), (1, 30), (-1, 30)):
        for slot, added in kind.additions((number, round((NOW + ahead) * MICRO))):
            slots[slot] += added
    assert kind.figure_at(slots, NOW) == {
        "value": 630.1666666666666, "count": 3, "sum": 1890.5, "mean": 630.1666666666666,
        "p50": pytest.approx(600, abs=30), "p90": pytest.approx(1200, abs=30),
        "p95": pytest.approx(1200, abs=30), "p99": pytest.approx(1200, abs=30),
        "soonest": 60,
    }  # fmt: skip
    assert kind.figure_at({}, NOW) is NOTHING


def test_an_end_that_has_passed_unknown_is_now() -> None:
    kind = Remaining("hour")
    slots = dict(kind.additions((1, (NOW - 600) * MICRO)))
    assert set(kind.figure_at(slots, NOW).values()) == {0, 1}


@given(st.lists(st.integers(0, 400 * 86400 * MICRO).map(lambda age: age / MICRO), min_size=1, max_size=40))
def test_counts_and_means_are_exact_and_quantiles_nearly(ages: list[float]) -> None:
    figure, micros = of_ages(*ages), [NOW * MICRO - round((NOW - age) * MICRO) for age in ages]
    assert figure["count"] == len(ages)
    assert figure["sum"] == sum(micros) / MICRO
    assert figure["mean"] == sum(micros) / (len(ages) * MICRO)
    for percent, name in ((50, "p50"), (90, "p90"), (95, "p95"), (99, "p99")):
        exact = sorted(micros)[math.ceil(percent * len(ages) / 100) - 1] / MICRO
        assert figure[name] == pytest.approx(exact, abs=30)
        assert exact < HOUR or figure[name] == pytest.approx(exact, rel=0.01)


@given(st.lists(st.tuples(st.sampled_from([1, -1]), st.integers(-(10**12), 4 * 10**15)), max_size=20))
def test_what_is_taken_back_is_gone(steps: list[tuple[int, int]]) -> None:
    slots: Counter[int] = Counter()
    for number, began in [*steps, *((-number, began) for number, began in steps)]:
        for slot, added in AGES.additions((number, began)):
            assert slot >= 0
            slots[slot] += added
    assert not any(slots.values())


def test_ages_without_an_instant_are_a_number_alone() -> None:
    assert AGES.figure(dict(AGES.additions((1, NOW * MICRO)))) == {"value": None, "count": 1}
    assert AGES.figure({}) is NOTHING


def test_a_family_of_levels_is_of_levels_told_at_the_same_times() -> None:
    every = ("hour", "day", "month")
    assert STOCKED.levels == {"stock": every, "stock_ages": ("day",), "waited_for": every}
    assert STOCKED.adjusted(frozenset(), frozenset({frozenset()})).levels == STOCKED.levels

    def of(*kinds: Any) -> Catalogue:
        named = [(f"m{number}", kind) for number, kind in enumerate(kinds)]
        return Catalogue((), tuple(replace(UNDER_WAY, name=name, kind=kind) for name, kind in named))

    assert of(Level("day", "month"), Ages("day", "month")).levels == {"stock": ("day", "month")}
    for kinds in ((Level("hour"), Count()), (Level("hour"), Level("day"))):
        with pytest.raises(ValueError, match="family 'stock' has m0, m1, expected either levels alone"):
            of(*kinds)


@pytest.mark.parametrize("shown", [None, frozenset[frozenset[str]](), frozenset({frozenset({"size"})})])
def test_levels_have_the_minutes_that_they_are_declared_with_whatever_is_looked_at(shown: Any) -> None:
    families = {family.name: family for family in STOCKED.adjusted(frozenset(), shown).families}
    for names in ((), ("size",)):
        assert not families["stock"].has_minutes(names)
        assert families["waited_for"].has_minutes(names)


def test_a_level_of_nothing_is_nothing_and_ages_of_nothing_are_undefined() -> None:
    """Published where there was something before, or where it is known."""
    began = NOW - 3600
    for kind, steps, gone in (
        (Level(), {0: -1}, {"value": 0, "count": 0}),
        (Longest(), {began: -1}, {"value": 0, "count": 0}),
        (Ages("day"), dict(AGES.additions((-1, began * MICRO))), NOTHING),
    ):
        assert kind.figure_of(steps, {}, NOW - HOUR, NOW, known=False) == gone
        assert kind.figure_of({}, {}, NOW - HOUR, NOW, known=False) is None
        assert kind.figure_of({}, {}, NOW - HOUR, NOW, known=True) == gone


@pytest.mark.parametrize("kind", [AGES, Remaining("hour"), Longest("hour")], ids=lambda kind: kind.name)
def test_while_more_went_than_came_nothing_is_told(kind: Any) -> None:
    slots = dict(kind.additions((-1, (NOW - 60) * MICRO)))
    assert kind.figure_at(slots, NOW) is NOTHING
