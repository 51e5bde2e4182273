"""Levels by series: takes their steps, and publishes the panes that these change."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from streams.catalogue import Catalogue, Metric, Sets
from streams.state.rows import Rows
from streams.windows.agenda import ENDED, OPENED, Agenda
from streams.windows.cells import Pane, Parts, Series, expand, joined
from streams.windows.change import Change
from streams.windows.due import Due
from streams.windows.kinds import Slots
from streams.windows.leaf import Panes
from streams.windows.levels import RUNNING, Level
from streams.windows.panes import Calendar, Retention
from streams.windows.rollup import NO_SLOTS, Rollup
from streams.windows.steps import Steps, Totals, add_up
from streams.windows.vector import MASK

EFFORT = 200_000
"What a checkpoint may spend on levels, in slots looked at; the rest waits for the next one."

FIGURE = 60
"The effort of a figure, besides its slots."


class Levels:
    """The levels of a family, the kinds of pane that they are published in, and how long these are kept."""

    def __init__(self, metrics: tuple[Metric, ...], panes: tuple[str, ...], retention: Retention) -> None:
        self.metrics = metrics
        self.panes = panes
        self.retention = retention
        self.kinds = [metric.kind for metric in metrics if isinstance(metric.kind, Level)]
        self.all = range(len(metrics))
        self.live = frozenset(number for number in self.all if self.kinds[number].live)
        self.always = [number for number in self.all if self.kinds[number].always]


class Standings:
    """The levels of one partition.

    A pane is published when there are steps in it: the running hour at once, others when `now` has passed
    their end; again as final when the watermark has; and again when a late step, in it or before it, has
    changed its level. `now` is the watermark and the `disorder` that it waits for: it comes with the log, so
    a replay publishes the same and doesn't run ahead of what it has read.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        retention: Retention,
        disorder: int,
        rollup: Rollup,
        rows: Rows[Due],
    ) -> None:
        self.rows = rows
        self._rollup = rollup
        self._steps = Steps(rollup)
        self._calendar = calendar
        self._disorder = disorder
        self._levels = {
            family.name: Levels(
                catalogue.of_family(family), catalogue.levels[family.name], retention.at_most(family.kept)
            )
            for family in catalogue.families
            if family.name in catalogue.levels
        }
        self._agendas = {name: Agenda(calendar, disorder) for name in self._levels}
        self._now: dict[str, int] = {}
        "By family, as it was at the last look at its agenda."
        self._left = 0
        "Of the effort of a checkpoint."
        self._due: dict[str, dict[Pane, set[int]]] = {}
        "By series, the metrics to publish of its panes."
        self._touched: set[str] = set()
        "Series of which something else is due than before."
        rollup.levels = self

    @property
    def unfinished(self) -> bool:
        """Whether there is more to publish than the last checkpoint had room for."""
        return bool(self._due)

    def has(self, name: str) -> bool:
        return self._rollup.names.read(name).family.name in self._levels

    def restore(self) -> None:
        """Go on where the rows were left, before the rollup's cells are found again."""
        for family in self._levels:
            if (now := self._clock(family)) is not None:
                self._now[family] = now
        for name, row in self.rows.items():
            self._due[name] = {(kind, start): set(numbers) for kind, start, numbers in row.panes}

    def add(self, name: str, panes: Panes) -> None:
        """Add a series' steps, given by the start of their finest pane."""
        series = self._rollup.names.read(name)
        family, kinds = series.family.name, self._levels[series.family.name].panes
        now, first = self._clock(family), dict[tuple[str, int], int]()
        for pane, slots in expand(panes, series.kinds, self._calendar).items():
            kind, start = pane
            if kind == "total":
                self._steps.add_to_total(family, name, slots)
                continue
            if not self._rollup.is_gone(family, pane):
                self._steps.add(family, name, pane, slots)
            numbers, hour = {slot & MASK for slot in slots}, self._calendar.start(RUNNING, start)
            if kind in kinds:
                for number in numbers:
                    first[kind, number] = min(start, first.get((kind, number), start))
            elif now is None or self._end(RUNNING, hour) > now:
                # Steps that come to nothing in the whole hour may be something in what has passed of it.
                self._owe(name, (RUNNING, hour), numbers)
        for (kind, number), start in first.items():
            self._owe_from(family, name, kind, number, start)

    def came(self, family: str, name: str, pane: Pane, first: bool) -> None:
        """A cell has come to be; the first of a pane puts that on the agenda."""
        self._steps.came(name, pane)
        if first:
            self._agendas[family].add(pane, self._clock(family))

    def went(self, name: str, pane: Pane) -> None:
        """A cell is no longer there."""
        self._steps.went(name, pane)

    def conclude(self, effort: int = EFFORT) -> Iterator[Change]:
        """The figures to publish now; what takes more than the effort is left for the next time."""
        for family in self._levels:
            self._wake(family)
        self._left = effort
        while self._due and self._left > 0:
            name, due = next(iter(self._due.items()))
            self._touched.add(name)
            yield from self._publish(name, due)
            if not due:
                del self._due[name]
        self._keep()

    def standing(self, now: int, sets: Mapping[str, Sets]) -> Iterator[tuple[str, Slots]]:
        """What there is now of each series of these sets, by family.

        Steps that are yet to come are left out: those after the running minute where there are panes of
        minutes, else those after the running pane of the shortest kind.
        """
        for name in self._steps:
            series = self._rollup.names.read(name)
            if frozenset(series.dimensions) in sets[series.family.name]:
                yield name, joined(self._standing(name, series, now))

    def _standing(self, name: str, series: Series, now: int) -> Totals:
        kind, level = self._levels[series.family.name].panes[0], self._steps.total(name)
        end = self._end(kind, self._calendar.start(kind, now))
        for start in self._steps.starts(name, kind, end):
            add_up(level, self._steps.of(name, (kind, start)), -1)
        add_up(level, self._ahead(name, now, end), -1)
        return level

    def _wake(self, family: str) -> None:
        """What is due because time has passed."""
        before, now = self._now.get(family), self._clock(family)
        if now is None or now == before:
            return
        self._now[family] = now
        levels = self._levels[family]
        for what, (kind, start) in self._agendas[family].passed(now):
            owed, numbers = (kind, start), frozenset(levels.all)
            if what == OPENED:
                owed, numbers = (RUNNING, self._calendar.start(RUNNING, start)), levels.live
            elif what == ENDED and kind == RUNNING:
                numbers -= levels.live
            for name in self._rollup.series_in(family, (kind, start)):
                self._owe(name, owed, numbers)
        for kind in levels.panes if levels.always else ():
            self._wake_always(family, kind, None if before is None else self._calendar.start(kind, before))

    def _wake_always(self, family: str, kind: str, running: int | None) -> None:
        """Levels that are published at the end of each pane; the one that ran when it was last looked."""
        if running is not None and self._end(kind, running) > self._now[family]:
            return
        for name in [name for name in self._steps if name.startswith(f"{family}|")]:
            starts = self._steps.starts(name, kind)
            first = running
            if first is None:  # where panes go, the first steps may have gone
                first = 0 if self._levels[family].retention.of(kind) else min(starts, default=0)
            # What has fallen to nothing stays so until there are steps.
            if self._steps.starts(name, "total") or (starts and starts[-1] >= first):
                for number in self._levels[family].always:
                    self._owe_from(family, name, kind, number, first)

    def _owe_from(self, family: str, name: str, kind: str, number: int, start: int) -> None:
        """A level has changed from a pane on."""
        starts: Iterable[int] = self._steps.starts(name, kind, start)
        if number in self._levels[family].always:
            starts = sorted({*starts, *self._ended(family, kind, start)})
        for at in starts:
            self._owe(name, (kind, at), (number,))

    def _ended(self, family: str, kind: str, start: int) -> Iterator[int]:
        """The panes from a start on that have ended, and whose retention is not over by now."""
        now, kept = self._clock(family), self._levels[family].retention.of(kind)
        if now is not None and kept is not None:
            start = max(start, self._calendar.start(kind, now - kept))
        while now is not None and (end := self._end(kind, start)) <= now:
            yield start
            start = end

    def _owe(self, name: str, pane: Pane, numbers: Iterable[int]) -> None:
        self._due.setdefault(name, {}).setdefault(pane, set()).update(numbers)
        self._touched.add(name)

    def _publish(self, name: str, due: dict[Pane, set[int]]) -> Iterator[Change]:
        """Publish what is due of a series, as far as the effort reaches."""
        series = self._rollup.names.read(name)
        family, now = series.family.name, self._clock(series.family.name)
        for pane in list(due):
            due[pane] = self._open(family, pane, due[pane], now)
            if not due[pane]:
                del due[pane]
        for kind in self._levels[family].panes:
            if self._left > 0 and now is not None:
                yield from self._course(name, series, kind, due, now)

    def _course(
        self, name: str, series: Series, kind: str, due: dict[Pane, set[int]], now: int
    ) -> Iterator[Change]:
        """From the last pane to the first, so that the level is known at the end of each; at least one."""
        starts = sorted((start for of, start in due if of == kind), reverse=True)
        if not starts:
            return
        live, steps = self._levels[series.family.name].live, self._steps
        only_live = all(due[kind, start] <= live for start in starts)
        level, later = steps.total(name, pieces=1 if only_live else None), list(steps.starts(name, kind))
        self._left -= sum(map(len, level.values()))
        for start in starts:
            while later and later[-1] > start:
                add_up(level, steps.of(name, (kind, later.pop())), -1)
            pane, end = (kind, start), self._end(kind, start)
            own, at_end = steps.of(name, pane), level
            if end > now and (ahead := self._ahead(name, now, end)):
                own, at_end = _less(own, ahead), _less(level, ahead)
            for number in sorted(due.pop(pane)):
                slots = at_end.get(number, NO_SLOTS)
                self._left -= FIGURE + len(slots)
                yield from self._change(name, series, pane, number, own.get(number, NO_SLOTS), slots)
            if self._left <= 0:
                return

    def _change(
        self, name: str, series: Series, pane: Pane, number: int, steps: Slots, slots: Slots
    ) -> Iterator[Change]:
        family, end = series.family.name, self._end(*pane)
        levels = self._levels[family]
        level, revision = levels.kinds[number], self._rollup.revision(name, pane, number)
        if not (steps or revision or level.always):
            return
        figure = level.figure_of(steps, slots, pane[1], end, known=revision > 0)
        if figure is not None:
            self._rollup.cell(family, name, pane).revisions[number] = revision + 1
            final = end <= (self._rollup.marks.final(family) or 0)
            yield Change(levels.metrics[number], series, pane, figure, revision + 1, final)

    def _open(self, family: str, pane: Pane, numbers: set[int], now: int | None) -> set[int]:
        """Those of these metrics that are published of a pane by now; the agenda has the others."""
        (kind, start), levels = pane, self._levels[family]
        if now is None or start > now or kind not in levels.panes or self._rollup.is_gone(family, pane):
            return set()
        if self._end(kind, start) <= now:
            return numbers
        return numbers & levels.live if kind == RUNNING else set()

    def _ahead(self, name: str, now: int, end: int) -> Totals:
        """The steps after the running minute up to an end; nothing where there are no panes of minutes."""
        found: Totals = {}
        minutes = self._steps.starts(name, "minute")
        for start in minutes[bisect_right(minutes, now) :]:
            if start < end:
                add_up(found, self._steps.of(name, ("minute", start)))
        return found

    def _keep(self) -> None:
        """Remember what there was no room for."""
        for name in self._touched:
            if due := self._due.get(name):
                panes = [(kind, start, sorted(numbers)) for (kind, start), numbers in due.items()]
                self.rows.put(name, Due(panes))
            elif name in self.rows:
                self.rows.delete(name)
        self._touched.clear()

    def _clock(self, family: str) -> int | None:
        final = self._rollup.marks.final(family)
        return None if final is None else final + self._disorder

    def _end(self, kind: str, start: int) -> int:
        end = self._calendar.end(kind, start)
        assert end is not None
        return end


def _less(parts: Parts, ahead: Parts) -> Totals:
    left: Totals = {}
    add_up(left, parts)
    add_up(left, ahead, -1)
    return left
