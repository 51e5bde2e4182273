"""Intervals: known ones, and that they hold what they should."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.windows import intervals

COUNTS = st.integers(0, 10_000)


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        (8, 10, 0.490162, 0.943318),
        (0, 10, 0.0, 0.277533),
        (10, 10, 0.722467, 1.0),
        (1, 1, 0.206549, 1.0),
        (81, 263, 0.255266, 0.366202),  # Newcombe, Statistics in Medicine 17 (1998), table I
        (15, 148, 0.062386, 0.160505),
    ],
)
def test_shares(numerator: int, denominator: int, low: float, high: float) -> None:
    assert intervals.of_share(numerator, denominator) == pytest.approx((low, high), abs=1e-4)


@given(COUNTS, COUNTS)
def test_the_interval_of_a_share_holds_it_and_lies_within_0_and_1(met: int, missed: int) -> None:
    found = intervals.of_share(met, met + missed)
    if found is None:
        assert met + missed == 0
    else:
        assert 0 <= found[0] <= met / (met + missed) <= found[1] <= 1


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 0), (3, 2), (-1, 2), (0, -1)])
def test_what_is_no_share_has_no_interval(numerator: int, denominator: int) -> None:
    assert intervals.of_share(numerator, denominator) is None


def test_a_balance() -> None:
    """40 promoters, 40 passives, 20 detractors: 0.2 with a variance of (0.6 - 0.04) / 100."""
    found = intervals.of_balance([(1, 40), (0, 40), (-1, 20)], 100)
    assert found == pytest.approx((0.2 - 0.146670, 0.2 + 0.146670), abs=1e-6)


def test_a_balance_stays_within_its_weights() -> None:
    assert intervals.of_balance([(1, 3), (0, 1), (-1, 0)], 4) == pytest.approx((0.325648, 1.0), abs=1e-5)
    assert intervals.of_balance([(1, 0), (0, 0), (-1, 0)], 0) is None


def test_a_mean() -> None:
    assert intervals.of_mean([(n, 1) for n in (1, 2, 3, 4, 5)]) == pytest.approx(
        (3 - 1.385904, 3 + 1.385904), abs=1e-6
    )
    assert intervals.of_mean([(7, 1)]) is None
    assert intervals.of_mean([]) is None
    assert intervals.of_mean([(7, 9)]) == (7, 7)


def test_95_of_100_intervals_hold_the_true_share() -> None:
    chance, held = random.Random(1), 0
    for _ in range(4000):
        found = intervals.of_share(sum(chance.random() < 0.85 for _ in range(60)), 60)
        assert found is not None
        held += found[0] <= 0.85 <= found[1]
    assert held / 4000 == pytest.approx(0.95, abs=0.015)
