"""Kinds of metric: how an observation becomes integers in a cell, and integers a figure.

A cell is a sparse vector of integers, slot -> number; cells add up, and what is taken back is added
with the opposite sign. So aggregates form a commutative group.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Required, TypedDict

from streams.windows import intervals, sketch
from streams.windows.intervals import Interval
from streams.windows.vector import ranked

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
    low: float
    high: float
    soonest: int


_SECONDS: dict[int, float] = {}
"By bucket: there are at most 64 for each bit of a number."

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

    def interval(self, slots: Slots) -> Interval | None:
        """Where the true value lies in 95 of 100 cases; None where that can't be told."""


class Count:
    """How many; an observation's value is how many it stands for."""

    name: ClassVar[str] = "count"
    few: ClassVar[bool] = True
    sums: ClassVar[frozenset[int]] = NO_SUMS

    def additions(self, value: int) -> Additions:
        return ((0, value),)

    def figure(self, slots: Slots) -> Figure:
        count = slots.get(0, 0)
        return {"value": count, "count": count} if count else NOTHING

    def interval(self, slots: Slots) -> Interval | None:
        return None


class Ratio:
    """A share; an observation's value says whether it is in the numerator too."""

    name: ClassVar[str] = "ratio"
    few: ClassVar[bool] = True
    sums: ClassVar[frozenset[int]] = NO_SUMS

    def additions(self, value: object) -> Additions:
        return ((0, 1), (1, 1)) if value else ((0, 1),)

    def figure(self, slots: Slots) -> Figure:
        denominator, numerator = slots.get(0, 0), slots.get(1, 0)
        if not denominator:
            return NOTHING
        figure: Figure = {
            "value": numerator / denominator,
            "count": denominator,
            "numerator": numerator,
            "denominator": denominator,
        }
        return _between(figure, self.interval(slots))

    def interval(self, slots: Slots) -> Interval | None:
        return intervals.of_share(slots.get(1, 0), slots.get(0, 0))


class Distribution:
    """Durations in microseconds, published in seconds.

    Slots 0 and 1 are the sum, its lower 32 bits apart from the rest so that neither outgrows an integer of
    64 bits; slot BUCKETS + b is bucket b. A negative duration is an anomaly: no observation.
    """

    name: ClassVar[str] = "distribution"
    few: ClassVar[bool] = False
    sums: ClassVar[frozenset[int]] = frozenset({0, 1})

    def additions(self, value: int) -> Additions:
        if value < 0:
            return ()
        bucket = (BUCKETS + sketch.bucket(value), 1)
        if value <= LOW:
            return ((0, value), bucket)
        return (*_halves(value), bucket)

    def figure(self, slots: Slots) -> Figure:
        count, found = ranked(slots, BUCKETS, PERCENTS)
        if count <= 0:
            return NOTHING
        total = slots.get(0, 0) + (slots.get(1, 0) << LOW_BITS)
        return spread(total, count, [_seconds(bucket - BUCKETS) for bucket in found])

    def interval(self, slots: Slots) -> Interval | None:
        """An estimate, since all of a bucket are taken for its middle: at most 1/128 off. Never below 0."""
        buckets = dict(slots)
        _joined(buckets)
        doubled = intervals.of_mean(
            (sketch.lowest(slot - BUCKETS) + sketch.lowest(slot - BUCKETS + 1) - 1, number)
            for slot, number in buckets.items()
        )
        return None if doubled is None else (max(0.0, doubled[0] / 2 / MICRO), doubled[1] / 2 / MICRO)


class Scores:
    """Scores in millionths, of any sign; an observation's value is (score, what it counts as).

    Sums are of the scores themselves, exactly. The counts tell apart what scores count as: it is the metric's
    part to keep these few. Slots 0 and 1 are the sum as in `Distribution`, those above count.
    """

    name: ClassVar[str] = "scores"
    few: ClassVar[bool] = False
    sums: ClassVar[frozenset[int]] = frozenset({0, 1})

    def additions(self, value: tuple[int, int]) -> Additions:
        score, counted = value
        return (*_halves(score), (BUCKETS + (counted << 1 if counted >= 0 else ~(counted << 1)), 1))

    def figure(self, slots: Slots) -> Figure:
        parts = dict(slots)
        total = _joined(parts)
        count = sum(parts.values())
        if count <= 0:
            return NOTHING
        numbers = _counted(parts)
        found = sketch.quantiles(numbers, count, PERCENTS)
        figure = spread(total, count, [score / MICRO for score in found])
        figure["counts"] = {millionths_text(score): number for score, number in sorted(numbers.items())}
        return _between(figure, self.interval(slots))

    def interval(self, slots: Slots) -> Interval | None:
        parts = dict(slots)
        _joined(parts)
        between = intervals.of_mean(_counted(parts).items())
        return None if between is None else (between[0] / MICRO, between[1] / MICRO)


class Balance:
    """Answers in named classes, each with a weight; the value is 100 x their mean weight (as in NPS)."""

    name: ClassVar[str] = "balance"
    few: ClassVar[bool] = True
    sums: ClassVar[frozenset[int]] = NO_SUMS

    def __init__(self, **weights: int) -> None:
        self.classes = tuple(weights)
        self._weights = tuple(weights.values())

    def additions(self, value: str) -> Additions:
        return ((self.classes.index(value), 1),)

    def figure(self, slots: Slots) -> Figure:
        counts = self._counts(slots)
        denominator = sum(counts.values())
        if not denominator:
            return NOTHING
        numerator = sum(map(int.__mul__, counts.values(), self._weights))
        figure: Figure = {
            "value": 100 * numerator / denominator,
            "count": denominator,
            "numerator": numerator,
            "denominator": denominator,
            "counts": counts,
        }
        return _between(figure, self.interval(slots))

    def interval(self, slots: Slots) -> Interval | None:
        counts = self._counts(slots).values()
        between = intervals.of_balance(zip(self._weights, counts, strict=True), sum(counts))
        return None if between is None else (100.0 * between[0], 100.0 * between[1])

    def _counts(self, slots: Slots) -> dict[str, int]:
        return {name: slots.get(slot, 0) for slot, name in enumerate(self.classes)}


def spread(total: int, count: int, percentiles: list[float]) -> Figure:
    """How `count` values lie that sum up to `total` millionths; their percentiles are those of PERCENTS."""
    mean = total / (count * MICRO)
    p50, p90, p95, p99 = percentiles
    return {
        "value": mean,
        "count": count,
        "sum": total / MICRO,
        "mean": mean,
        "p50": p50,
        "p90": p90,
        "p95": p95,
        "p99": p99,
    }


def millionths_text(number: int) -> str:
    """As a decimal number without needless digits: 4, 4.5, -0.25."""
    whole, part = divmod(abs(number), MICRO)
    digits = f"{whole}.{part:06}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{digits}" if number < 0 else digits


def _seconds(bucket: int) -> float:
    """Those in the middle of a bucket."""
    seconds = _SECONDS.get(bucket)
    if seconds is None:
        seconds = _SECONDS[bucket] = sketch.middle(bucket) / MICRO
    return seconds


def _halves(total: int) -> Additions:
    """A sum as two slots, its lower 32 bits apart from the rest (which is negative where the sum is)."""
    return ((0, total & LOW), (1, total >> LOW_BITS))


def _joined(slots: dict[int, int]) -> int:
    """Takes the sum out of slots."""
    return slots.pop(0, 0) + (slots.pop(1, 0) << LOW_BITS)


def _counted(slots: Slots) -> dict[int, int]:
    """How many of what scores count as, from the slots above their sum."""
    return {(place >> 1 ^ -(place & 1)): n for slot, n in slots.items() for place in (slot - BUCKETS,)}


def _between(figure: Figure, between: Interval | None) -> Figure:
    if between is not None:
        figure["low"], figure["high"] = between
    return figure
