"""Kinds of metric: how an observation becomes integers in a cell, and integers a figure.

A cell is a sparse vector of integers, slot -> number; cells add up, and what is taken back is added
with the opposite sign. So aggregates form a commutative group.
"""

from collections.abc import Mapping
from typing import Any, Protocol, Required, TypedDict

from streams.windows import sketch

MICRO = 1_000_000
BUCKETS = 2
LOW_BITS = 32
LOW = (1 << LOW_BITS) - 1
PERCENTS = (50, 90, 95, 99)
NO_SUMS: frozenset[int] = frozenset()
Slots = Mapping[int, int]
Additions = tuple[tuple[int, int], ...]


class Figure(TypedDict, total=False):
    """A figure as it is published; only the fields of its kind are there."""

    value: Required[float | int | None]
    count: Required[int]
    numerator: int
    denominator: int
    sum: float
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    counts: dict[str, int]


NOTHING: Figure = {"value": None, "count": 0}
"A figure that nothing stands behind any more."


class Kind(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def few(self) -> bool:
        """Whether observations take few values, so that what each adds may be kept."""

    def additions(self, value: Any) -> Additions:
        """What an observation adds to its metric's slots; nothing where it makes no sense."""

    @property
    def sums(self) -> frozenset[int]:
        """The slots that don't say how many."""

    def figure(self, slots: Slots) -> Figure:
        """The figure of a metric's slots; NOTHING where there is nothing to divide by."""


class Count:
    """How many; an observation's value is how many it stands for."""

    name = "count"
    few = True
    sums = NO_SUMS

    def additions(self, value: int) -> Additions:
        return ((0, value),)

    def figure(self, slots: Slots) -> Figure:
        count = slots.get(0, 0)
        return {"value": count, "count": count} if count else NOTHING


class Ratio:
    """A share; an observation's value says whether it is in the numerator too."""

    name = "ratio"
    few = True
    sums = NO_SUMS

    def additions(self, value: bool) -> Additions:
        return ((0, 1), (1, 1)) if value else ((0, 1),)

    def figure(self, slots: Slots) -> Figure:
        denominator, numerator = slots.get(0, 0), slots.get(1, 0)
        if not denominator:
            return NOTHING
        return {
            "value": numerator / denominator,
            "count": denominator,
            "numerator": numerator,
            "denominator": denominator,
        }


class Distribution:
    """Durations in microseconds, published in seconds.

    Slots 0 and 1 are the sum, its lower 32 bits apart from the rest so that neither outgrows an integer of
    64 bits; slot BUCKETS + b is bucket b. A negative duration is an anomaly: no observation.
    """

    name = "distribution"
    few = False
    sums = frozenset({0, 1})

    def additions(self, value: int) -> Additions:
        if value < 0:
            return ()
        bucket = (BUCKETS + sketch.bucket(value), 1)
        if value <= LOW:
            return ((0, value), bucket)
        return ((0, value & LOW), (1, value >> LOW_BITS), bucket)

    def figure(self, slots: Slots) -> Figure:
        buckets = dict(slots)
        total = buckets.pop(0, 0) + (buckets.pop(1, 0) << LOW_BITS)
        count = sum(buckets.values())
        if not count:
            return NOTHING
        mean = total / (count * MICRO)
        p50, p90, p95, p99 = sketch.quantiles(buckets, count, PERCENTS)
        return {
            "value": mean,
            "count": count,
            "sum": total / MICRO,
            "mean": mean,
            "p50": sketch.middle(p50 - BUCKETS) / MICRO,
            "p90": sketch.middle(p90 - BUCKETS) / MICRO,
            "p95": sketch.middle(p95 - BUCKETS) / MICRO,
            "p99": sketch.middle(p99 - BUCKETS) / MICRO,
        }


class Balance:
    """Answers in named classes, each with a weight; the value is 100 x their mean weight (as in NPS)."""

    name = "balance"
    few = True
    sums = NO_SUMS

    def __init__(self, **weights: int) -> None:
        self.classes = tuple(weights)
        self._weights = tuple(weights.values())

    def additions(self, value: str) -> Additions:
        return ((self.classes.index(value), 1),)

    def figure(self, slots: Slots) -> Figure:
        counts = {name: slots.get(slot, 0) for slot, name in enumerate(self.classes)}
        denominator = sum(counts.values())
        if not denominator:
            return NOTHING
        numerator = sum(map(int.__mul__, counts.values(), self._weights))
        return {
            "value": 100 * numerator / denominator,
            "count": denominator,
            "numerator": numerator,
            "denominator": denominator,
            "counts": counts,
        }
