"""Levels: told at each pane's end, again when it is final, and again when a late step changed it."""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.catalogue import Observation
from streams.state.rows import Rows
from streams.windows.cell import Cell
from streams.windows.cells import Parts
from streams.windows.change import Change
from streams.windows.courses import Standing
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.rollup import Rollup
from streams.windows.standings import EFFORT, Standings
from streams.windows.steps import Steps
from streams.windows.watermarks import Mark, Marks
from tests.stock import STOCKED, TIME_UNDER_WAY, UNDER_WAY
from tests.windows.test_rollup import written

HOUR, DAY, MICRO = 3600, 86400, 1_000_000
START = 20_390 * DAY
DISORDER = 120
KEPT = Retention(minute=HOUR, hour=30 * HOUR, day=5 * DAY, month=60 * DAY)
SOURCES = {family.name: frozenset({"all"}) for family in STOCKED.families}
TYPES: Mapping[str, Any] = {"cells": Cell, "marks": Mark, "levels": Standing}

Place = tuple[str, str, str, int]
"Metric, dimensions, kind and start of a pane."


class Yard:
    """A rollup and its levels, that can be lost and read back; it hears what is told and checks its rules."""

    def __init__(self, zone: str = "UTC", retention: Retention = KEPT) -> None:
        self.calendar, self.retention = Calendar(ZoneInfo(zone)), retention
        self.written: dict[str, dict[str, bytes]] = {table: {} for table in TYPES}
        self.steps: list[tuple[int, str, int, int]] = []
        "Time, size, how many, and since when; all in seconds."
        self.told: dict[Place, Change] = {}
        self.gone: set[Place] = set()
        self.open()

    def open(self) -> None:
        """As a new owner, from what was written."""
        self.rows: dict[str, Rows[Any]] = {table: Rows(type_) for table, type_ in TYPES.items()}
        for table, rows in self.rows.items():
            rows.restore(dict(self.written[table]))
        marks = Marks(self.rows["marks"], SOURCES)
        self.rollup = Rollup(STOCKED, self.calendar, self.retention, PUBLISHED, self.rows["cells"], marks)
        self.rollup.restore()
        self.standings = Standings(
            STOCKED, self.calendar, self.retention, DISORDER, self.rollup, self.rows["levels"]
        )

    def step(self, second: int, number: int = 1, size: str = "L", since: int | None = None) -> None:
        began = second if since is None else since
        self.steps.append((second, size, number, began))
        leaf = Leaf(STOCKED, Labels())
        for metric, value in ((UNDER_WAY, number), (TIME_UNDER_WAY, (number, began * MICRO))):
            leaf.add(metric, (Observation(second * MICRO, (size, None), value),), 1)
        for name, panes in leaf.project().items():
            self.standings.add(name, panes)

    def reach(self, second: int, events: int | None = None) -> None:
        """`now` is so far, events may be less so."""
        at = second if events is None else events
        self.rollup.marks.take("all", at - DISORDER, second - DISORDER)

    def conclude(self, effort: int = EFFORT) -> list[Change]:
        changes = [*self.rollup.conclude(), *self.standings.conclude(effort)]
        for change in changes:
            self._hear(change)
        for table, rows in self.rows.items():
            for key, value in written(rows).items():
                if value is None:
                    self.written[table].pop(key, None)
                else:
                    self.written[table][key] = value
        return changes

    def settle(self, effort: int = EFFORT) -> None:
        self.conclude(effort)
        while self.standings.unfinished:
            self.conclude(effort)

    def _hear(self, change: Change) -> None:
        place = (change.metric.name, change.series.text, *change.pane)
        assert place not in self.gone, "what has gone stays away"
        before = self.told.get(place)
        if change.figure is None:
            assert before is not None
            self.gone.add(place)
            del self.told[place]
            return
        assert change.revision == (before.revision + 1 if before else 1)
        assert before or change.figure["count"], "nothing is told of nothing"
        assert change.final or not (before and before.final), "what is final stays so"
        self.told[place] = change

    def values(self, text: str = "", metric: str = "under_way") -> dict[str, Any]:
        """The values of a series by pane, by the hours or days from START."""
        found = {}
        for (name, of, kind, start), change in sorted(self.told.items(), key=lambda item: item[0][3]):
            if (name, of) == (metric, text):
                assert change.figure is not None
                found[f"{kind} {(start - START) // (HOUR if kind == 'hour' else DAY)}"] = change.figure[
                    "value"
                ]
        return found

    def expected(self, now: int) -> dict[Place, dict[str, Any]]:
        """Every level that is not nothing at the ends of panes that have ended and are kept, from scratch."""
        found: dict[Place, dict[str, Any]] = {}
        if not self.steps:
            return found
        for kind in ("hour", "day"):
            start = self.calendar.start(kind, min(step[0] for step in self.steps))
            while (end := self.calendar.end(kind, start)) is not None and end <= now:
                if end + (self.retention.of(kind) or 0) > now:
                    for text in ("", "size=L", "size=S"):
                        there = [
                            step for step in self.steps if step[0] < end and text in ("", f"size={step[1]}")
                        ]
                        count = sum(number for _, _, number, _ in there)
                        if count:
                            ages = Counter[int]()
                            for _, _, number, since in there:
                                ages[end - since] += number
                            total = sum(age * number for age, number in ages.items())
                            found["under_way", text, kind, start] = {"value": count}
                            found["time_under_way", text, kind, start] = {
                                "value": total / count,
                                "sum": total,
                            }
                start = end
        return found

    def check(self, now: int) -> int:
        """What is told equals what is from scratch; the number of figures compared."""
        expected = self.expected(now)
        for place, fields in expected.items():
            figure = self.told[place].figure
            assert figure is not None
            assert {name: figure[name] for name in fields} == fields, place  # type: ignore[literal-required]
        for place, change in self.told.items():
            if place not in expected:
                end = self.calendar.end(place[2], place[3])
                assert end is not None and change.figure is not None
                over = end + (self.retention.of(place[2]) or 0) <= now
                assert over or change.figure["count"] == 0, place
            assert change.final == (self.calendar.end(*place[2:]) <= now - DISORDER)  # type: ignore[operator]
        return len(expected)


def test_a_level_is_told_at_the_end_of_each_pane_also_where_nothing_happens() -> None:
    yard = Yard()
    yard.step(START + 10 * 60)
    yard.reach(START + HOUR - 1)
    yard.settle()
    assert yard.values() == {}
    yard.reach(START + HOUR)
    yard.settle()
    assert yard.values() == {"hour 0": 1}
    yard.reach(START + 3 * HOUR + 59)
    yard.settle()
    assert yard.values() == {"hour 0": 1, "hour 1": 1, "hour 2": 1}
    assert yard.values(metric="time_under_way") == {"hour 0": 3000, "hour 1": 6600, "hour 2": 10200}
    yard.reach(START + DAY)
    yard.settle()
    assert yard.values()["day 0"] == 1


def test_a_step_at_the_very_end_of_a_pane_comes_after_it() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + HOUR, -1, since=START)
    yard.reach(START + 2 * HOUR)
    yard.settle()
    assert yard.values() == {"hour 0": 1}


def test_each_pane_is_told_twice_as_running_and_as_final() -> None:
    yard = Yard()
    yard.step(START)
    yard.reach(START + HOUR)
    assert {change.final for change in yard.conclude()} == {False}
    assert yard.conclude() == []
    yard.reach(START + HOUR + DISORDER)
    changes = yard.conclude()
    assert {change.final for change in changes} == {True}
    assert {change.revision for change in changes} == {2}
    yard.reach(START + HOUR + DISORDER + 1)
    assert yard.conclude() == []


def test_late_steps_correct_what_was_told_after_them_and_nothing_else() -> None:
    yard = Yard()
    yard.step(START)
    yard.reach(START + 6 * HOUR)
    yard.settle()
    yard.step(START + 2 * HOUR)
    yard.step(START + 4 * HOUR, -1, since=START + 2 * HOUR)
    changes = [change for change in yard.conclude() if change.series.text == ""]
    assert {(c.pane[1] - START) // HOUR for c in changes} == {2, 3}
    assert yard.values() == {"hour 0": 1, "hour 1": 1, "hour 2": 2, "hour 3": 2, "hour 4": 1, "hour 5": 1}


def test_what_is_taken_back_is_told_as_nothing() -> None:
    yard = Yard()
    yard.step(START)
    yard.reach(START + 2 * HOUR)
    yard.settle()
    yard.step(START, -1, since=START)
    yard.settle()
    assert yard.values() == {"hour 0": None, "hour 1": None}
    yard.reach(START + 5 * HOUR)
    yard.settle()
    assert set(yard.values()) == {"hour 0", "hour 1"}


def test_steps_of_long_ago_stay_in_the_level_and_can_be_taken_back() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + HOUR, size="S")
    yard.reach(START + 20 * DAY)
    yard.settle()
    assert yard.values("size=L")[f"hour {20 * 24 - 1}"] == 1
    assert "hour 0" not in yard.values("size=L")
    yard.step(START, -1, since=START)
    yard.settle()
    assert yard.values()[f"hour {20 * 24 - 1}"] == 1
    assert {*yard.values("size=L").values()} == {None}


def test_a_log_of_long_ago_that_is_caught_up_tells_only_what_is_kept_by_the_clock() -> None:
    yard = Yard()
    for hour in range(0, 50, 5):
        yard.step(START + hour * HOUR)
        yard.reach(START + hour * HOUR)
        yard.settle()
    yard.reach(START + 365 * DAY, events=START + 45 * HOUR)
    told = yard.conclude()
    yard.settle()
    hours = {change.pane[1] for change in told if change.pane[0] == "hour" and change.revision == 1}
    assert min(hours) >= START + 365 * DAY - 30 * HOUR - HOUR
    assert len(hours) == 30
    assert yard.values()["hour 44"] == 9, "what the log keeps is kept"
    assert yard.check(START + 365 * DAY)


def test_a_step_after_thirty_years_looks_at_no_pane_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events keep their time, and only the clock went on: by it nothing of long ago is told any more."""
    yard, looked, of = Yard(), Counter[str](), Steps.of
    yard.step(START)
    yard.reach(START + 2 * HOUR)
    yard.settle()
    much_later = START + 30 * 365 * DAY
    yard.step(START + HOUR, size="S")
    yard.step(START - DAY)
    yard.step(much_later - HOUR)
    yard.reach(much_later, events=START)

    def counted(self: Steps, name: str, pane: tuple[str, int]) -> Parts:
        looked[pane[0]] += 1
        return of(self, name, pane)

    monkeypatch.setattr(Steps, "of", counted)
    yard.settle()
    assert looked["hour"] < 10_000
    assert yard.check(much_later) > 100
    assert yard.values()["hour 0"] == yard.values("size=L")["hour 0"] == 2, "what was told then is corrected"


def test_much_to_tell_is_spread_over_checkpoints() -> None:
    yard = Yard()
    for number in range(200):
        yard.step(START + number, size=f"size {number}")
    yard.reach(START + 10 * HOUR)
    told = []
    while not told or yard.standings.unfinished:
        told.append(len(yard.conclude(effort=5000)))
    assert len(told) > 20
    assert max(told) < 200
    assert sum(told) == 201 * 2 * 10
    assert yard.conclude() == []


def test_levels_that_are_over_leave_nothing_behind() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + 90 * 60, -1, since=START)
    yard.reach(START + 2 * DAY - 20 * HOUR)
    yard.settle()
    assert yard.written["levels"]
    yard.reach(START + 8 * DAY)
    yard.settle()
    assert yard.told == {}
    assert yard.written["levels"] == {}
    assert yard.written["cells"] == {}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_told_equals_what_is_from_scratch(seed: int, zone: str) -> None:
    """Random steps, some of them late or taken back, a clock that walks and jumps, owners that are lost."""
    chance, yard, now, events, compared = random.Random(f"{seed} {zone}"), Yard(zone), START, START, 0
    open_: list[tuple[int, str, int]] = []
    yard.reach(now)
    for _ in range(150):
        match chance.choice(("come", "come", "go", "back", "time", "time", "look", "owner")):
            case "come":
                second = now - chance.choice((0, 0, 60, 5 * HOUR, 3 * DAY)) - chance.randint(0, 900)
                size = chance.choice("LS")
                yard.step(second, size=size)
                open_.append((second, size, len(yard.steps) - 1))
            case "go" if open_:
                second, size, _ = open_.pop(chance.randrange(len(open_)))
                yard.step(chance.randint(second, max(second, now)), -1, size, since=second)
            case "back" if open_:
                second, size, _ = open_.pop(chance.randrange(len(open_)))
                yard.step(second, -1, size, since=second)
            case "time":
                now += chance.choice((30, 600, HOUR, 7 * HOUR, 26 * HOUR, chance.choice((HOUR, 12 * DAY))))
                events = now if chance.random() < 0.6 else events
                yard.reach(now, events=events)
            case "look":
                yard.settle(effort=chance.choice((200, 1000, EFFORT)))
                compared += yard.check(now)
            case "owner":
                yard.conclude(effort=chance.choice((100, EFFORT)))
                yard.open()
    yard.settle()
    compared += yard.check(now)
    assert compared > 200
