"""The course of a level: what it is at the ends of panes, also of those in which nothing happened."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Struct

from streams.catalogue import Metric
from streams.windows.cells import Series
from streams.windows.change import Change
from streams.windows.kinds import NOTHING, Figure, Slots
from streams.windows.levels import Level
from streams.windows.revisions import Revisions
from streams.windows.rollup import NO_SLOTS
from streams.windows.steps import Steps, add_up, merge
from streams.windows.vector import MASK

FIGURE = 60
"The effort of a figure, besides its slots."


class Course(Struct, array_like=True):
    """How far a level has been told at the ends of one kind of pane. All times are bounds of such panes."""

    told: int
    "What ended by then was told,"
    final: int
    "and what ended by then as final."
    latest: int
    "The start of the last pane with steps."
    late: dict[int, dict[int, int]] = {}
    "Steps in panes that were told before, by their start: what ended after them is to be told again."
    revisions: dict[int, Revisions] = {}
    "By the number of the metric."

    def took(self, start: int, slots: Slots) -> bool:
        """There are steps in the pane from `start`; whether that changes anything here."""
        if start < self.told:
            merge(self.late.setdefault(start, {}), slots)
        elif start <= self.latest:
            return False
        self.latest = max(self.latest, start)
        return True

    @property
    def is_over(self) -> bool:
        """Nothing is told of it, and nothing is to be."""
        return not self.late and self.first is None and self.latest < self.final

    @property
    def first(self) -> int | None:
        """The start of the first pane of which anything was told."""
        return min((r.starts[0] for r in self.revisions.values() if r.starts), default=None)

    @property
    def last(self) -> int | None:
        """The end of the last one."""
        return max((r.starts[-1] for r in self.revisions.values() if r.starts), default=None)


class Standing(Struct, array_like=True):
    """What is kept of a level beside its cells."""

    courses: list[Course]
    "By the kinds of pane at whose ends it is told."
    pieces: list[int] = []
    "Of its total."

    @property
    def is_over(self) -> bool:
        return not self.pieces and all(course.is_over for course in self.courses)


class Bounds(NamedTuple):
    """How far a kind of pane has come: starts of the first panes that have not yet ended, and so on."""

    ended: int
    "By `now`."
    final: int
    "By the watermark."
    over: int | None
    "The first whose retention is not over by `now`: older ones are not told any more."
    gone: int | None
    "The first whose retention is not over by events: what was told of older ones is taken back."


@dataclass
class Effort:
    """What may still be spent, in slots looked at."""

    left: int


@dataclass
class Line:
    """One series and one kind of pane."""

    name: str
    series: Series
    metrics: tuple[Metric, ...]
    kind: str
    course: Course
    pieces: list[int]
    bounds: Bounds

    def drop(self, steps: Steps, effort: Effort) -> Iterator[Change]:
        """Take back what was told of panes that have gone."""
        course, gone = self.course, self.bounds.gone
        while gone is not None and (start := course.first) is not None and start < gone and effort.left > 0:
            end = steps.end(self.kind, start)
            for number, revisions in course.revisions.items():
                if revision := revisions.at(start):
                    revisions.put(start, end, 0)
                    yield Change(self.metrics[number], self.series, (self.kind, start), None, revision, True)
            effort.left -= FIGURE

    def tell(self, steps: Steps, effort: Effort) -> Iterator[Change]:
        """Tell each pane that has ended, again when that is final, and again where late steps changed it."""
        if not self.is_told and not self.is_nothing:
            yield from Walk(self, steps, effort).to_the_end()

    @property
    def is_done(self) -> bool:
        gone, first = self.bounds.gone, self.course.first
        return (self.is_told or self.is_nothing) and (gone is None or first is None or first >= gone)

    @property
    def is_told(self) -> bool:
        course, bounds = self.course, self.bounds
        return not course.late and course.told >= bounds.ended and course.final >= bounds.final

    @property
    def is_nothing(self) -> bool:
        """There is nothing, there was nothing since, and nothing was told that isn't final."""
        course = self.course
        unsealed = (last := course.last) is not None and last > course.final
        return not (self.pieces or course.late or unsealed or course.latest >= course.final)


class Walk:
    """Goes along a course, from the first pane of which there may be something to tell."""

    def __init__(self, line: Line, steps: Steps, effort: Effort) -> None:
        course, gone = line.course, line.bounds.gone
        self._line, self._course, self._steps, self._effort = line, course, steps, effort
        start = min(course.final, *course.late) if course.late else course.final
        self._changes: dict[int, int] = {}
        "What late steps before this pane's end make of its level."
        self._go_to(self._next(start if gone is None else max(start, gone)))

    def to_the_end(self) -> Iterator[Change]:
        """To the last pane that has ended, or as far as the effort reaches."""
        bounds, course = self._line.bounds, self._course
        while self._start < bounds.ended:
            yield from self._pane()
            if (following := self._next(self._start)) > self._start:
                self._go_to(following)
            if self._effort.left <= 0:
                break
        if self._start < course.told and self._changes:
            merge(self._changes, course.late.pop(self._start, NO_SLOTS))
            course.late[self._start] = self._changes
        course.told = max(course.told, self._start)
        course.final = max(course.final, min(self._start, bounds.final))

    def _next(self, start: int) -> int:
        """The first pane from there on that was told, or isn't too old to begin with: others need no look."""
        over = self._line.bounds.over
        if over is None or start >= over:
            return start
        told = (revisions.next(start) for revisions in self._course.revisions.values())
        return min([over, *(at for at in told if at is not None)])

    def _go_to(self, start: int) -> None:
        """To a pane, with the level at its start."""
        line, course = self._line, self._course
        for at in [at for at in course.late if at < start]:
            merge(self._changes, course.late.pop(at))
        self._start = start
        self._level = self._steps.level(line.name, line.pieces, line.kind, start, course.latest)
        self._effort.left -= sum(map(len, self._level.values()))

    def _pane(self) -> Iterator[Change]:
        line, start = self._line, self._start
        self._start = end = self._steps.end(line.kind, start)
        merge(self._changes, self._course.late.pop(start, NO_SLOTS))
        add_up(self._level, self._steps.of(line.name, (line.kind, start)))
        self._effort.left -= 1
        for number in self._numbers(end):
            figure = self._figure(number, start, end)
            if figure is not None:
                revisions = self._course.revisions.setdefault(number, Revisions([], []))
                revision = revisions.at(start) + 1
                revisions.put(start, end, revision)
                pane, final = (line.kind, start), end <= line.bounds.final
                yield Change(line.metrics[number], line.series, pane, figure, revision, final)

    def _numbers(self, end: int) -> Iterable[int]:
        """The metrics of which there may be something to tell."""
        course, every = self._course, range(len(self._line.metrics))
        if end > course.told or course.final < end <= self._line.bounds.final:
            return every
        return sorted({slot & MASK for slot in self._changes})

    def _figure(self, number: int, start: int, end: int) -> Figure | None:
        """A figure to tell; None where it is too late to begin with it, or nothing was or is told of it."""
        known = self._course.revisions.get(number)
        begun = known is not None and known.at(start) > 0
        over = self._line.bounds.over
        if not begun and over is not None and start < over:
            return None
        slots = self._level.get(number, NO_SLOTS)
        self._effort.left -= FIGURE + len(slots)
        kind = self._line.metrics[number].kind
        assert isinstance(kind, Level)
        figure = kind.figure_at(slots, end)
        return figure if begun or figure is not NOTHING else None
