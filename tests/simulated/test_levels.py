"""Levels through crashes, rebalances and a clock that walks and jumps: the stream equals the batch."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from streams import moments
from streams.batch import Batch
from streams.windows.panes import Calendar, Retention
from tests.parcels import event
from tests.promise import Json, is_over, levels_of, unequal
from tests.simulated.histories import metrics_log, pieces
from tests.stock import STOCKED, Store, plan

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = 3_600_000_000, 86_400_000_000
LEVELS = levels_of(STOCKED)


def batch(store: Store, events: list[Json], at: int, beside: Iterable[str] = ()) -> dict[str, Json]:
    found = Batch(STOCKED, store.plan.calendar, store.plan.retention)
    found.take(map(msgspec.json.encode, events))
    return {key: figure for key, figure in found.figures(at, beside).items() if figure["metric"] in LEVELS}


def told(store: Store, at: int) -> dict[str, Json]:
    """The levels on the topic, but for those whose retention is over at a time: they may still be there."""
    log = metrics_log(store)
    assert log.breaches == []
    return {
        key: figure
        for key, figure in log.figures.items()
        if figure["metric"] in LEVELS and not is_over(figure, at, store.plan.retention)
    }


def differences(store: Store, events: list[Json], at: int) -> list[str]:
    found = told(store, at)
    return unequal(batch(store, events, at, found), found)


def lives(chance: random.Random, parcels: int, days: float) -> list[Json]:
    """Parcels that are sent, perhaps delivered, returned, lost; what is told comes mostly in order."""
    found: list[tuple[float, Json]] = []
    for number in range(parcels):
        at, name = START + timedelta(days=chance.random() * days), f"P{number}"
        for kind in ("sent", *chance.choice(((), ("delivered",), ("delivered", "returned"), ("lost",)))):
            more = {"size": chance.choice("LMS")} if kind == "sent" else {}
            told = event(f"parcel.{kind}", f"{at:%Y-%m-%d %H:%M:%S}", name, **more)
            late = chance.choice((0, 0, 0, 0.01, chance.random() * days))
            found.append((at.timestamp() + late * 86400, told))
            at += timedelta(hours=chance.choice((0.1, 2, 30)) * chance.random())
    return [told for _, told in sorted(found, key=lambda one: one[0])]


def end(events: list[Json]) -> int:
    return max(moments.parse(each["time"]) for each in events)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("seed", range(12))
def test_levels_equal_the_batch_whatever_happens(seed: int, zone: str) -> None:
    chance = random.Random(f"{seed} {zone}")
    store = Store(plan(seed % 3 + 1, calendar=Calendar(ZoneInfo(zone))), seed)
    events = lives(chance, parcels=12, days=3)
    for piece in pieces(events, chance):
        store.produce(piece)
        for _ in range(chance.randint(0, 6)):
            store.step()
        if chance.random() < 0.2:
            store.drain(moments.parse(piece[-1]["time"]))
    compared = 0
    for later in (0, HOUR, 40 * DAY):
        at = end(events) + later
        store.drain(at)
        assert differences(store, events, at) == [], later
        compared += len(batch(store, events, at))
    assert compared > 100


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_clock_that_jumps_by_an_hour_and_back_poisons_nothing(jump: int) -> None:
    """What it made final too soon is corrected; no pane is gone for it."""
    events = lives(random.Random(1), parcels=40, days=2)
    late = []
    for wrong in (0, jump):
        chance = random.Random(2)
        store = Store(plan(2, retention=Retention(hour=2 * 86400, day=20 * 86400)))
        for piece in pieces(events, chance):
            store.produce(piece)
            store.drain(end(piece))
            store.drain(end(piece) + wrong)
        at = end(events) + 2 * HOUR
        store.drain(at)
        assert differences(store, events, at) == []
        assert store.letters() == []
        late.append([partition.rollup.late for partition in store.partitions])
    assert late[0] == late[1]


def test_a_replay_of_a_log_of_last_year_does_not_flood() -> None:
    """While it is behind, its own time counts; then the clock's, and of its days there are only ages."""
    events = lives(random.Random(7), parcels=40, days=30)
    kept = Retention(hour=2 * 86400, day=20 * 86400)
    store = Store(plan(2, retention=kept), now=(end(events) + 365 * DAY) // 1000)
    store.produce(events)
    store.drain()
    behind = metrics_log(store).latest
    wall = end(events) + 365 * DAY
    store.drain(wall)
    log = metrics_log(store)
    came = [
        figure["window"]
        for key, figure in log.figures.items()
        if figure["metric"] in LEVELS and key not in behind
    ]
    assert {each["pane"] for each in came} == {"hour", "day", "month"}
    of_the_clock = [each for each in came if each["start"] > "2027"]
    assert {each["pane"] for each in of_the_clock} == {"day"}
    assert len({each["start"] for each in of_the_clock}) == 20
    assert log.records < 1000
    assert differences(store, events, wall) == []


def test_a_replay_tells_nothing_that_it_has_not_reached() -> None:
    store = Store(plan(2))
    store.produce([event("parcel.sent", "09:10", f"P{number}") for number in range(20)])
    store.produce([event("parcel.sent", "12:10", "P20")])
    store.drain()
    assert store.levels() == {"hour 11-02T10:00": 20}, "one partition is at 09:10 still"
    assert store.levels(metric="longest_under_way") == {}, "the hour has not ended"
    store.drain(moments.parse("2026-11-02T10:00:00Z"))
    assert store.levels() == {"hour 11-02T10:00": 20}
    assert store.levels(metric="longest_under_way") == {"hour 11-02T10:00": 3000}
    store.drain(moments.parse("2026-11-02T12:10:00Z"))
    assert store.levels() == {"hour 11-02T10:00": 20, "hour 11-02T13:00": 21}


def test_a_figure_is_told_as_others_are() -> None:
    store = Store(plan())
    store.tell(event("parcel.sent", "09:10", size="L"))
    store.drain(moments.parse("2026-11-03T00:03:00Z"))
    record: Any = store.figures()["time_under_way|size=L|day|2026-11-02T00:00:00Z"]["data"]
    assert record == {
        "metric": "time_under_way",
        "dimensions": {"size": "L"},
        "unit": "seconds",
        "window": {"pane": "day", "start": "2026-11-02T00:00:00Z", "end": "2026-11-03T00:00:00Z"},
        "value": 53400.0,
        "count": 1,
        "sum": 53400.0,
        "mean": 53400.0,
        "p50": 53370.0,
        "p90": 53370.0,
        "p95": 53370.0,
        "p99": 53370.0,
        "final": True,
        "revision": 1,
        "watermark": "2026-11-03T00:01:00Z",
    }
