"""Levels: published in the panes that steps change, again when these are final, and after late steps."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from streams.catalogue import Metric, Observation
from streams.state.rows import Rows
from streams.windows.cell import Cell
from streams.windows.change import Change
from streams.windows.due import Due
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.panes import PUBLISHED, Calendar, Retention
from streams.windows.rollup import Rollup
from streams.windows.standings import EFFORT, Standings
from streams.windows.watermarks import Mark, Marks
from tests.stock import LEVELS, LONGEST_UNDER_WAY, STOCKED, TIME_UNDER_WAY, UNDER_WAY, WAITING_FOR
from tests.windows.test_rollup import written

HOUR, DAY, MICRO = 3600, 86400, 1_000_000
START = 20_390 * DAY  # 2025-10-29
DISORDER = 120
KEPT = Retention(minute=HOUR, hour=30 * HOUR, day=20 * DAY, month=100 * DAY)
SOURCES = {family.name: frozenset({"all"}) for family in STOCKED.families}
TYPES: Mapping[str, Any] = {"cells": Cell, "marks": Mark, "levels": Due}

Place = tuple[str, str, str, int]
"Metric, dimensions, kind and start of a pane."


class Step(NamedTuple):
    """All in seconds."""

    metric: Metric
    second: int
    size: str
    number: int
    since: int


class Yard:
    """A rollup and its levels, that can be lost and read back; it hears what is published and checks it."""

    def __init__(self, zone: str = "UTC", retention: Retention = KEPT) -> None:
        self.calendar, self.retention = Calendar(ZoneInfo(zone)), retention
        self.written: dict[str, dict[str, bytes]] = {table: {} for table in TYPES}
        self.steps: list[Step] = []
        self.told: dict[Place, Change] = {}
        self.gone: set[Place] = set()
        self.records = Counter[tuple[str, str]]()
        "How many there were of each metric and series."
        self.open()

    def open(self) -> None:
        """As a new owner, from what was written."""
        self.rows: dict[str, Rows[Any]] = {table: Rows(type_) for table, type_ in TYPES.items()}
        for table, rows in self.rows.items():
            rows.restore(dict(self.written[table]))
        marks = Marks(self.rows["marks"], SOURCES)
        self.rollup = Rollup(STOCKED, self.calendar, self.retention, PUBLISHED, self.rows["cells"], marks)
        self.standings = Standings(
            STOCKED, self.calendar, self.retention, DISORDER, self.rollup, self.rows["levels"]
        )
        self.standings.restore()
        self.rollup.restore()

    def step(self, second: int, number: int = 1, size: str = "L", since: int | None = None) -> None:
        """How many come, or go."""
        began = second if since is None else since
        self._take(
            *(Step(metric, second, size, number, began) for metric in LEVELS if metric is not WAITING_FOR)
        )

    def wait(self, second: int, until: int, size: str = "L", sign: int = 1) -> None:
        """Somebody waits from a time until another one, which may be still to come."""
        self._take(
            Step(WAITING_FOR, second, size, sign, second), Step(WAITING_FOR, until, size, -sign, second)
        )

    def _take(self, *steps: Step) -> None:
        self.steps += steps
        leaf = Leaf(STOCKED, Labels())
        for metric, second, size, number, since in steps:
            of_ages = metric in (TIME_UNDER_WAY, LONGEST_UNDER_WAY)
            value = (number, since * MICRO) if of_ages else number
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
        self.records[place[:2]] += 1
        before = self.told.get(place)
        if change.figure is None:
            assert before is not None
            self.gone.add(place)
            del self.told[place]
            return
        assert change.revision == (before.revision + 1 if before else 1)
        assert change.final or not (before and before.final), "what is final stays so"
        self.told[place] = change

    def values(self, text: str = "", metric: Metric = UNDER_WAY) -> dict[str, Any]:
        """The values of a series by pane, by the hours or days from START; the month's is just `month`."""
        found = {}
        for (name, of, kind, start), change in sorted(self.told.items(), key=lambda item: item[0][3]):
            if (name, of) == (metric.name, text):
                assert change.figure is not None
                place = (start - START) // (HOUR if kind == "hour" else DAY)
                found[kind if kind == "month" else f"{kind} {place}"] = change.figure["value"]
        return found

    def check(self, now: int) -> int:
        """What is published equals what is from scratch, and where anything changed it is there."""
        expected = set(self._changed(now))
        assert expected - self.told.keys() == set()
        for place, change in self.told.items():
            end, figure = self.calendar.end(*place[2:]), change.figure
            assert end is not None and figure is not None
            assert end <= now or (place[2] == "hour" and place[3] <= now)
            wanted = self._figure(place, now)
            assert {name: figure[name] for name in wanted} == wanted, place  # type: ignore[literal-required]
            assert change.final == (end <= now - DISORDER)
        return len(expected)

    def _changed(self, now: int) -> Iterator[Place]:
        """The panes that are kept in which a level is another one in the end, from scratch."""
        for metric in LEVELS:
            of_metric = [step for step in self.steps if step.metric is metric]
            for kind in STOCKED.levels[metric.family.name] if of_metric else ():
                kept = self.retention.at_most(metric.family.kept).of(kind) or 0
                first = max(now - kept, min(step.second for step in of_metric))
                start = self.calendar.start(kind, first)
                while start <= now and (end := self.calendar.end(kind, start)) is not None:
                    shown = end <= now or (kind == "hour" and metric in (UNDER_WAY, WAITING_FOR))
                    for text in ("", "size=L", "size=S") if shown else ():
                        place = (metric.name, text, kind, start)
                        before, after = self._there(place, start, now), self._there(place, end, now)
                        if before != after or (metric is TIME_UNDER_WAY and after):
                            yield place
                    start = end

    def _there(self, place: Place, end: int, now: int) -> Counter[int]:
        """How many there are before a time, by when they began where that matters."""
        found = Counter[int]()
        name, text, *_ = place
        plain = name in (UNDER_WAY.name, WAITING_FOR.name)
        for step in self.steps:
            to_come = step.metric is WAITING_FOR and step.second - step.second % 60 > now
            of_series = step.metric.name == name and text in ("", f"size={step.size}")
            if of_series and step.second < end and not to_come:
                found[0 if plain else step.since] += step.number
        return Counter({since: number for since, number in found.items() if number})

    def _figure(self, place: Place, now: int) -> dict[str, Any]:
        end = self.calendar.end(*place[2:])
        assert end is not None
        there = self._there(place, end, now)
        count = there.total()
        if place[0] == TIME_UNDER_WAY.name:
            total = sum((end - since) * number for since, number in there.items())
            return {"value": total / count, "sum": total, "count": count} if count else {"value": None}
        if place[0] == LONGEST_UNDER_WAY.name:
            return {"value": end - min(there), "count": count} if count else {"value": 0, "count": 0}
        return {"value": count, "count": count}


def test_a_level_is_published_where_it_changes_and_nowhere_else() -> None:
    yard = Yard(retention=Retention())
    yard.step(START + 10 * 60)
    yard.step(START + 3 * DAY + 5 * HOUR)
    yard.reach(START + 12 * DAY)
    yard.settle()
    assert yard.values() == {"hour 0": 1, "hour 77": 2, "day 0": 1, "day 3": 2, "month": 1}


def test_the_running_hour_is_published_as_it_changes_days_and_months_when_they_have_ended() -> None:
    yard = Yard()
    yard.step(START + 10 * 60)
    yard.reach(START + 20 * 60)
    (change,) = [change for change in yard.conclude() if change.series.text == ""]
    assert (change.metric, change.pane, change.final) == (UNDER_WAY, ("hour", START), False)
    yard.step(START + 30 * 60)
    yard.reach(START + 40 * 60)
    yard.settle()
    assert yard.values() == {"hour 0": 2}
    assert yard.values(metric=LONGEST_UNDER_WAY) == {}, "it is another one each second"
    yard.reach(START + HOUR)
    yard.settle()
    assert yard.values(metric=LONGEST_UNDER_WAY) == {"hour 0": 50 * 60}
    yard.reach(START + DAY - 1)
    yard.settle()
    assert yard.values() == {"hour 0": 2}
    yard.reach(START + DAY)
    yard.settle()
    assert yard.values() == {"hour 0": 2, "day 0": 2}
    yard.reach(START + 3 * DAY)
    yard.settle()
    assert yard.values()["month"] == 2


def test_ages_are_published_at_the_end_of_each_day_while_there_are_any() -> None:
    yard = Yard()
    yard.step(START + DAY // 2)
    for day in range(1, 5):
        yard.reach(START + day * DAY)
        yard.settle()
    half = DAY // 2
    ages = {f"day {day}": half + day * DAY for day in range(4)}
    assert yard.values(metric=TIME_UNDER_WAY) == ages
    yard.step(START + 4 * DAY + 5, -1, since=START + DAY // 2)
    yard.reach(START + 9 * DAY)
    yard.settle()
    assert yard.values(metric=TIME_UNDER_WAY) == {**ages, "day 4": None}
    assert yard.told[TIME_UNDER_WAY.name, "", "day", START + 4 * DAY].figure == {"value": None, "count": 0}


def test_ages_are_kept_for_their_own_time() -> None:
    yard = Yard(retention=Retention())
    yard.step(START)
    yard.reach(START + 60 * DAY)
    yard.settle()
    assert set(yard.values(metric=TIME_UNDER_WAY)) == {f"day {day}" for day in range(25, 60)}
    yard.step(START + 70 * DAY, size="S")
    yard.reach(START + 70 * DAY + DISORDER)
    yard.settle()
    assert set(yard.values(metric=TIME_UNDER_WAY)) == {f"day {day}" for day in range(35, 70)}
    assert yard.check(START + 70 * DAY + DISORDER)


def test_late_steps_are_in_the_ages_of_each_day_since() -> None:
    yard = Yard()
    yard.reach(START + 6 * DAY)
    yard.settle()
    yard.step(START + 2 * DAY)
    yard.step(START + 4 * DAY, -1, since=START + 2 * DAY)
    yard.settle()
    assert yard.values(metric=TIME_UNDER_WAY) == {"day 2": DAY, "day 3": 2 * DAY, "day 4": None}
    assert yard.check(START + 6 * DAY)


def test_a_level_that_falls_to_nothing_is_published_once_as_nothing() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + 2 * HOUR, -1, since=START)
    yard.reach(START + 10 * HOUR)
    yard.settle()
    assert yard.values() == {"hour 0": 1, "hour 2": 0}
    assert yard.values(metric=LONGEST_UNDER_WAY) == {"hour 0": HOUR, "hour 2": 0}
    assert yard.told[UNDER_WAY.name, "", "hour", START + 2 * HOUR].figure == {"value": 0, "count": 0}


def test_what_comes_and_goes_within_a_pane_is_not_published() -> None:
    yard = Yard()
    yard.step(START + 10)
    yard.step(START + 20, -1, since=START + 10)
    yard.reach(START + 10 * DAY)
    yard.settle()
    assert yard.told == {}


def test_steps_that_are_still_to_come_do_not_show() -> None:
    yard = Yard()
    yard.wait(START + 10 * 60, START + 100 * 60)
    yard.reach(START + 70 * 60)
    yard.settle()
    assert yard.values(metric=WAITING_FOR) == {"hour 0": 1}
    yard.wait(START + 65 * 60, START + 110 * 60)
    yard.settle()
    assert yard.values(metric=WAITING_FOR) == {"hour 0": 1, "hour 1": 2}
    for minute, value in ((99, 2), (100, 1), (109, 1), (110, 0), (180, 0)):
        yard.reach(START + minute * 60)
        yard.open()
        yard.reach(START + minute * 60)
        yard.settle()
        assert yard.values(metric=WAITING_FOR) == {"hour 0": 1, "hour 1": value}
    assert yard.check(START + 180 * 60)


def test_a_step_at_the_very_end_of_a_pane_comes_after_it() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + HOUR, -1, since=START)
    yard.reach(START + 2 * HOUR)
    yard.settle()
    assert yard.values() == {"hour 0": 1, "hour 1": 0}


def test_each_pane_is_published_once_more_as_final() -> None:
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


def test_what_is_open_for_a_year_costs_a_handful_of_records() -> None:
    yard = Yard(retention=Retention())
    yard.step(START + 5)
    for day in range(365):
        yard.wait(START + day * DAY, START + day * DAY + 5)
        yard.reach(START + day * DAY + 9 * HOUR)
        yard.settle()
    assert {pane.split()[0] for pane in yard.values()} == {"day", "month"}
    assert yard.records[UNDER_WAY.name, ""] < 8


def test_late_steps_correct_what_was_published_after_them_and_nothing_else() -> None:
    yard = Yard()
    for hour in range(0, 6, 2):
        yard.step(START + hour * HOUR)
    yard.reach(START + 8 * HOUR)
    yard.settle()
    yard.step(START + HOUR)
    yard.step(START + 3 * HOUR, -1, since=START + HOUR)
    changes = [change for change in yard.conclude() if change.series.text == ""]
    assert {(c.pane[1] - START) // HOUR for c in changes if c.metric is UNDER_WAY} == {1, 2, 3, 4}
    assert yard.values() == {"hour 0": 1, "hour 1": 2, "hour 2": 3, "hour 3": 2, "hour 4": 3}


def test_what_is_taken_back_is_published_as_nothing() -> None:
    yard = Yard()
    yard.step(START)
    yard.reach(START + 2 * HOUR)
    yard.settle()
    yard.step(START, -1, since=START)
    yard.settle()
    assert yard.values() == {"hour 0": 0}
    yard.reach(START + 5 * HOUR)
    yard.settle()
    assert set(yard.values()) == {"hour 0"}


def test_steps_of_long_ago_stay_in_the_level_and_can_be_taken_back() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + HOUR, size="S")
    yard.step(START + 10 * DAY, size="L")
    yard.reach(START + 10 * DAY + 2 * HOUR)
    yard.settle()
    assert yard.values("size=L") == {"day 0": 1, "hour 240": 2, "month": 1}
    yard.step(START, -1, since=START)
    yard.settle()
    assert yard.values("size=L") == {"day 0": 0, "hour 240": 1, "month": 0}
    assert yard.values()["hour 240"] == 2


def test_a_log_of_long_ago_that_is_caught_up_publishes_what_it_keeps() -> None:
    """Hours of the log, not of the clock; ages at the ends of the clock's last days."""
    yard = Yard()
    for hour in range(0, 50, 5):
        yard.step(START + hour * HOUR)
        yard.reach(START + hour * HOUR)
        yard.settle()
    records = yard.records.total()
    yard.reach(START + 365 * DAY, events=START + 45 * HOUR)
    yard.settle()
    assert yard.values()["hour 45"] == 10
    assert yard.values(metric=TIME_UNDER_WAY).keys() >= {f"day {day}" for day in range(345, 365)}
    assert yard.records.total() - records < 100
    assert yard.check(START + 365 * DAY)


def test_much_to_publish_is_spread_over_checkpoints_and_owners() -> None:
    yard = Yard()
    for number in range(200):
        for hour in range(5):
            yard.step(START + hour * HOUR + number, size=f"size {number}")
    yard.reach(START + 10 * HOUR)
    told = []
    while not told or yard.standings.unfinished:
        told.append(len(yard.conclude(effort=5000)))
        if len(told) % 5 == 0:
            yard.open()
    assert len(told) > 20
    assert max(told) < 200
    assert sum(told) == 201 * 2 * 5
    assert yard.conclude() == []
    assert yard.written["levels"] == {}


def test_what_takes_more_than_the_effort_is_published_pane_by_pane() -> None:
    yard = Yard()
    for day in range(3):
        yard.step(START + day * DAY + 5)
    yard.reach(START + 3 * DAY)
    while yard.standings.unfinished or not yard.told:
        assert len(yard.conclude(effort=1)) <= 2, "of the metrics of a pane"
    assert yard.check(START + 3 * DAY)


def test_levels_that_are_over_leave_nothing_behind() -> None:
    yard = Yard()
    yard.step(START)
    yard.step(START + 90 * 60, -1, since=START)
    yard.reach(START + 2 * DAY)
    yard.settle()
    assert yard.written["cells"]
    yard.reach(START + 200 * DAY)
    yard.settle()
    assert yard.told == {}
    assert yard.written["levels"] == {}
    assert yard.written["cells"] == {}
    assert list(yard.standings.standing(START + 200 * DAY, {"stock": frozenset({frozenset()})})) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("seed", range(12))
def test_what_is_published_equals_what_is_from_scratch(seed: int, zone: str) -> None:
    """Random steps, some of them late or taken back, a clock that walks and jumps, owners that are lost."""
    chance, yard, now, events, compared = random.Random(f"{seed} {zone}"), Yard(zone), START, START, 0
    open_: list[tuple[int, str]] = []
    waits: list[tuple[int, int, str]] = []
    yard.reach(now)
    for _ in range(200):
        size = chance.choice("LS")
        match chance.choice(
            ("come", "come", "go", "back", "wait", "give up", "time", "time", "time", "look", "owner")
        ):
            case "come":
                second = now - chance.choice((0, 0, 60, 5 * HOUR, 3 * DAY)) - chance.randint(0, 900)
                yard.step(second, size=size)
                open_.append((second, size))
            case "go" if open_:
                second, size = open_.pop(chance.randrange(len(open_)))
                yard.step(chance.randint(second, max(second, now)), -1, size, since=second)
            case "back" if open_:
                second, size = open_.pop(chance.randrange(len(open_)))
                yard.step(second, -1, size, since=second)
            case "wait":
                second = now - chance.randint(0, 2 * HOUR)
                waits.append((second, second + chance.choice((300, 2 * HOUR, 20 * HOUR)), size))
                yard.wait(*waits[-1])
            case "give up" if waits:
                yard.wait(*waits.pop(chance.randrange(len(waits))), sign=-1)
            case "time":
                now += chance.choice(
                    (30, 600, 1500, HOUR, 7 * HOUR, 26 * HOUR, chance.choice((HOUR, 12 * DAY)))
                )
                events = now if chance.random() < 0.6 else events
                yard.reach(now, events=events)
            case "look":
                yard.settle(effort=chance.choice((1, 200, 1000, EFFORT)))
                compared += yard.check(now)
            case "owner":
                yard.conclude(effort=chance.choice((1, 100, EFFORT)))
                yard.open()
    yard.settle()
    compared += yard.check(now)
    assert compared > 200
