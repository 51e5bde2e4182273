"""What time it is at the broker, by the times that it gives to what is appended.

A worker's own clock may be wrong; what records and deadlines are judged by is the broker's. Times are in
microseconds since 1970, on the monotonic clock in seconds.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

MICRO = 1_000_000


class Bounds(NamedTuple):
    """The broker's time less the monotonic clock, by one acknowledged append: it was made in between."""

    low: int
    high: int


class BrokerClock:
    """Keeps the last append to each partition of one topic; partitions may have brokers of their own."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._bounds: dict[int, Bounds] = {}

    def observe(self, partition: int, appended: int, sent: float, acknowledged: float) -> None:
        """The broker appended something at this time of its own, between sending and acknowledgement."""
        low, high = appended - int(acknowledged * MICRO), appended - int(sent * MICRO)
        self._bounds[partition] = Bounds(low, high)

    def now(self) -> int | None:
        """The broker's time, of several the earliest, and never ahead of it; None before any append."""
        if not self._bounds:
            return None
        return min(bounds.low for bounds in self._bounds.values()) + int(self._monotonic() * MICRO)

    def ahead(self, wall: int) -> int:
        """How much a clock that shows `wall` is ahead of the broker's for certain; negative if behind."""
        if not self._bounds:
            return 0
        local = wall - int(self._monotonic() * MICRO)
        over = local - max(bounds.high for bounds in self._bounds.values())
        under = local - min(bounds.low for bounds in self._bounds.values())
        return max(over, 0) + min(under, 0)
