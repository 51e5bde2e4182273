"""The stream equals the batch, and both equal the oracle: whatever the order, the crashes, the partitions."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.batch import Batch
from streams.windows import rollup
from streams.windows.panes import PUBLISHED, Retention
from streams.windows.rollup import AT_ONCE
from tests.oracle import figures as oracle
from tests.promise import Figures, by_parts, differences, is_over, unequal
from tests.simulated.histories import METRICS, WITHOUT_LEVELS, History, Watched, metrics_log

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York")
HISTORIES = 6
"""Of each zone and number of partitions: 96 in all."""

DAY = 86400


def published(figures: Figures) -> Figures:
    """Those that the batch tells of too: all but the minutes."""
    return {key: figure for key, figure in figures.items() if key.split("|")[2] in PUBLISHED}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("partitions", [1, 2, 3, 4])
def test_the_stream_equals_the_batch(partitions: int, zone: str) -> None:
    crashes = compared = 0
    first = 1000 * partitions + 100 * ZONES.index(zone)
    for seed in range(first, first + HISTORIES):
        history = History(seed, partitions, zone, minutes=seed % 3 == 0, idle=seed % 2 == 0)
        cluster = history.play()
        log, batch = metrics_log(cluster), history.batch()
        told = f"history {seed} of {partitions} partitions in {zone}"
        assert log.breaches == [], told
        assert unequal(batch, published(log.figures)) == [], told
        assert differences(history.oracle(), by_parts(batch)) == [], told
        assert cluster.letters() == [], told
        crashes += cluster.crashes
        compared += len(batch)
    assert crashes > HISTORIES
    assert compared > 200 * HISTORIES


def test_every_metric_is_compared() -> None:
    histories = [History(seed) for seed in range(12)]
    assert {key.split("|")[0] for history in histories for key in history.batch()} == METRICS


def test_hidden_dimensions_have_no_figures() -> None:
    history = History(3, partitions=2, hidden=frozenset({"agent", "tier"}))
    log, batch = metrics_log(history.play()), history.batch()
    assert unequal(batch, log.figures) == []
    shown = {
        key: figure
        for key, figure in History(3).batch().items()
        if not history.hidden & figure["dimensions"].keys()
    }
    assert batch == shown


def test_minutes_equal_those_of_the_oracle() -> None:
    history = History(7, partitions=3, minutes=True, size=20, days=0.3)
    figures = metrics_log(history.play()).figures
    expected = minutes(history)
    actual = by_parts(figures, ["minute"])
    kept = {key for key in expected if microseconds_after(key[3], history.end) < 6 * 3600 * 1_000_000}
    assert kept
    assert (
        differences({key: expected[key] for key in kept}, {key: actual[key] for key in kept & actual.keys()})
        == []
    )
    assert not [key for key in actual if "agent=" in key[1]]


def microseconds_after(start: str, end: int) -> int:
    at = datetime.fromisoformat(start) + timedelta(minutes=1)
    return end - int(at.timestamp() * 1_000_000)


def minutes(history: History) -> dict[tuple[str, str, str, str], Any]:
    """The oracle's observations in panes of a minute, which it has none of."""
    cells = defaultdict(list)
    for seen in oracle.observe(history.events):
        if seen.metric not in METRICS:
            continue
        at = datetime.fromtimestamp(seen.time // 60_000_000 * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for names in oracle.CATALOGUE[seen.metric][1]:
            if "agent" not in names:
                cells[seen.metric, oracle.dimension_text(names, seen.dimensions), "minute", at].append(
                    seen.value
                )
    return {key: oracle.figure(oracle.CATALOGUE[key[0]][0], values) for key, values in cells.items()}


@pytest.fixture(params=[AT_ONCE, 3], ids=["together", "spread"])
def room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many cells become final or go with one checkpoint."""
    cells: int = request.param
    monkeypatch.setattr(rollup, "AT_ONCE", cells)
    return cells


def test_figures_inside_their_retention_equal_the_batch(room: int) -> None:
    """Panes go while the history lasts: what goes is tombstoned and stays away, what stays is right."""
    retention = Retention(minute=3600, hour=2 * DAY, day=10 * DAY, month=20 * DAY)
    gone = 0
    for seed in range(15 if room == AT_ONCE else 5):
        start = datetime(2026, 1, 10, tzinfo=UTC)
        history = History(seed, seed % 3 + 1, ZONES[seed % 4], start=start, days=70, retention=retention)
        log, batch = metrics_log(history.play()), history.batch()
        assert log.breaches == [], seed
        told = {
            key: figure
            for key, figure in log.figures.items()
            if key in batch or not is_over(figure, history.end, retention)
        }
        assert unequal(batch, told) == [], seed
        gone += log.tombstones
    assert gone > (1000 if room == AT_ONCE else 300)


def test_a_figure_is_right_at_each_moment() -> None:
    """Not only at the end: whenever all is consumed, the stream equals the batch over what there is."""
    chance, looks = random.Random(1), 0

    def look(cluster: Watched) -> None:
        nonlocal looks
        if chance.random() < 0.3:
            cluster.drain()
            batch = Batch(WITHOUT_LEVELS)
            batch.take(cluster.inputs())
            assert unequal(batch.figures(), metrics_log(cluster).figures) == []
            looks += 1

    History(5, partitions=2, size=20).play(look)
    assert looks > 5


@pytest.mark.usefixtures("room")
def test_what_is_over_is_final_when_the_clock_has_passed_it() -> None:
    history = History(11, partitions=3, idle=True)
    log = metrics_log(history.play())
    final = {record["data"]["window"]["pane"] for record in log.latest.values() if record["data"]["final"]}
    open_ = {
        record["data"]["window"]["pane"] for record in log.latest.values() if not record["data"]["final"]
    }
    assert final == {"hour", "day", "month"}
    assert open_ == {"total"}


def test_a_comparison_of_nothing_fails() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        unequal({}, {"a": {"count": 0}})
