"""Notices partitions of which there is something to read and that don't move."""

import time
from collections.abc import Callable

from faust.types.tuples import TP

STALLED = 60.0
"Seconds for which a topic may stand of which there is something to read,"

PASSED_OVER = 300.0
"and for which one partition may while others of its topic move: what was fetched of them comes first."


class Standstill:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moved: dict[TP, tuple[int, float]] = {}
        self._topics: dict[str, float] = {}
        "When an offset of a topic was last seen to have changed."

    def begin(self) -> None:
        """Partitions have been dealt out anew."""
        self._moved.clear()
        self._topics.clear()

    def seconds(self, tp: TP, offset: int, caught_up: bool) -> float | None:
        """For how long a partition has stood, where that is too long."""
        now, (before, since) = self._clock(), self._moved.get(tp, (-1, 0.0))
        if offset != before:
            self._topics[tp.topic] = now
        if offset != before or caught_up:
            self._moved[tp] = (offset, now)
            return None
        others_move = now - self._topics[tp.topic] < STALLED
        stood = now - since
        return stood if stood > (PASSED_OVER if others_move else STALLED) else None
