"""The rollup of one partition: adds contributions up in cells and says which figures changed."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from streams.catalogue import Catalogue
from streams.state.rows import Rows
from streams.windows.cell import Cell
from streams.windows.cells import Pane, Series, SeriesNames, expand, joined
from streams.windows.change import Change
from streams.windows.kinds import NOTHING, Slots
from streams.windows.leaf import Panes
from streams.windows.panes import Calendar, Retention
from streams.windows.passing import Passing
from streams.windows.vector import add_to
from streams.windows.watermarks import Marks

NO_SLOTS: Slots = {}
NO_NUMBERS: set[int] = set()

AT_ONCE = 10_000
"Cells that become final, or go, with one checkpoint; what ends with a month may be many more."

SHARE = 2
"Where more cells were touched than that, so many times as many: a catch-up finishes more than it makes."


class CellsOfLevels(Protocol):
    """Who publishes levels, and so keeps account of their cells."""

    def came(self, family: str, name: str, pane: Pane, first: bool) -> None:
        """A cell has come to be; whether it is the first of its pane and family."""

    def went(self, name: str, pane: Pane) -> None:
        """A cell is no longer there."""


class Rollup:
    """Cells by series and pane.

    A pane is final when the lowest watermark has passed its end, and gone when that of events has
    passed its retention: then it takes nothing more and never comes back.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        retention: Retention,
        published: tuple[str, ...],
        rows: Rows[Cell],
        marks: Marks,
    ) -> None:
        self.names = SeriesNames(catalogue)
        self.rows = rows
        self.marks = marks
        self.late: Counter[str] = Counter()
        self.watch: Callable[[str, Pane, Slots], None] | None = None
        "Told of all that is added to a cell, and that a cell which goes is taken back, after it was."
        self.levels: CellsOfLevels | None = None
        "Publishes the cells of levels, which are not figures by themselves."
        self._calendar = calendar
        self._published = frozenset(published)
        self._metrics = {family.name: catalogue.of_family(family) for family in catalogue.families}
        self._retentions = {family.name: retention.at_most(family.kept) for family in catalogue.families}
        self._of_levels = frozenset(catalogue.levels)
        self._changed: dict[tuple[str, Pane], set[int]] = {}
        self._touched = 0
        "Cells, since the last time that figures were concluded."
        self._early: dict[str, set[tuple[str, Pane]]] = {name: set() for name in self._metrics}
        "Of panes that wait to be final, the cells that were published as final already, by family."
        self._spans: dict[tuple[str, Pane], tuple[int | None, int | None]] = {}
        self._panes: dict[tuple[str, Pane], set[str]] = {}
        self._ends: dict[str, Passing] = {name: Passing() for name in self._metrics}
        self._terms: dict[str, Passing] = {name: Passing() for name in self._metrics}

    def add(self, name: str, panes: Panes) -> None:
        """Add a series' contributions, given by the start of their finest pane."""
        series = self.names.read(name)
        family, watch = series.family.name, self.watch
        low = self.marks.gone(family)
        for pane, slots in expand(panes, series.kinds, self._calendar).items():
            if self._gone(family, low, pane):
                self.late[family] += 1
                continue
            cell = self.cell(family, name, pane)
            numbers = add_to(cell.parts, slots)
            if watch is not None:
                watch(name, pane, slots)
            if pane[0] not in self._published:
                # What was published under other settings is corrected as long as it is kept.
                numbers = numbers & cell.revisions.keys() if cell.revisions else NO_NUMBERS
            if numbers:
                self._changed.setdefault((name, pane), numbers).update(numbers)

    def cell(self, family: str, name: str, pane: Pane) -> Cell:
        """A cell to change, made where there is none; nothing is published of what changes."""
        self._touched += 1
        key = cell_key(name, pane)
        cell = self.rows.get(key)
        if cell is None:
            cell = Cell({})
            self._index(family, name, pane)
        self.rows.put(key, cell)
        return cell

    def discard(self, family: str, name: str, pane: Pane) -> None:
        """Forget a cell of which nothing was published."""
        self.rows.delete(cell_key(name, pane))
        self._panes[family, pane].discard(name)
        if self.levels is not None and family in self._of_levels:
            self.levels.went(name, pane)

    @property
    def unfinished(self) -> bool:
        """Whether more panes have ended or are past their retention than the last checkpoint had room for."""
        marks = self.marks
        return any(ends.has(marks.final(family)) for family, ends in self._ends.items()) or any(
            terms.has(marks.gone(family)) for family, terms in self._terms.items()
        )

    def conclude(self) -> Iterator[Change]:
        """The figures that changed, became final or went since the last time, each with its revision.

        Of those that become final or go, as many cells as there is room for; the others the next time.
        """
        room, self._touched = max(AT_ONCE, SHARE * self._touched), 0
        left = room
        for family in self._metrics:
            self.marks.advance(family)
            left -= self._finish_panes(family, left)
        finals = {family: self.marks.final(family) for family in self._metrics}
        changed, self._changed = self._changed, {}
        for (name, pane), numbers in changed.items():
            cell = self.rows.get(cell_key(name, pane))
            if cell is not None:
                series = self.names.read(name)
                family = series.family.name
                final = self._is_final(family, finals[family], pane)
                if final and not self._is_final(family, self.marks.finished(family), pane):
                    self._early[family].add((name, pane))
                    numbers |= cell.revisions.keys()
                yield from self._changes(series, pane, cell, sorted(numbers), final)
        for family, terms in self._terms.items():
            if room <= 0:
                break
            for name, pane in terms.take(self.marks.gone(family), partial(self._leaving, family)):
                yield from self._drop(name, pane)
                room -= 1
                if room <= 0:
                    break

    def restore(self) -> None:
        """Find the panes again after the rows were read back."""
        for key in self.rows:
            name, pane = read_cell_key(key)
            self._index(self.names.read(name).family.name, name, pane)

    def series(self) -> set[str]:
        """The names of all series that have a cell."""
        return set().union(*self._panes.values())

    def series_in(self, family: str, pane: Pane) -> set[str]:
        """The names of a family's series that have a cell in a pane."""
        return self._panes.get((family, pane)) or set()

    def revision(self, name: str, pane: Pane, number: int) -> int:
        """How often a figure was published; 0 where it never was."""
        cell = self.rows.get(cell_key(name, pane))
        return 0 if cell is None else cell.revisions.get(number, 0)

    def is_gone(self, family: str, pane: Pane) -> bool:
        """Whether a pane takes nothing more."""
        return self._gone(family, self.marks.gone(family), pane)

    def slots(self, name: str, pane: Pane) -> dict[int, int] | None:
        cell = self.rows.peek(cell_key(name, pane))
        return None if cell is None else joined(cell.parts)

    def _changes(
        self, series: Series, pane: Pane, cell: Cell, numbers: list[int], final: bool
    ) -> list[Change]:
        changes: list[Change] = []
        metrics, parts, revisions = self._metrics[series.family.name], cell.parts, cell.revisions
        for number in numbers:
            metric = metrics[number]
            figure = metric.kind.figure(parts.get(number, NO_SLOTS))
            revision = revisions.get(number, 0)
            if figure is NOTHING and not revision:
                continue
            revisions[number] = revision + 1
            changes.append(Change(metric, series, pane, figure, revision + 1, final))
        return changes

    def _finish_panes(self, family: str, room: int) -> int:
        """Panes whose end the watermark has passed are published once more, as final; how many cells."""
        ends, low, number, early = self._ends[family], self.marks.final(family), 0, self._early[family]
        if room > 0:
            for name, pane in ends.take(low, partial(self.series_in, family)):
                key = cell_key(name, pane)
                cell = self.rows.get(key)
                if cell is None or not cell.revisions or (name, pane) in early:
                    continue
                self._changed.setdefault((name, pane), set()).update(cell.revisions)
                self.rows.changed(key)
                number += 1
                if number >= room:
                    break
        if ends.has(low) and ends.earliest is not None:
            self.marks.finished_up_to(family, ends.earliest - 1)
        else:
            self.marks.finished_up_to(family, None)
            early.clear()
        return number

    def _leaving(self, family: str, pane: Pane) -> set[str]:
        return self._panes.pop((family, pane), set())

    def _drop(self, name: str, pane: Pane) -> Iterator[Change]:
        series, key = self.names.read(name), cell_key(name, pane)
        cell = self.rows.get(key)
        family = series.family.name
        metrics = self._metrics[family]
        for number, revision in (cell.revisions if cell else {}).items():
            yield Change(metrics[number], series, pane, None, revision, True)
        self.rows.delete(key)
        if self.levels is not None and family in self._of_levels:
            self.levels.went(name, pane)
        if cell is not None and self.watch is not None:
            self.watch(name, pane, {slot: -number for slot, number in joined(cell.parts).items()})

    def _index(self, family: str, name: str, pane: Pane) -> None:
        is_level, names = family in self._of_levels, self._panes.get((family, pane))
        if is_level and self.levels is not None:
            self.levels.came(family, name, pane, names is None)
        if names is not None:
            names.add(name)
            return
        self._panes[family, pane] = {name}
        end, term = self._span(family, pane)
        if end is not None and not is_level and not self._is_final(family, self.marks.finished(family), pane):
            self._ends[family].add(end, pane)
        if term is not None:
            self._terms[family].add(term, pane)

    def _span(self, family: str, pane: Pane) -> tuple[int | None, int | None]:
        """When a pane ends, and when its retention is over."""
        span = self._spans.get((family, pane))
        if span is None:
            if len(self._spans) > 100_000:
                self._spans.clear()
            end, kept = self._calendar.end(*pane), self._retentions[family].of(pane[0])
            span = end, None if end is None or kept is None else end + kept
            self._spans[family, pane] = span
        return span

    def _gone(self, family: str, low: int | None, pane: Pane) -> bool:
        term = self._span(family, pane)[1]
        return low is not None and term is not None and term <= low

    def _is_final(self, family: str, low: int | None, pane: Pane) -> bool:
        if low is None:
            return False
        end = self._span(family, pane)[0]
        return end is not None and end <= low


def cell_key(name: str, pane: Pane) -> str:
    return f"{name}|{pane[0]}|{pane[1]}"


def read_cell_key(key: str) -> tuple[str, Pane]:
    name, kind, start = key.rsplit("|", 2)
    return name, (kind, int(start))
