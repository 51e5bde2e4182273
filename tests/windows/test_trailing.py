"""Trailing windows: the sums that are kept equal those of the panes in the window, as time moves."""

import random
from collections import Counter, defaultdict
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.catalogue import Observation
from streams.state.rows import Rows
from streams.windows.cell import Cell
from streams.windows.cells import Pane
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.rollup import Rollup
from streams.windows.trailing import WINDOWS, Trailing
from streams.windows.watermarks import Mark, Marks
from tests.parcels import WORLD

MINUTE, HOUR, DAY = 60, 3600, 86400
START = 20_390 * DAY
SENT = WORLD.metrics[0]
SOURCES = {family.name: frozenset({"all"}) for family in WORLD.families}


class Shown:
    """A rollup with its trailing windows, and beside them all that was ever added."""

    def __init__(self, *sets: set[str], zone: str = "UTC", retention: Retention | None = None) -> None:
        self.calendar = Calendar(ZoneInfo(zone))
        self.marks = Marks(Rows(Mark), SOURCES)
        self.rollup = Rollup(
            WORLD, self.calendar, retention or Retention(), PUBLISHED, Rows(Cell), self.marks
        )
        self.sets = [frozenset(names) for names in sets] or [frozenset()]
        self.added: dict[str, Counter[Pane]] = defaultdict(Counter)
        self.leaf = Leaf(WORLD, Labels())
        self.open()

    def open(self) -> None:
        """As a new owner of the same cells does."""
        self.trailing = Trailing(WORLD, self.calendar, self.sets, self.rollup.slots)
        self.rollup.watch = self._watch

    def _watch(self, name: str, pane: Pane, slots: dict[int, int]) -> None:
        self.trailing.added(name, pane, slots)

    def add(self, second: int, size: str = "L", sign: int = 1) -> None:
        self.leaf.add(SENT, (Observation(second * 1_000_000, (size, None), 1),), sign)
        for name, panes in self.leaf.project().items():
            self.rollup.add(name, panes)
        for name in ("parcels|", f"parcels|size={size}", "parcels|hub=unknown"):
            for kind in ("minute", "hour", "day"):
                self.added[name][kind, self.calendar.start(kind, second)] += sign

    def reach(self, second: int) -> None:
        """Events have come so far: old panes go."""
        self.marks.take("all", second, None)
        list(self.rollup.conclude())

    def sums(self) -> dict[tuple[str, str], int]:
        found = self.trailing.sums.items()
        told = {
            (name, window.name): sum(total.slots.values())
            for name, windows in found
            for window, total in windows.items()
        }
        return {place: number for place, number in told.items() if number}

    def expected(self, now: int) -> dict[tuple[str, str], int]:
        """The panes of each window added up, from all that was ever added."""
        found = {}
        for name, panes in self.added.items():
            if frozenset(self.rollup.names.read(name).dimensions) not in self.sets:
                continue
            for window in (WINDOWS[name_] for name_ in ("5m", "1h", "24h")):
                if window.kind not in self.rollup.names.read(name).kinds:
                    continue
                start = self.calendar.start(window.kind, now)
                length = {"minute": MINUTE, "hour": HOUR}[window.kind]
                inside = sum(panes[window.kind, start - length * back] for back in range(window.panes))
                if inside:
                    found[name, window.name] = inside
        return found


def test_a_window_is_the_running_pane_and_those_before_it() -> None:
    shown = Shown()
    shown.trailing.move(START + 10 * MINUTE + 5)
    for minute in (5, 6, 10, 11):
        shown.add(START + minute * MINUTE)
    assert shown.sums() == {("parcels|", "5m"): 2, ("parcels|", "1h"): 3, ("parcels|", "24h"): 4}
    shown.trailing.move(START + 11 * MINUTE)
    assert shown.sums()["parcels|", "5m"] == 2


def test_time_alone_moves_windows() -> None:
    shown = Shown()
    shown.trailing.move(START)
    shown.add(START)
    seen = []
    for minutes in (0, 4, 5, 59, 60, 23 * 60 + 59, 24 * 60):
        shown.trailing.move(START + minutes * MINUTE)
        seen.append([shown.sums().get(("parcels|", window), 0) for window in ("5m", "1h", "24h")])
    assert seen == [[1, 1, 1], [1, 1, 1], [0, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_only_the_sets_that_are_exported_are_kept() -> None:
    shown = Shown(set(), {"size"})
    shown.trailing.move(START)
    shown.add(START)
    assert {name for name, _ in shown.sums()} == {"parcels|", "parcels|size=L"}


def test_coarse_sets_have_no_windows_of_minutes() -> None:
    shown = Shown({"hub"})
    shown.trailing.move(START)
    shown.add(START)
    assert shown.sums() == {("parcels|hub=unknown", "24h"): 1}


def test_a_new_owner_finds_them_in_the_cells() -> None:
    shown = Shown(set(), {"size"})
    shown.trailing.move(START)
    for minute in range(90):
        shown.add(START - minute * MINUTE, "LS"[minute % 2])
    before = shown.sums()
    assert before
    shown.open()
    shown.trailing.move(START)
    shown.trailing.restore(shown.rollup.series())
    assert shown.sums() == before == shown.expected(START)


def test_a_week_caught_up_at_once_leaves_nothing_behind() -> None:
    """Nobody looked while panes of minutes went past their retention: they leave the windows all the same."""
    shown = Shown()
    shown.trailing.move(START)
    shown.add(START)
    shown.reach(START)
    for hour in range(0, 7 * 24, 5):
        shown.add(START + hour * HOUR)
        shown.reach(START + hour * HOUR)
    now = START + 7 * DAY
    shown.trailing.move(now)
    assert shown.sums() == shown.expected(now)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("seed", range(12))
def test_sums_equal_those_of_the_panes_as_time_moves(seed: int, zone: str) -> None:
    chance, shown, now, compared = random.Random(seed), Shown(set(), {"size"}, {"hub"}, zone=zone), START, 0
    shown.trailing.move(now)
    for _ in range(150):
        match chance.choice(("add", "add", "add", "back", "move", "reach", "owner")):
            case "move":
                now += chance.choice((20, MINUTE, 7 * MINUTE, HOUR, 9 * HOUR))
                shown.trailing.move(now)
                assert shown.sums() == shown.expected(now)
                compared += len(shown.sums())
            case "reach":
                shown.reach(now - chance.randint(0, 5 * MINUTE))
            case "owner" if chance.random() < 0.3:
                shown.open()
                shown.trailing.move(now)
                shown.trailing.restore(shown.rollup.series())
            case kind:
                second = now - chance.choice((0, chance.randint(0, 2 * MINUTE), chance.randint(0, 5 * HOUR)))
                shown.add(second, chance.choice("LS"), 1 if kind == "add" else -1)
    assert compared > 20


def test_versions_tell_what_has_changed() -> None:
    shown = Shown()
    shown.trailing.move(START)

    def versions() -> dict[Any, int]:
        return {window.name: total.version for window, total in shown.trailing.sums["parcels|"].items()}

    shown.add(START)
    before = versions()
    shown.trailing.move(START + 1)
    assert versions() == before
    shown.add(START - 30 * MINUTE)
    assert {name for name, version in versions().items() if version != before[name]} == {"1h", "24h"}
