"""The steps of levels as cells: those of each pane, and the total of all, in pieces."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

from streams.windows.cells import Pane, Parts
from streams.windows.kinds import Slots
from streams.windows.rollup import Rollup, cell_key
from streams.windows.vector import WIDTH, add_to

PIECE = 1440
"Slots of a total that share a row: a checkpoint writes only the rows that it changed."

NO_PARTS: Parts = {}

Totals = dict[int, dict[int, int]]
"Parts to add to."


class Steps:
    """Reads and writes the cells that levels are made of, and knows which there are.

    The level at an instant is the total less the steps from then on: so however old a step is, or one that
    is taken back, it is in it.
    """

    def __init__(self, rollup: Rollup) -> None:
        self._rollup = rollup
        self._starts: dict[str, dict[str, list[int]]] = {}
        "By series and kind of pane, in order; of the total its pieces."

    def __iter__(self) -> Iterator[str]:
        """The names of all series that have a cell."""
        return iter(self._starts)

    def starts(self, name: str, kind: str, first: int | None = None) -> Sequence[int]:
        """The starts of a series' panes that have a cell, from the first on."""
        starts = self._starts.get(name, {}).get(kind, [])
        return starts if first is None else starts[bisect_left(starts, first) :]

    def came(self, name: str, pane: Pane) -> None:
        """There is a cell more."""
        insort(self._starts.setdefault(name, {}).setdefault(pane[0], []), pane[1])

    def went(self, name: str, pane: Pane) -> None:
        """A cell is no longer there."""
        kinds = self._starts[name]
        kinds[pane[0]].remove(pane[1])
        if not kinds[pane[0]]:
            del kinds[pane[0]]
        if not kinds:
            del self._starts[name]

    def add(self, family: str, name: str, pane: Pane, slots: Slots) -> None:
        add_to(self._rollup.cell(family, name, pane).parts, slots)

    def add_to_total(self, family: str, name: str, slots: Slots) -> None:
        parts: dict[int, dict[int, int]] = {}
        for slot, number in slots.items():
            parts.setdefault((slot >> WIDTH) // PIECE, {})[slot] = number
        for piece, part in parts.items():
            pane = ("total", piece)
            cell = self._rollup.cell(family, name, pane)
            add_to(cell.parts, part)
            if not any(cell.parts.values()):
                self._rollup.discard(family, name, pane)

    def of(self, name: str, pane: Pane) -> Parts:
        """The steps in a pane."""
        cell = self._rollup.rows.peek(cell_key(name, pane))
        return NO_PARTS if cell is None else cell.parts

    def total(self, name: str, *, pieces: int | None = None) -> Totals:
        """The total of all steps, or of so many of its pieces."""
        total: Totals = {}
        for piece in self.starts(name, "total")[:pieces]:
            add_up(total, self.of(name, ("total", piece)))
        return total


def add_up(into: Totals, parts: Parts, sign: int = 1) -> None:
    for number, part in parts.items():
        merge(into.setdefault(number, {}), part, sign)


def merge(into: dict[int, int], slots: Slots, sign: int = 1) -> None:
    """Add slots up, and leave none that is 0."""
    for slot, number in slots.items():
        if total := into.get(slot, 0) + sign * number:
            into[slot] = total
        else:
            into.pop(slot, None)
