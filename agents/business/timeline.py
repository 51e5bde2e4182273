"""How much time is open up to any instant, from sums that are made once and looked up."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from agents.business.zones import FIRST, LAST
from streams.moments import DAY

Spans = list[tuple[int, int]]
"Starts and ends, apart and in order."
Opens = Callable[[int, int], Spans]
"What is open within [start, end)."

PIECE = 366 * DAY
"What is made at a time."
KEPT = 64
"Pieces; the farthest make room for others."
FARTHEST = 30 * PIECE
"The most that is looked at in one go; it fits into what is kept."


class Timeline:
    """The open spans of a stretch of time, and for the end of each the time that is open until then.

    The sums count from an arbitrary origin, so that the stretch can grow both ways. Each piece of it
    begins with a span, if need be an empty one.
    """

    def __init__(self, opens: Opens, end: int = LAST) -> None:
        self._opens = opens
        self._end = min(end, LAST)
        self._least = self._most = 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._sums: list[int] = []

    def between(self, start: int, end: int) -> int:
        """The open time in [start, end); none where the end is not after the start."""
        if end <= start:
            return 0
        if start < self._least or end > self._most:
            start, end = max(start, FIRST), min(end, self._end)
            if end - start > FARTHEST:
                return self.between(start, start + FARTHEST) + self.between(start + FARTHEST, end)
            if end <= start:
                return 0
            self._reach(start, end)
        return self._until(end) - self._until(start)

    def add(self, start: int, duration: int) -> int | None:
        """The first instant by which so much open time has passed since the start; None if it never has."""
        if duration <= 0:
            return start
        if start < self._least or start >= self._most:
            if start >= self._end:
                return None
            start = max(start, FIRST)
            self._reach(start, start + 1)
        wanted = self._until(start) + duration
        while wanted > self._sums[-1]:
            if self._most >= self._end:
                return None
            self._append()
        place = bisect_left(self._sums, wanted)
        return self._ends[place] - self._sums[place] + wanted

    def _until(self, at: int) -> int:
        """The open time from the origin to an instant within the stretch."""
        place = bisect_right(self._starts, at) - 1
        rest = self._ends[place] - at
        return self._sums[place] - rest if rest > 0 else self._sums[place]

    def _reach(self, start: int, end: int) -> None:
        far = max(self._least - start, end - self._most) > FARTHEST
        if far or not self._starts:
            self._starts, self._ends, self._sums = [], [], []
            self._least = self._most = start // PIECE * PIECE
        while start < self._least:
            self._prepend()
        while end > self._most:
            self._append()

    def _append(self) -> None:
        starts, ends, sums = self._piece(self._most)
        before = self._sums[-1] if self._sums else 0
        self._starts += starts
        self._ends += ends
        self._sums += [before + open_ for open_ in sums]
        self._most += PIECE
        if self._most - self._least > KEPT * PIECE:
            self._least += PIECE
            place = bisect_left(self._starts, self._least)
            del self._starts[:place], self._ends[:place], self._sums[:place]

    def _prepend(self) -> None:
        starts, ends, sums = self._piece(self._least - PIECE)
        before = self._sums[0] - (self._ends[0] - self._starts[0]) - sums[-1]
        self._starts[:0] = starts
        self._ends[:0] = ends
        self._sums[:0] = [before + open_ for open_ in sums]
        self._least -= PIECE
        if self._most - self._least > KEPT * PIECE:
            self._most -= PIECE
            place = bisect_left(self._starts, self._most)
            del self._starts[place:], self._ends[place:], self._sums[place:]

    def _piece(self, start: int) -> tuple[list[int], list[int], list[int]]:
        spans = self._opens(max(start, FIRST), min(start + PIECE, self._end))
        if not spans or spans[0][0] > start:
            spans = [(start, start), *spans]
        sums, open_ = [], 0
        for span in spans:
            open_ += span[1] - span[0]
            sums.append(open_)
        return [span[0] for span in spans], [span[1] for span in spans], sums
