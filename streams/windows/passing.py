"""Panes that reach an instant, their end or the end of their retention: cell by cell."""

import heapq
from collections.abc import Callable, Iterable, Iterator

from streams.windows.cells import Pane


class Passing:
    """Panes by an instant, in seconds, and what is left of the pane in progress."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, Pane]] = []
        self._in_progress: tuple[int, Pane] = (0, ("", 0))
        self._series_left: list[str] = []

    def add(self, second: int, pane: Pane) -> None:
        heapq.heappush(self._heap, (second, pane))

    @property
    def earliest(self) -> int | None:
        """The earliest instant of those panes that are not done as a whole."""
        if self._series_left:
            return self._in_progress[0]
        return self._heap[0][0] if self._heap else None

    def has(self, low: int | None) -> bool:
        """Whether a pane is left whose instant has come by then."""
        earliest = self.earliest
        return low is not None and earliest is not None and earliest <= low

    def take(self, low: int | None, names_of: Callable[[Pane], Iterable[str]]) -> Iterator[tuple[str, Pane]]:
        """The cells of panes whose instant has come: series and pane. Who stops goes on there the next time.

        `names_of` gives the series that have a cell in a pane; a pane is looked up once.
        """
        while self.has(low):
            if not self._series_left:
                self._in_progress = heapq.heappop(self._heap)
                self._series_left = list(names_of(self._in_progress[1]))
                continue
            yield self._series_left.pop(), self._in_progress[1]
