"""The steps of levels as cells: those of each pane, and the total of all, in pieces."""

from streams.windows.cells import Pane, Parts
from streams.windows.kinds import Slots
from streams.windows.panes import Calendar
from streams.windows.rollup import Rollup, cell_key
from streams.windows.vector import WIDTH, add_to

PIECE = 1440
"Slots of a total that share a row: a checkpoint writes only the rows that it changed."

NO_PARTS: Parts = {}

Totals = dict[int, dict[int, int]]
"Parts to add to."


class Steps:
    """Reads and writes the cells that levels are made of.

    The level at an instant is the total less the steps from then on: so however old a step is, or one that
    is taken back, it is in it.
    """

    def __init__(self, rollup: Rollup, calendar: Calendar) -> None:
        self._rollup = rollup
        self._calendar = calendar

    def add(self, family: str, name: str, pane: Pane, slots: Slots) -> None:
        add_to(self._rollup.cell(family, name, pane).parts, slots)

    def add_to_total(self, family: str, name: str, pieces: list[int], slots: Slots) -> list[int] | None:
        """Add to a series' total; the pieces that it then has, where these are others than before."""
        before = pieces
        parts: dict[int, dict[int, int]] = {}
        for slot, number in slots.items():
            parts.setdefault((slot >> WIDTH) // PIECE, {})[slot] = number
        for piece, part in parts.items():
            pane = ("total", piece)
            cell = self._rollup.cell(family, name, pane)
            add_to(cell.parts, part)
            there = any(cell.parts.values())
            if not there:
                self._rollup.discard(family, name, pane)
            if there is not (piece in pieces):
                pieces = sorted({*pieces} ^ {piece})
        return None if pieces is before else pieces

    def of(self, name: str, pane: Pane) -> Parts:
        """The steps in a pane."""
        cell = self._rollup.rows.peek(cell_key(name, pane))
        return NO_PARTS if cell is None else cell.parts

    def level(self, name: str, pieces: list[int], kind: str, start: int, latest: int) -> Totals:
        """The level at the start of a pane; the latest pane with steps begins at `latest`."""
        level: Totals = {}
        for piece in pieces:
            for number, part in self.of(name, ("total", piece)).items():
                level.setdefault(number, {}).update(part.items())
        for at in self._rollup.starts(name, kind, start, latest):
            add_up(level, self.of(name, (kind, at)), -1)
        return level

    def end(self, kind: str, start: int) -> int:
        end = self._calendar.end(kind, start)
        assert end is not None
        return end


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
