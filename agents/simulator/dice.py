"""Chance, as a simulation needs it: the same seed gives the same throws."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from math import exp
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")

MILLISECOND = 1000
"Times are whole milliseconds, as most systems write them."


class Weighted(Generic[T]):
    """Options of which some come up more often than others."""

    __slots__ = ("_bounds", "_options", "_total")

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._options = tuple(weights)
        self._bounds = list(accumulate(weights.values()))[:-1]
        self._total = sum(weights.values())

    def pick(self, dice: Random) -> T:
        return self._options[bisect(self._bounds, dice.random() * self._total)]


class Dice(Random):
    """Throws of one simulation."""

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def one_of(self, options: tuple[T, ...]) -> T:
        return options[int(self.random() * len(options))]

    def about(self, median: float, spread: float = 0.5) -> float:
        """Near the median, half of the time above it, now and then far above: as delays are."""
        return median * exp(self.gauss(0.0, spread))

    def span(self, median_seconds: float, spread: float = 0.5) -> int:
        """A delay in microseconds, at least a millisecond."""
        seconds = median_seconds * exp(self.gauss(0.0, spread))
        return (int(seconds * 1000) + 1) * MILLISECOND

    def gap(self, per_second: float) -> int:
        """Microseconds to the next of things that happen at that rate, independently of each other."""
        return int(self.expovariate(per_second) * 1000) * MILLISECOND
