"""Trailing windows: the current pane and those before it, kept as running sums."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from streams.catalogue import Catalogue, Family, Sets
from streams.windows.cells import Pane, SeriesNames
from streams.windows.kinds import Slots
from streams.windows.panes import Calendar
from streams.windows.steps import merge


class Window(NamedTuple):
    """A trailing window: so many panes of a kind, the running one included."""

    name: str
    kind: str
    panes: int


WINDOWS = {
    name: Window(name, kind, panes)
    for name, kind, panes in (
        ("5m", "minute", 5),
        ("30m", "minute", 30),
        ("1h", "minute", 60),
        ("2h", "minute", 120),
        ("6h", "hour", 6),
        ("1d", "hour", 24),
        ("24h", "hour", 24),
        ("3d", "hour", 72),
        ("7d", "hour", 168),
        ("30d", "day", 30),
    )
}


Standing = Callable[[int, Mapping[str, Sets]], Iterator[tuple[str, Slots]]]
"What there is at a time of the series of some dimension sets, given by family."


@dataclass
class Sum:
    """The sum of a series over a window, and how often it changed."""

    slots: dict[int, int] = field(default_factory=dict)
    version: int = 0


class Trailing:
    """The windows of the exported series of one partition.

    `slots` reads a cell of the rollup. A pane's slots are in a sum from when the window reaches the pane
    until it has left it; `move` must be told of the time before sums are read. `standing` gives what there is
    of levels at a time: they have no window.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        calendar: Calendar,
        exported: Iterable[frozenset[str]],
        slots: Callable[[str, Pane], Slots | None],
        standing: Standing | None = None,
    ) -> None:
        self._names = SeriesNames(catalogue)
        self._calendar = calendar
        self._exported = catalogue.exported(exported)
        self._slots = slots
        self._standing = standing
        self._windows = {family.name: _windows_of(catalogue, family) for family in catalogue.families}
        self._panes: dict[Window, tuple[int, ...]] = {}
        self.sums: dict[str, dict[Window, Sum]] = {}
        self.now = 0

    def added(self, name: str, pane: Pane, slots: Mapping[int, int]) -> None:
        """Contributions were added to a cell of a series."""
        windows = self._sums_of(name)
        for window, total in windows.items():
            if window.kind == pane[0] and pane[1] in self._panes.get(window, ()):
                _add(total, slots, 1)

    def restore(self, names: Iterable[str]) -> None:
        for name in names:
            self._sums_of(name)

    def move(self, now: int) -> None:
        """The time has come to be `now` (seconds): panes leave windows and others come into them."""
        self.now = now
        for window in {window for windows in self._windows.values() for window in windows}:
            panes = self._reach(window, now)
            before = self._panes.get(window, ())
            if panes != before:
                self._panes[window] = panes
                self._shift(window, set(before) - set(panes), set(panes) - set(before))

    def standing(self) -> Iterator[tuple[str, Slots]]:
        """The levels of exported series, as they are now."""
        if self._standing is not None:
            yield from self._standing(self.now, self._exported)

    def _shift(self, window: Window, gone: set[int], come: set[int]) -> None:
        for name, windows in self.sums.items():
            if (total := windows.get(window)) is None:
                continue
            for start in gone:
                _add(total, self._slots(name, (window.kind, start)) or {}, -1)
            for start in come:
                _add(total, self._slots(name, (window.kind, start)) or {}, 1)

    def _reach(self, window: Window, now: int) -> tuple[int, ...]:
        starts = [self._calendar.start(window.kind, now)]
        while len(starts) < window.panes:
            starts.append(self._calendar.start(window.kind, starts[-1] - 1))
        return tuple(starts)

    def _sums_of(self, name: str) -> dict[Window, Sum]:
        windows = self.sums.get(name)
        if windows is None:
            series = self._names.read(name)
            if frozenset(series.dimensions) not in self._exported[series.family.name]:
                return {}
            kinds = series.kinds
            windows = {w: Sum() for w in self._windows[series.family.name] if w.kind in kinds}
            self.sums[name] = windows
            for window, total in windows.items():
                for start in self._panes.get(window, ()):
                    _add(total, self._slots(name, (window.kind, start)) or {}, 1)
            return {}
        return windows


def _windows_of(catalogue: Catalogue, family: Family) -> tuple[Window, ...]:
    names = dict.fromkeys(name for metric in catalogue.of_family(family) for name in metric.windows)
    return tuple(WINDOWS[name] for name in names)


def _add(total: Sum, slots: Mapping[int, int], sign: int) -> None:
    if not slots:
        return
    total.version += 1
    merge(total.slots, slots, sign)
