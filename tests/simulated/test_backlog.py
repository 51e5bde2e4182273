"""The backlog and calls that wait: the stream equals the batch, and both equal the oracle."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from agents.catalogue import CATALOGUE
from streams import moments
from streams.settings import load
from streams.state.plan import Plan
from tests.oracle.events import EPOCH
from tests.oracle.figures import figures as oracle_figures
from tests.oracle.telling import ticket
from tests.promise import LEVELS, Figures, by_parts, differences, is_over, sums, unequal
from tests.simulated.cluster import Cluster
from tests.simulated.histories import History, Watched, metrics_log

HOUR, DAY = 3_600_000_000, 86_400_000_000


def levels(figures: Figures) -> Figures:
    return {key: figure for key, figure in figures.items() if figure["metric"] in LEVELS}


def compared(history: History, cluster: Watched, at: int) -> int:
    """Assert that the stream equals the batch at a time; how many figures."""
    log = metrics_log(cluster)
    batch = levels(history.batch(at, log.figures))
    assert log.breaches == []
    told = {
        key: figure
        for key, figure in levels(log.figures).items()
        if key in batch or not is_over(figure, at, history.retention)
    }
    assert unequal(batch, told) == []
    return len(batch)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("seed", range(4))
def test_the_backlog_equals_the_batch_and_the_oracle(seed: int, zone: str) -> None:
    history = History(seed, seed % 3 + 1, zone, size=10, days=4, idle=seed % 2 == 0, levels=True)
    cluster = history.play()
    at = history.end
    if not history.idle:
        cluster.drain(at)
        assert compared(history, cluster, at) > 200
    later = at + 33 * DAY
    cluster.drain(later)
    assert compared(history, cluster, later) > 200
    expected = oracle_figures(history.events, time_zone=zone, metrics=LEVELS)
    assert {key[0] for key in expected} == LEVELS
    assert differences(expected, by_parts(levels(history.batch(at)))) == []


def test_all_else_is_as_without_it() -> None:
    history, without = (History(31, partitions=2, days=2, levels=levels) for levels in (True, False))
    figures = metrics_log(history.play()).figures
    assert unequal(without.batch(), sums(figures)) == []


def test_the_figures_of_an_instant() -> None:
    """Of any: what is later is left out, also what takes something back."""
    history = History(5, size=10, days=4, levels=True)
    at = history.end - 30 * HOUR
    expected = oracle_figures(history.events, at=EPOCH + timedelta(microseconds=at), metrics=LEVELS)
    assert differences(expected, by_parts(levels(history.batch(at)))) == []


def test_a_ticket_that_nobody_resolves_costs_a_handful_of_records() -> None:
    """It was created a year ago, and each day since something happened that came to nothing."""
    start = datetime(2025, 11, 2, 9, 10, tzinfo=UTC)
    cluster = Cluster(Plan(load().adjusted(CATALOGUE), "v1", 2, "year"))
    cluster.produce([ticket("created", start.isoformat(), of="T", channel="email", team="front")])
    for day in range(1, 365):
        at = start + timedelta(days=day)
        cluster.produce(
            [
                ticket("created", at.isoformat(), of=f"T{day}", channel="email", team="front"),
                ticket("resolved", (at + timedelta(minutes=5)).isoformat(), of=f"T{day}"),
            ]
        )
        cluster.drain(moments.of(at + timedelta(minutes=10)))
    assert metrics_log(cluster).breaches == []
    records: Counter[str] = Counter()
    for number in range(cluster.plan.partitions):
        for record in cluster.log.topics["cx.metrics", number]:
            metric, dimensions, kind, _ = (record.key or b"").decode().split("|")
            records[f"{metric}|{dimensions}" if metric == "backlog" else f"{metric}, {kind}"] += 1
    series = {name: count for name, count in records.items() if name.startswith("backlog|")}
    assert series.keys() >= {"backlog|", "backlog|channel=email", "backlog|status=new,team=front"}
    assert max(series.values()) <= 8, series
