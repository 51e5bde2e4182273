"""Kinds of metric: observations as integers that add up, and the figures of the sums."""

import math
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.catalogue import CATALOGUE
from streams.windows.kinds import (
    NOTHING,
    Balance,
    Count,
    Distribution,
    Figure,
    Kind,
    Ratio,
    Scores,
    millionths_text,
)
from streams.windows.vector import WIDTH
from tests.windows.observed import some_value

MOODS = ("happy", "calm", "sad")
BALANCE = Balance(happy=1, calm=0, sad=-1)
DURATIONS = st.integers(0, 10**13)
SCORES = st.integers(-(10**15), 10**15)

KINDS: list[tuple[Kind, Any]] = [
    (Count(), st.integers(1, 5)),
    (Ratio(), st.booleans()),
    (Distribution(), DURATIONS),
    (BALANCE, st.sampled_from(MOODS)),
    (Scores(), st.tuples(SCORES, SCORES)),
]
KIND_IDS = [kind.name for kind, _ in KINDS]


def slots(kind: Kind, values: list[Any], sign: int = 1) -> Counter[int]:
    found: Counter[int] = Counter()
    for value in values:
        for slot, number in kind.additions(value):
            found[slot] += sign * number
    return found


def added(*parts: Counter[int]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for part in parts:
        for slot, number in part.items():
            total[slot] += number
    return {slot: number for slot, number in total.items() if number}


def without_interval(figure: Figure) -> dict[str, Any]:
    return {name: value for name, value in figure.items() if name not in ("low", "high")}


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=KIND_IDS)
def test_aggregates_are_a_commutative_group(kind: Kind, values: Any) -> None:
    @given(st.lists(values, max_size=20), st.lists(values, max_size=20), st.randoms())
    def law(one: list[Any], other: list[Any], chance: Any) -> None:
        a, b = slots(kind, one), slots(kind, other)
        mixed = one + other
        chance.shuffle(mixed)
        assert added(a, b) == added(b, a) == added(slots(kind, mixed))
        assert added(a, slots(kind, one, -1)) == {}
        assert kind.figure(added(a, b, slots(kind, other, -1))) == kind.figure(added(a))

    law()


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=KIND_IDS)
def test_what_is_added_are_integers(kind: Kind, values: Any) -> None:
    @given(values)
    def law(value: Any) -> None:
        assert all(type(part) is int for addition in kind.additions(value) for part in addition)

    law()


@pytest.mark.parametrize("kind", [kind for kind, _ in KINDS], ids=KIND_IDS)
def test_with_nothing_to_divide_by_there_is_no_value(kind: Kind) -> None:
    assert kind.figure({}) is NOTHING
    assert dict(NOTHING) == {"value": None, "count": 0}


@given(st.lists(st.integers(1, 5), min_size=1))
def test_count(values: list[int]) -> None:
    assert Count().figure(slots(Count(), values)) == {"value": sum(values), "count": sum(values)}


@given(st.lists(st.booleans(), min_size=1))
def test_ratio(values: list[bool]) -> None:
    figure = Ratio().figure(slots(Ratio(), values))
    assert figure["low"] <= figure["value"] <= figure["high"]  # type: ignore[operator]
    assert without_interval(figure) == {
        "value": float(Fraction(sum(values), len(values))),
        "count": len(values),
        "numerator": sum(values),
        "denominator": len(values),
    }


@given(st.lists(DURATIONS, min_size=1, max_size=50))
def test_distribution(values: list[int]) -> None:
    figure = Distribution().figure(slots(Distribution(), values))
    assert figure["count"] == len(values)
    assert figure["sum"] == sum(values) / 1_000_000
    assert figure["value"] == figure["mean"]
    assert figure["mean"] == pytest.approx(sum(values) / len(values) / 1_000_000, abs=1e-6)
    for percent, name in ((50, "p50"), (90, "p90"), (95, "p95"), (99, "p99")):
        exact = sorted(values)[math.ceil(percent * len(values) / 100) - 1]
        assert figure[name] == pytest.approx(exact / 1_000_000, rel=0.01)  # type: ignore[literal-required]


def test_a_negative_duration_is_no_observation() -> None:
    assert Distribution().additions(-1) == ()
    assert Distribution().additions(0) != ()


def test_a_duration_of_zero_is_one() -> None:
    figure = Distribution().figure(slots(Distribution(), [0, 0, 0]))
    assert (figure["count"], figure["mean"], figure["p50"], figure["p99"]) == (3, 0, 0, 0)


@given(st.lists(st.sampled_from(MOODS), min_size=1))
def test_balance(values: list[str]) -> None:
    figure = BALANCE.figure(slots(BALANCE, values))
    numerator = values.count("happy") - values.count("sad")
    assert -100 <= figure["low"] <= figure["value"] <= figure["high"] <= 100  # type: ignore[operator]
    assert without_interval(figure) == {
        "value": float(Fraction(100 * numerator, len(values))),
        "count": len(values),
        "numerator": numerator,
        "denominator": len(values),
        "counts": {name: values.count(name) for name in MOODS},
    }


def test_a_balance_of_nought_is_nought_and_not_nothing() -> None:
    figure = BALANCE.figure(slots(BALANCE, ["happy", "sad"]))
    assert (figure["value"], figure["count"]) == (0, 2)


def of_scores(*scores: float) -> Figure:
    """The figure of scores that count as what they are."""
    return Scores().figure(slots(Scores(), [(round(score * 1e6),) * 2 for score in scores]))


def test_scores() -> None:
    assert of_scores(4, 5, 4.5, 1, 1) == {
        "value": 3.1,
        "count": 5,
        "sum": 15.5,
        "mean": 3.1,
        "p50": 4.0,
        "p90": 5.0,
        "p95": 5.0,
        "p99": 5.0,
        "counts": {"1": 2, "4": 1, "4.5": 1, "5": 1},
        "low": pytest.approx(1.3913, abs=1e-4),
        "high": pytest.approx(4.8087, abs=1e-4),
    }


def test_a_single_score_has_no_interval() -> None:
    assert of_scores(4).keys().isdisjoint({"low", "high"})


@given(st.lists(st.tuples(SCORES, st.integers(-3, 3)), min_size=1, max_size=50))
def test_scores_are_summed_exactly_whatever_they_count_as(values: list[tuple[int, int]]) -> None:
    figure = Scores().figure(slots(Scores(), values))
    assert figure["sum"] == sum(score for score, _ in values) / 1_000_000
    assert figure["count"] == sum(figure["counts"].values()) == len(values)
    assert len(figure["counts"]) <= 7


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (5_000_000, "5"),
        (10_000_000, "10"),
        (4_500_000, "4.5"),
        (4_111_111, "4.111111"),
        (-250_000, "-0.25"),
        (-3_000_000, "-3"),
        (1, "0.000001"),
    ],
)
def test_scores_are_told_without_needless_digits(number: int, text: str) -> None:
    assert millionths_text(number) == text


def test_the_interval_of_a_mean_duration() -> None:
    """Of 60, 120 and 180 s: a mean of 120 s and a standard deviation of 60 s."""
    kind = Distribution()
    low, high = kind.interval(slots(kind, [60_000_000, 120_000_000, 180_000_000])) or (0, 0)
    assert (low, high) == (pytest.approx(120 - 67.9, rel=0.02), pytest.approx(120 + 67.9, rel=0.02))
    assert kind.interval(slots(kind, [60_000_000])) is None


@pytest.mark.parametrize("metric", CATALOGUE.metrics, ids=lambda metric: metric.name)
def test_a_metric_s_slots_are_its_own(metric: Any) -> None:
    """A slot has 64 bits with the metric's number: also that of the longest duration there can be."""
    slots_ = [slot for slot, _ in metric.kind.additions(some_value(metric.kind))]
    assert slots_
    assert all(0 <= slot < 1 << 63 - WIDTH for slot in slots_)
