"""The rollup: cells that add up, figures told with growing revisions, panes that end and go."""

import random
from collections import Counter
from typing import Any

import pytest

from streams.catalogue import Observation
from streams.state.rows import Rows
from streams.windows import rollup
from streams.windows.cell import Cell
from streams.windows.cells import Pane
from streams.windows.change import Change
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.panes import KINDS, PUBLISHED, Calendar, Retention
from streams.windows.rollup import Rollup
from streams.windows.watermarks import Mark, Marks
from tests.parcels import WORLD

Place = tuple[str, str, Pane]
HOUR, DAY = 3600, 86400
START = 20_390 * DAY
SENT = next(metric for metric in WORLD.metrics if metric.name == "parcels_sent")
DIRECT = next(metric for metric in WORLD.metrics if metric.name == "direct")
SOURCES = {family.name: frozenset({"all"}) for family in WORLD.families}
KEPT = Retention(minute=HOUR, hour=6 * HOUR, day=3 * DAY, month=60 * DAY)


class Rolled:
    """A rollup with its tables, that can be lost and read back."""

    def __init__(self, published: tuple[str, ...] = PUBLISHED, retention: Retention = KEPT) -> None:
        self.published, self.retention = published, retention
        self.written: dict[str, dict[str, bytes]] = {"cells": {}, "marks": {}}
        self.open()

    def open(self) -> None:
        """As a new owner, from what was written."""
        self.rows: dict[str, Rows[Any]] = {"cells": Rows(Cell), "marks": Rows(Mark)}
        for table, rows in self.rows.items():
            rows.restore(dict(self.written[table]))
        marks = Marks(self.rows["marks"], SOURCES)
        self.rollup = Rollup(WORLD, Calendar(), self.retention, self.published, self.rows["cells"], marks)
        self.rollup.restore()

    def add(
        self, second: int, number: int = 1, *, size: str = "L", metric: Any = SENT, sign: int = 1
    ) -> None:
        leaf = Leaf(WORLD, Labels())
        for _ in range(number):
            leaf.add(metric, (Observation(second * 1_000_000, (size, None), 1),), sign)
        for name, panes in leaf.project().items():
            self.rollup.add(name, panes)

    def reach(self, second: int, clock: int | None = None) -> None:
        self.rollup.marks.take("all", second, clock)

    def conclude(self) -> list[Change]:
        changes = list(self.rollup.conclude())
        for table, rows in self.rows.items():
            for key, value in written(rows).items():
                if value is None:
                    self.written[table].pop(key, None)
                else:
                    self.written[table][key] = value
        return changes

    def total(self) -> list[tuple[str, Any, int, bool]]:
        """What is told of the total series' panes: kind, value, revision, final."""
        told = [change for change in self.conclude() if change.series.text == ""]
        return [(c.pane[0], c.figure and c.figure["value"], c.revision, c.final) for c in told]


def written(rows: Rows[Any]) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    rows.write(lambda key, value: found.update({key.decode(): value}))
    return found


def test_figures_are_told_when_they_change_and_with_growing_revisions() -> None:
    rolled = Rolled()
    rolled.add(START)
    assert rolled.total() == [(kind, 1, 1, False) for kind in ("hour", "day", "month", "total")]
    assert rolled.total() == []
    rolled.add(START + HOUR, 2)
    assert sorted(rolled.total()) == [
        ("day", 3, 2, False),
        ("hour", 2, 1, False),
        ("month", 3, 2, False),
        ("total", 3, 2, False),
    ]


def test_several_contributions_are_told_once() -> None:
    rolled = Rolled()
    for second in range(5):
        rolled.add(START + second)
    assert rolled.total() == [(kind, 5, 1, False) for kind in ("hour", "day", "month", "total")]


def test_only_metrics_that_changed_are_told() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.add(START, metric=DIRECT)
    rolled.conclude()
    rolled.add(START, metric=DIRECT)
    assert {change.metric.name for change in rolled.conclude()} == {"direct"}


def test_minutes_are_told_only_where_they_are_published() -> None:
    rolled = Rolled(published=KINDS)
    rolled.add(START)
    assert [pane for pane, *_ in rolled.total()] == ["minute", "hour", "day", "month", "total"]


def test_minutes_that_were_published_are_corrected_where_that_was_switched_off() -> None:
    rolled = Rolled(KINDS)
    rolled.add(START, 2)
    rolled.conclude()
    rolled.published = PUBLISHED
    rolled.open()
    rolled.add(START, sign=-1)
    rolled.add(START + 60)
    assert [told for told in rolled.total() if told[0] == "minute"] == [("minute", 1, 2, False)]
    rolled.reach(START + 60)
    assert [told for told in rolled.total() if told[0] == "minute"] == [("minute", 1, 3, True)]


def test_a_figure_that_falls_to_nothing_is_told_as_nothing() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.conclude()
    rolled.add(START, sign=-1)
    assert rolled.total() == [(kind, None, 2, False) for kind in ("hour", "day", "month", "total")]
    rolled.add(START)
    assert rolled.total() == [(kind, 1, 3, False) for kind in ("hour", "day", "month", "total")]


def test_what_came_and_went_between_two_times_is_not_told() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.add(START, sign=-1)
    assert rolled.conclude() == []


def test_a_pane_is_told_once_more_when_it_has_ended() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.conclude()
    rolled.reach(START + HOUR - 1)
    assert rolled.total() == []
    rolled.reach(START + HOUR)
    assert rolled.total() == [("hour", 1, 2, True)]
    rolled.reach(START + HOUR + 1)
    assert rolled.total() == []


def test_a_correction_of_a_final_figure_is_final_too() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.reach(START + HOUR)
    assert ("hour", 1, 1, True) in rolled.total()
    rolled.add(START)
    assert ("hour", 2, 2, True) in rolled.total()


def test_a_late_pane_is_final_from_the_first() -> None:
    rolled = Rolled()
    rolled.reach(START + 2 * HOUR)
    rolled.conclude()
    rolled.add(START)
    assert ("hour", 1, 1, True) in rolled.total()


def test_a_pane_past_its_retention_goes_and_takes_nothing_more() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.add(START, 2, size="S")
    rolled.conclude()
    rolled.reach(START + 7 * HOUR - 1)
    rolled.conclude()
    rolled.reach(START + 7 * HOUR)
    gone = [change for change in rolled.conclude() if change.figure is None]
    assert {(change.series.text, change.pane) for change in gone} == {
        (text, ("hour", START)) for text in ("", "size=L", "size=S", "hub=unknown")
    }
    rolled.add(START)
    assert [pane for pane, *_ in rolled.total()] == ["day", "month", "total"]
    assert rolled.rollup.late["parcels"] > 0
    assert not [key for key in rolled.written["cells"] if f"hour|{START}" in key]


def test_minutes_go_silently_where_they_are_not_published() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.conclude()
    rolled.reach(START + HOUR + 60)
    assert [change for change in rolled.conclude() if change.figure is None] == []
    assert not [key for key in rolled.written["cells"] if "|minute|" in key]


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_ends_or_goes_at_once_is_spread_over_checkpoints(
    is_lost: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new owner goes on with the pane that was ending, whose figures are final in any case."""
    monkeypatch.setattr(rollup, "AT_ONCE", 3)
    rolled, sizes = Rolled(), [f"size {number}" for number in range(20)]
    for hour in range(2):
        for size in sizes:
            rolled.add(START + hour * HOUR, size=size)
    rolled.conclude()
    rolled.conclude()

    def spread() -> list[Change]:
        told: list[Change] = []
        for number in range(100):
            changes = rolled.conclude()
            assert len(changes) <= 3
            told += changes
            if not rolled.rollup.unfinished:
                return told
            if is_lost and number == 10:  # the first pane has ended as a whole, the second has not
                rolled.open()
        raise AssertionError("no end")

    rolled.reach(START + 2 * HOUR)
    series = {"", "hub=unknown", *(f"size={size}" for size in sizes)}
    panes = {("hour", START), ("hour", START + HOUR)}
    finals = spread()
    assert all(change.final for change in finals)
    assert {(change.series.text, change.pane) for change in finals} == {(s, p) for s in series for p in panes}
    told = Counter(change.pane for change in finals)
    assert told["hour", START] == len(series)
    assert (told["hour", START + HOUR] > len(series)) is is_lost
    assert rolled.conclude() == []
    rolled.reach(START + 8 * HOUR)
    gone = spread()
    assert {(change.series.text, change.pane, change.figure) for change in gone} == {
        (s, p, None) for s in series for p in panes
    }
    assert len(gone) == 2 * len(series)
    assert not [key for key in rolled.written["cells"] if "|hour|" in key]
    assert not [key for key in rolled.written["marks"] if key.startswith("<")]


def test_what_changes_while_its_pane_waits_to_be_final_is_final_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "AT_ONCE", 1)
    rolled, sizes = Rolled(), [f"size {number}" for number in range(20)]
    for size in sizes:
        rolled.add(START, size=size)
    rolled.conclude()
    rolled.conclude()
    rolled.reach(START + HOUR)
    rolled.conclude()
    for size in sizes:
        rolled.add(START, size=size)
    told = Counter((change.series.text, change.pane, change.revision) for change in rolled.conclude())
    while rolled.rollup.unfinished:
        told.update((change.series.text, change.pane, change.revision) for change in rolled.conclude())
    assert {(text, revision) for text, pane, revision in told if pane[0] == "hour" and "size" in text} <= {
        *((f"size={size}", revision) for size in sizes for revision in (2, 3))
    }
    assert len([pane for _, pane, _ in told if pane == ("hour", START)]) == len(sizes) + 2


def test_a_catch_up_keeps_no_more_than_what_is_within_its_retention(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each checkpoint makes more cells than are finished at once: they go as fast as they come."""
    monkeypatch.setattr(rollup, "AT_ONCE", 5)
    rolled, most = Rolled(), 0
    for hour in range(60):
        for minute in range(60):
            rolled.add(START + hour * HOUR + minute * 60, size=f"size {minute % 7}")
        rolled.reach(START + hour * HOUR)
        rolled.conclude()
        most = max(most, sum("|minute|" in key for key in rolled.written["cells"]))
    assert most <= 3 * 60 * 3, "minutes are kept for an hour: those of this one, and of the one before"


def test_the_clock_makes_final_but_lets_nothing_go() -> None:
    rolled = Rolled()
    rolled.add(START)
    rolled.reach(START, clock=START + 900 * DAY)
    assert {(pane, final) for pane, _, _, final in rolled.total()} == {
        ("hour", True),
        ("day", True),
        ("month", True),
        ("total", False),
    }
    rolled.add(START)
    assert len(rolled.total()) == 4


def test_all_that_is_added_is_told_to_the_watch() -> None:
    rolled, sums = Rolled(), Counter[Pane]()

    def watch(name: str, pane: Pane, slots: dict[int, int]) -> None:
        if name == "parcels|":
            sums[pane] += sum(slots.values())

    rolled.rollup.watch = watch
    rolled.add(START, 3)
    rolled.add(START + 60, 2)
    rolled.add(START, sign=-1)
    assert sums[("minute", START)] == 2
    assert sums[("total", 0)] == 4
    assert {pane: sum((rolled.rollup.slots("parcels|", pane) or {}).values()) for pane in sums} == dict(sums)


@pytest.mark.parametrize("seed", range(25))
def test_a_rollup_that_is_lost_goes_on_as_one_that_is_not(seed: int) -> None:
    """Random additions, watermarks and changes of owner; figures, revisions and flags are told alike."""
    chance = random.Random(seed)
    steady, lost = Rolled(KINDS), Rolled(KINDS)
    reached, told, revisions = START, 0, Counter[Place]()
    gone, final = set[Place](), set[Place]()
    for _ in range(60):
        match chance.choice(("add", "add", "add", "take back", "reach")):
            case "reach":
                reached += chance.choice((60, 1800, 5 * HOUR, 26 * HOUR))
                clock = chance.choice((None, reached + chance.randint(0, 9000)))
                for rolled in (steady, lost):
                    rolled.reach(reached, clock)
            case kind:
                second = reached + chance.randint(-2 * DAY, HOUR)
                size, metric = chance.choice("LS"), chance.choice((SENT, DIRECT))
                for rolled in (steady, lost):
                    rolled.add(second, size=size, metric=metric, sign=1 if kind == "add" else -1)
        if chance.random() < 0.5:
            changes = steady.conclude()
            assert sorted(map(repr, map(plain, lost.conclude()))) == sorted(map(repr, map(plain, changes)))
            if chance.random() < 0.5:
                lost.open()
            for change in changes:
                place = (change.metric.name, change.series.text, change.pane)
                assert place not in gone
                if change.figure is None:
                    gone.add(place)
                    continue
                revisions[place] += 1
                assert change.revision == revisions[place]
                assert change.final or place not in final, "what is final stays so"
                if change.final:
                    final.add(place)
                told += 1
    assert told > 50
    assert steady.written == lost.written


def plain(change: Change) -> tuple[Any, ...]:
    return (change.metric.name, change.series.text, change.pane, change.figure, change.revision, change.final)
