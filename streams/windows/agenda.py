"""When there is something to publish of the panes of levels, though nothing happens but that time passes."""

import heapq
from collections.abc import Iterator

from streams.windows.cells import Pane
from streams.windows.levels import RUNNING
from streams.windows.panes import Calendar

OPENED, ENDED, FINAL = range(3)
"What becomes of a pane: only hours that run are published, and what is in their minutes that have begun."


class Agenda:
    """The panes of one family; `disorder` is how long after its end a pane is final."""

    def __init__(self, calendar: Calendar, disorder: int) -> None:
        self._calendar = calendar
        self._disorder = disorder
        self._times: list[tuple[int, int, Pane]] = []

    def add(self, pane: Pane, now: int | None) -> None:
        """What is still to become of a pane after `now`."""
        kind, start = pane
        times = [(start, OPENED)] if kind in ("minute", RUNNING) else []
        if kind != "minute" and (end := self._calendar.end(kind, start)) is not None:
            times += [(end, ENDED), (end + self._disorder, FINAL)]
        for time, what in times:
            if now is None or time > now:
                heapq.heappush(self._times, (time, what, pane))

    def passed(self, now: int) -> Iterator[tuple[int, Pane]]:
        """What became of panes up to `now`, each once."""
        while self._times and self._times[0][0] <= now:
            _, what, pane = heapq.heappop(self._times)
            yield what, pane
