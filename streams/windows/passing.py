"""Panes that pass an instant of theirs, their end or that of their retention: cell by cell."""

import heapq
from collections.abc import Callable, Iterable, Iterator

from streams.windows.cells import Pane


class Passing:
    """Of each pane an instant, in seconds, and what is left of the pane that is passing."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, Pane]] = []
        self._passing: tuple[int, Pane] = (0, ("", 0))
        self._names: list[str] = []

    def add(self, second: int, pane: Pane) -> None:
        heapq.heappush(self._heap, (second, pane))

    @property
    def first(self) -> int | None:
        """The earliest instant of those that have not passed as a whole."""
        if self._names:
            return self._passing[0]
        return self._heap[0][0] if self._heap else None

    def has(self, low: int | None) -> bool:
        """Whether a pane is left whose instant has come by then."""
        first = self.first
        return low is not None and first is not None and first <= low

    def take(
        self, low: int | None, room: int, names_of: Callable[[Pane], Iterable[str]]
    ) -> Iterator[tuple[str, Pane]]:
        """The cells of panes whose instant has come, as many as there is room for: series and pane.

        `names_of` gives the series that have a cell in a pane; a pane is looked up once.
        """
        while room > 0 and self.has(low):
            if not self._names:
                self._passing = heapq.heappop(self._heap)
                self._names = list(names_of(self._passing[1]))
                continue
            room -= 1
            yield self._names.pop(), self._passing[1]
