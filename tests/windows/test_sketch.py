"""Buckets: within 1 %, pure in the value, in order, zero apart."""

import math

from hypothesis import given
from hypothesis import strategies as st

from streams.windows.sketch import bucket, middle, quantiles

VALUES = st.integers(0, 2**62)
NEAR = st.integers(0, 61).flatmap(lambda bits: st.integers(-3, 3).map(lambda off: max(0, (1 << bits) + off)))


@given(VALUES | NEAR)
def test_the_middle_of_a_bucket_is_within_one_percent_of_its_values(value: int) -> None:
    assert abs(middle(bucket(value)) - value) <= 0.01 * value


@given(VALUES | NEAR, VALUES | NEAR)
def test_buckets_are_in_the_order_of_values(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert bucket(low) <= bucket(high)
    assert middle(bucket(low)) <= middle(bucket(high))


def test_neighbours_fall_into_the_same_or_the_next_bucket() -> None:
    steps = {bucket(value + 1) - bucket(value) for value in range(20_000)}
    assert steps == {0, 1}


def test_small_values_are_exact_and_zero_is_apart() -> None:
    assert [middle(bucket(value)) for value in range(128)] == list(range(128))
    assert [value for value in range(10_000) if bucket(value) == bucket(0)] == [0]


def test_a_bucket_is_the_same_for_ever() -> None:
    """State that was written once is read with these numbers."""
    known = {0: 0, 1: 1, 127: 127, 128: 128, 129: 128, 130: 129, 3_600_000_000: 1707, 10**15: 2865}
    assert {value: bucket(value) for value in known} == known


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=60))
def test_a_quantile_is_the_value_of_its_rank(values: list[int]) -> None:
    buckets: dict[int, int] = {}
    for value in values:
        buckets[bucket(value)] = buckets.get(bucket(value), 0) + 1
    percents = (1, 50, 90, 95, 99, 100)
    found = quantiles(buckets, len(values), percents)
    for percent, index in zip(percents, found, strict=True):
        exact = sorted(values)[math.ceil(percent * len(values) / 100) - 1]
        assert index == bucket(exact)


@given(st.lists(VALUES), st.lists(VALUES))
def test_how_values_are_spread_over_sketches_makes_no_difference(one: list[int], other: list[int]) -> None:
    """Buckets follow from values alone, so that adding sketches up is the sketch of all."""
    assert sorted(map(bucket, one + other)) == sorted([*map(bucket, one), *map(bucket, other)])
