"""Deadlines of tickets on the engine: found when they pass, once each, whatever order and crashes."""

import dataclasses
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
import pytest

from agents.calls.definitions import CallDefinitions
from agents.catalogue import CATALOGUE
from agents.sla.catalogue import with_service_levels
from agents.sla.policies import Policies
from streams import moments
from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.outlets.exporter import FigureCollector
from streams.windows.panes import Retention
from streams.windows.pseudonyms import Pseudonyms
from streams.windows.trailing import Trailing
from tests.agents.sla.telling import Clocks, policy_of
from tests.oracle.events import microseconds
from tests.oracle.telling import reply, ticket
from tests.promise import unequal
from tests.simulated.cluster import Cluster
from tests.simulated.histories import History, Watched, metrics_log, pieces

HOUR, DAY = 3_600_000_000, 86_400_000_000
KEPT = Retention(hour=90 * 86400)
POLICIES = (
    "calls: speed_of_answer 20s when channel call warn 50%",
    "gold: first_response 30m next_response 45m resolution 6h total_resolution 30h when tier gold|enterprise",
    "quick: first_response 5m next_response 10m agent_work 2h when channel chat|phone resolve cancels",
    "all: urgent/first_response 1h urgent/resolution 4h first_response 8h periodic_update 24h resolution 48h "
    "requester_wait 30h total_resolution 72h warn 50%|30m calendar office pauses resolution held",
    "all: first_response 4h resolution 24h next_response 8h speed_of_answer 40s from Wed",
)
RULES = Policies([policy_of(text.split()) for text in POLICIES], Clocks())
EVERYTHING = with_service_levels(CATALOGUE, RULES, CallDefinitions())
PROMISED = dataclasses.replace(
    EVERYTHING, metrics=tuple(metric for metric in EVERYTHING.metrics if metric.name.startswith("sla_"))
)
"Other metrics have histories of their own."


@dataclass(frozen=True)
class Promised(History):
    """A history of tickets under policies, with a clock that follows what happens."""

    retention: Retention = KEPT
    wrong: int = 0
    "Microseconds by which the clock goes wrong, now and then."

    @cached_property
    def catalogue(self) -> Catalogue:
        return PROMISED

    @property
    def late(self) -> int:
        """When everything has passed that tickets wait for."""
        return self.end + 6 * DAY

    def live(self) -> Watched:
        cluster, chance = Watched(self.plan, self.seed), random.Random(f"promised {self.seed}")
        for piece in pieces(self.events, chance):
            cluster.produce(piece)
            for _ in range(chance.randint(0, 6)):
                cluster.step()
            if chance.random() < 0.5:
                wrong = self.wrong if chance.random() < 0.5 else 0
                tick(cluster, max(microseconds(event["time"]) for event in piece) + wrong)
        cluster.drain(self.end)
        return cluster


def tick(cluster: Watched, clock: int) -> None:
    """Let those partitions that are caught up know how late it is."""
    for partition in cluster.partitions:
        for topic in cluster.plan.inputs:
            if partition.next.get(topic, 0) == len(cluster.log.topics[topic, partition.number]):
                partition.tick(topic, clock)


def records(cluster: Cluster, topic: str) -> Iterable[dict[str, Any]]:
    for number in range(cluster.plan.partitions):
        for record in cluster.log.topics[cluster.plan.topic(topic), number]:
            if record.value:
                yield msgspec.json.decode(record.value)


def standing(cluster: Cluster) -> dict[str, Any]:
    """What was told on the signal topic and not taken back, but for when it was found."""
    found: dict[str, Any] = {}
    for record in records(cluster, "sla"):
        if record["type"] == "sla.retracted":
            del found[record["id"]]
        else:
            assert record["data"].pop("detected_at")
            found[record["id"]] = record
    return found


@pytest.mark.parametrize("seed", range(6))
def test_the_stream_equals_the_batch(seed: int) -> None:
    history = Promised(seed, seed % 4 + 1, size=10)
    cluster = history.live()
    assert cluster.letters() == []
    for clock in (history.end, history.end + DAY // 3, history.late):
        cluster.drain(clock)
        log = metrics_log(cluster)
        batch = batch_at(history, clock, log.figures)
        assert log.breaches == []
        assert unequal(batch, log.figures) == []
    assert {key.split("|")[0] for key in batch} >= {"sla_compliance", "sla_in_flight", "sla_time_to_breach"}


@pytest.mark.parametrize("wrong", [-HOUR, HOUR])
def test_a_clock_that_jumps_by_an_hour_misses_and_breaks_nothing(wrong: int) -> None:
    history = Promised(7, 2, size=6, wrong=wrong)
    cluster = history.live()
    assert cluster.letters() == []
    for clock in (history.end + HOUR, history.late):
        cluster.drain(clock)
        log = metrics_log(cluster)
        assert log.breaches == []
        assert unequal(batch_at(history, clock, log.figures), log.figures) == []


def test_a_breach_that_a_wrong_clock_found_too_soon_is_taken_back_by_what_met_it() -> None:
    cluster = Cluster(Forecast(0, 1).plan)  # a first response is due within two hours
    cluster.produce([ticket("created", "2026-11-02T09:00:00Z")])
    cluster.drain(moments.parse("2026-11-02T11:30:00Z"))
    assert "sla.overdue" in {record["type"] for record in standing(cluster).values()}
    cluster.produce([reply("2026-11-02T10:31:00Z", "ana")])
    cluster.drain(moments.parse("2026-11-02T10:32:00Z"))
    told = {record["type"] for record in standing(cluster).values()}
    assert "sla.met" in told
    assert "sla.overdue" not in told


FORECAST = with_service_levels(
    CATALOGUE,
    Policies([policy_of(["first_response", "2h", "resolution", "40h"])], Clocks()),
    CallDefinitions(),
)


@dataclass(frozen=True)
class Forecast(Promised):
    """A history of one promise, long enough to forecast by."""

    @cached_property
    def catalogue(self) -> Catalogue:
        told = (metric for metric in FORECAST.metrics if metric.family.name == "forecasts")
        return dataclasses.replace(FORECAST, metrics=tuple(told))


def scraped(cluster: Cluster, clock: int) -> dict[str, float]:
    """What Prometheus is shown of forecasts, by the key of the figure of the hour that ends now."""
    catalogue, calendar = cluster.plan.catalogue, cluster.plan.calendar
    found: dict[str, float] = {}
    hour = moments.text(clock - moments.HOUR)
    for partition in cluster.partitions:
        standing = partition.standings.standing
        trailing = Trailing(catalogue, calendar, (), partition.rollup.slots, standing)
        trailing.move(clock // moments.SECOND)
        for family in FigureCollector(catalogue, 100, {0: trailing}).collect():
            for sample in family.samples:
                if not sample.name.endswith("_count"):
                    assert sample.labels["by"] == "policy,target"
                    name, by = sample.name.removeprefix("cx_"), sample.labels
                    series = f"policy={by['policy']},target={by['target']}"
                    found[f"{name}|{series}|hour|{hour}"] = sample.value
    return found


@pytest.mark.parametrize("seed", range(2))
def test_forecasts_and_their_score_equal_the_batch(seed: int) -> None:
    history = Forecast(seed, 3, size=40)
    cluster = history.live()
    for clock in (history.end, history.late):
        cluster.drain(clock)
        log = metrics_log(cluster)
        batch = batch_at(history, clock, log.figures)
        assert log.breaches == []
        assert unequal(batch, log.figures) == []
    told = Counter(key.split("|")[0] for key in batch)
    assert set(told) == {"sla_expected_breaches", "sla_brier_score", "sla_brier_score_of_rate"}
    assert min(told.values()) > 20


def test_prometheus_is_shown_the_forecast_of_now() -> None:
    history = Forecast(1, 3, size=40)
    figures = batch_at(history, history.end)
    expected = [figure for key, figure in figures.items() if "expected" in key and figure["count"]]
    last = max(figure["window"]["end"] for figure in expected)
    clock, cluster = moments.parse(last), Cluster(history.plan)
    cluster.produce([event for event in history.events if microseconds(event["time"]) <= clock])
    cluster.drain(clock)
    ended = f"|hour|{moments.text(clock - moments.HOUR)}"
    shown = scraped(cluster, clock)
    batch = batch_at(history, clock, shown)
    told = {key: figure["value"] for key, figure in batch.items() if key.endswith(ended) and figure["count"]}
    assert {key.split("|")[0] for key in told} >= {"sla_expected_breaches", "sla_brier_score"}
    assert shown == told


@pytest.mark.parametrize("seed", range(3))
def test_no_deadline_is_told_twice(seed: int) -> None:
    history = Promised(seed, 2, size=40)
    cluster = history.live()
    cluster.drain(history.late)
    told = Counter(
        record["id"] for record in records(cluster, "tickets") if record["type"] == "entity.deadline"
    )
    assert len(told) > 10
    assert set(told.values()) == {1}
    assert cluster.crashes


@pytest.mark.parametrize("seed", range(3))
def test_what_stands_on_the_signal_topic_depends_on_no_order(seed: int) -> None:
    history = Promised(seed, 3, size=10)
    live = history.live()
    live.drain(history.late)
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for event in history.events:
        # Of two that claim the same identity the log's order decides: that one must stay.
        first.setdefault((event["source"], event["id"]), event)
    shuffled = list(first.values())
    random.Random(seed).shuffle(shuffled)
    other = Cluster(history.plan)
    other.produce(shuffled)
    other.drain(history.late)
    found = standing(live)
    assert found == standing(other)
    assert {record["type"] for record in found.values()} >= {"sla.activated", "sla.overdue", "sla.met"}


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"pseudonyms": Pseudonyms(frozenset({"agent"}), "sixteen letters!")}, r"[0-9a-f]{16}"),
        ({"hidden": frozenset({"agent"})}, "none is told"),
    ],
    ids=["pseudonyms", "hidden"],
)
def test_agents_are_not_named_where_figures_must_not_name_them(
    settings: dict[str, Any], allowed: str
) -> None:
    history = Promised(1, 1, size=10)
    cluster = Cluster(dataclasses.replace(history.plan, **settings))
    cluster.produce(history.events)
    cluster.drain(history.late)
    told = [record["data"]["dimensions"] for record in records(cluster, "sla")]
    assert any(dimensions["team"] for dimensions in told)
    agents = {dimensions.get("agent") for dimensions in told} - {None}
    assert bool(agents) is ("pseudonyms" in settings)
    assert all(re.fullmatch(allowed, agent) for agent in agents)


def test_an_owner_that_comes_back_goes_on_where_the_last_one_was() -> None:
    """What was written and has not come back is not written again; what is due later still is."""
    history = Promised(1, 1, size=10)
    cluster = Cluster(history.plan)
    cluster.produce(history.events)
    cluster.drain()
    partition = cluster.partitions[0]
    partition.tick("cx.tickets", history.end)
    cluster.checkpoint(0)
    written = [record["id"] for record in records(cluster, "tickets") if record["source"] == "/metricland"]
    cluster.partitions[0] = cluster._open(0)
    cluster.partitions[0].tick("cx.tickets", history.end)
    cluster.checkpoint(0)
    again = [record["id"] for record in records(cluster, "tickets") if record["source"] == "/metricland"]
    assert again == written
    cluster.drain(history.late)
    told = metrics_log(cluster).figures
    assert unequal(batch_at(history, history.late, told), told) == []


def test_a_replay_of_an_old_log_lets_no_more_pass_than_its_own_time() -> None:
    """While it is behind, deadlines follow event time: at its end no later one has passed."""
    history = Promised(2, 2, size=10)
    cluster = Cluster(history.plan)
    cluster.produce(history.events)
    cluster.drain()
    told = [record for record in records(cluster, "tickets") if record["type"] == "entity.deadline"]
    assert told
    assert max(microseconds(record["time"]) for record in told) <= history.end


def batch_at(history: History, clock: int, beside: Iterable[str] = ()) -> dict[str, Any]:
    batch = Batch(history.catalogue, retention=history.retention)
    batch.take(map(msgspec.json.encode, history.events))
    return batch.figures(clock, beside)
