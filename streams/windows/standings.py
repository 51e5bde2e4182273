"""Levels by series: takes their steps, and tells them when time has passed the end of a pane."""

from collections import deque
from collections.abc import Iterator, Mapping

from streams.catalogue import Catalogue, Sets
from streams.state.rows import Rows
from streams.windows.cells import Series, expand, joined
from streams.windows.change import Change
from streams.windows.courses import Bounds, Course, Effort, Line, Standing
from streams.windows.kinds import Slots
from streams.windows.leaf import Panes
from streams.windows.panes import FINE, Calendar, Retention
from streams.windows.rollup import Rollup
from streams.windows.steps import Steps, Totals, add_up

EFFORT = 200_000
"What a checkpoint may spend on telling levels, in slots looked at; the rest waits for the next one."


class Standings:
    """The levels of one partition.

    A level is told when `now` has passed the end of a pane, again as final when the watermark has, and again
    when a late step has changed it. `now` is the watermark and the `disorder` that it waits for: it comes
    with the log, so a replay tells the same and doesn't run ahead of what it has read.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        retention: Retention,
        disorder: int,
        rollup: Rollup,
        rows: Rows[Standing],
    ) -> None:
        self.rows = rows
        self._rollup = rollup
        self._steps = Steps(rollup, calendar)
        self._levels = catalogue.levels
        self._metrics = {family.name: catalogue.of_family(family) for family in catalogue.families}
        self._calendar = calendar
        self._retention = retention
        self._disorder = disorder
        self._queue: deque[str] = deque()
        self._queued: set[str] = set()
        self._bounds: dict[str, tuple[Bounds, ...]] = {}

    @property
    def unfinished(self) -> bool:
        """Whether there is more to tell than the last checkpoint had room for."""
        return bool(self._queue)

    def has(self, name: str) -> bool:
        return self._rollup.names.read(name).family.name in self._levels

    def add(self, name: str, panes: Panes) -> None:
        """Add a series' steps, given by the start of their finest pane."""
        series = self._rollup.names.read(name)
        family, kinds = series.family.name, self._levels[series.family.name]
        expanded = expand(panes, series.kinds, self._calendar)
        standing = self.rows.get(name)
        if standing is None:
            firsts = [min(start for of, start in expanded if of == kind) for kind in kinds]
            standing = Standing([Course(first, first, first) for first in firsts])
            self.rows.put(name, standing)
        for (kind, start), slots in expanded.items():
            if kind == "total":
                if (pieces := self._steps.add_to_total(family, name, standing.pieces, slots)) is not None:
                    standing.pieces = pieces
                    self.rows.changed(name)
                continue
            gone = self._first_kept(kind, self._rollup.marks.gone(family))
            if gone is None or start >= gone:
                self._steps.add(family, name, (kind, start), slots)
            if kind in kinds and standing.courses[kinds.index(kind)].took(start, slots):
                self.rows.changed(name)
        self._ask(name)

    def conclude(self, effort: int = EFFORT) -> Iterator[Change]:
        """The figures to tell now; where that takes more than the effort, the rest is told the next time."""
        for family in self._levels:
            self._wake(family)
        left = Effort(effort)
        while self._queue and left.left > 0:
            name = self._queue[0]
            yield from self._visit(name, left)
            if left.left > 0:
                self._queued.discard(self._queue.popleft())

    def standing(self, now: int, sets: Mapping[str, Sets]) -> Iterator[tuple[str, Slots]]:
        """What there is now of each series of these sets, by family.

        Steps that are yet to come are left out: those after the running minute where there are panes of
        minutes, else those after the running hour.
        """
        for name in self.rows:
            series = self._rollup.names.read(name)
            family = series.family.name
            if (
                frozenset(series.dimensions) in sets[family]
                and (standing := self.rows.peek(name)) is not None
            ):
                yield name, joined(self._level(name, series, standing, now))

    def _level(self, name: str, series: Series, standing: Standing, now: int) -> Totals:
        kind, course, steps = self._levels[series.family.name][0], standing.courses[0], self._steps
        end = steps.end(kind, self._calendar.start(kind, now))
        level = steps.level(name, standing.pieces, kind, end, course.latest)
        if "minute" in series.kinds:
            for start in range(steps.end("minute", self._calendar.start("minute", now)), end, FINE):
                add_up(level, steps.of(name, ("minute", start)), -1)
        return level

    def _visit(self, name: str, effort: Effort) -> Iterator[Change]:
        effort.left -= 1
        series, standing = self._rollup.names.read(name), self.rows.get(name)
        family = series.family.name
        if standing is None or family not in self._bounds:
            return
        for kind, course, bounds in zip(
            self._levels[family], standing.courses, self._bounds[family], strict=True
        ):
            line = Line(name, series, self._metrics[family], kind, course, standing.pieces, bounds)
            if not line.is_done:
                self.rows.changed(name)
                yield from line.drop(self._steps, effort)
                yield from line.tell(self._steps, effort)
        if standing.is_over:
            self.rows.delete(name)

    def _wake(self, family: str) -> None:
        """Ask for all series of a family when time has passed the end of a pane."""
        marks = self._rollup.marks
        if (final := marks.final(family)) is None:
            return
        now, start = final + self._disorder, self._calendar.start
        bounds = tuple(
            Bounds(
                ended=start(kind, now),
                final=start(kind, final),
                over=self._first_kept(kind, now),
                gone=self._first_kept(kind, marks.gone(family)),
            )
            for kind in self._levels[family]
        )
        if bounds != self._bounds.get(family):
            self._bounds[family] = bounds
            for name in [name for name in self.rows if name.startswith(f"{family}|")]:
                self._ask(name)

    def _first_kept(self, kind: str, at: int | None) -> int | None:
        """The start of the first pane whose retention is not over at a time; None where none ever is."""
        kept = self._retention.of(kind)
        return None if at is None or kept is None else self._calendar.start(kind, at - kept)

    def _ask(self, name: str) -> None:
        if name not in self._queued:
            self._queued.add(name)
            self._queue.append(name)
