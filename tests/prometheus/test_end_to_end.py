"""
A real Prometheus reads a real worker, and every query of the boards is put to it.

All events are of the last hours, so that windows of a day and more hold all of them: a figure over such a
window is then the batch's total.
"""

import math
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest

from agents.__main__ import PRODUCT
from grafana.boards.words import is_certain
from streams.batch import Batch
from streams.catalogue import Metric
from streams.kafka.produce import Record
from streams.outlets.names import gauge_name
from streams.settings import load
from streams.windows.levels import Level
from tests.grafana.kept import AGENT, BOARDS, Query, chosen_at_first, filled_in, queries
from tests.ports import free_ports
from tests.prometheus.running import correction, fill, now, recent, worker
from tests.prometheus.server import PATIENCE, Prometheus, prometheus, until

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.xdist_group("busy"),  # one server and one worker serve them all
    pytest.mark.skipif(
        shutil.which("prometheus") is None, reason="Prometheus is not installed (Debian's package prometheus)"
    ),
]

POLICIES = load(Path(__file__).with_name("policies.toml"), model=PRODUCT.settings)
CATALOGUE = PRODUCT.catalogue_of(POLICIES)
DECIDED = timedelta(seconds=21)
"After the last event, under these policies."

FIELDS = {"": "value", "_count": "count", "_low": "low", "_high": "high"}
FIGURES = {
    gauge_name(metric) + end: (metric, field) for metric in CATALOGUE.metrics for end, field in FIELDS.items()
}
LEVELS = {metric.name for metric in CATALOGUE.metrics if isinstance(metric.kind, Level)}
HOURLY = replace(
    CATALOGUE,
    metrics=tuple(
        replace(metric, kind=type(metric.kind)("hour")) if isinstance(metric.kind, Level) else metric
        for metric in CATALOGUE.metrics
    ),
)
"With all levels by the hour alone."
QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99"}
CHOICES = (
    {"window": "24h", "answers_window": "24h", "targets_window": "1d", "enough": "10"},
    {"window": "24h", "answers_window": "7d", "targets_window": "3d", "enough": "1"},
    {"window": "24h", "answers_window": "30d", "targets_window": "1d", "enough": "50"},
)
A_SCRAPE_AGO = 10.0
"Seconds, on a busy machine."
PROCESSES = 2
"Each owns some of the series."
Values = dict[tuple[str, ...], float]
Told = dict[str, Any]
"A figure."


class Running(NamedTuple):
    server: Prometheus
    figures: list[Told]
    "The batch's figures of all time, and levels at the end of the running hour."
    hour_ends: float
    agent: str
    "One of whom there is every figure."


class Asked(NamedTuple):
    metric: Metric
    by: str
    field: str
    of_agent: bool
    "Chosen at the top of the board."

    @property
    def dimensions(self) -> list[str]:
        return [name for name in self.by.split(",") if name]

    @property
    def age(self) -> bool:
        """Whether it changes while it is looked at."""
        return self.metric.kind.name in ("ages", "longest", "remaining") and self.field != "count"

    def later(self, value: float, seconds: float) -> float:
        """What an age, or the time that is left, comes to so long after."""
        return value - seconds if self.metric.kind.name == "remaining" else value + seconds


@pytest.fixture(scope="module")
def running(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = load(
        Path(__file__).with_name("policies.toml"),
        {
            "broker": f"kafka://{broker}",
            "application": "boards",
            "topics.prefix": "boards.",
            "topics.partitions": 2,
            "web.port": free_ports(PROCESSES),
            "processes": PROCESSES,
            "checkpoint.timeout": PATIENCE,
            "checkpoint.transaction_timeout": 2 * PATIENCE,
        },
        PRODUCT.settings,
    )
    first = recent(settings, now())
    then = correction(settings, now())
    directory = tmp_path_factory.mktemp("boards")
    fill(settings, first)
    with worker(settings, directory) as targets, prometheus(directory, targets) as server:
        until(lambda: counts(server) == counted(totals(first)), "all events are in the figures")
        fill(settings, then)
        decided = now() + DECIDED
        everything = totals([*first, *then], decided)
        until(lambda: counts(server) == counted(everything), "what is taken back has left the figures")
        until(lambda: missed(server) == missed_of(everything), "what was due has been decided")
        until(lambda: server.query("rate(cx_retractions_total[1m])"), "there are rates")
        end = hour_after(now())
        figures = [*everything, *levels([*first, *then], end)]
        until(lambda: at_risk(server) == at_risk_of(figures), "what comes close to its deadline is known to")
        yield Running(server, figures, end.timestamp(), busiest(everything))


def totals(records: list[Record], at: datetime | None = None) -> list[Told]:
    batch = Batch(CATALOGUE)
    batch.take(value for _, _, value in records)
    figures = batch.figures(None if at is None else int(at.timestamp() * 1e6)).values()
    return [figure for figure in figures if figure["window"]["pane"] == "total"]


def levels(records: list[Record], end: datetime) -> list[Told]:
    """As nothing happens until then, all but ages is as it is now."""
    batch = Batch(HOURLY)
    batch.take(value for _, _, value in records)
    at, hour = int(end.timestamp()) * 1_000_000, f"{end - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    series = {key.rsplit("|", 1)[0] for key in batch.figures(at) if key.split("|")[0] in LEVELS}
    keys = {f"{each}|{hour}" for each in series}
    return [figure for key, figure in batch.figures(at, keys).items() if key in keys and figure["count"]]


def hour_after(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def busiest(figures: list[Told]) -> str:
    """The agent with most answers."""
    told = [each for each in figures if each["metric"] == "csat" and [*each["dimensions"]] == ["agent"]]
    agent: str = max(told, key=lambda figure: figure["count"])["dimensions"]["agent"]
    return agent


def counted(figures: list[Told]) -> dict[str, float]:
    return {figure["metric"]: figure["count"] for figure in figures if not figure["dimensions"]}


def counts(server: Prometheus) -> dict[str, float]:
    found = {}
    for metric in CATALOGUE.metrics:
        name = gauge_name(metric)
        counted = name if metric.kind.name == "count" else f"{name}_count"
        for sample in server.query(f'{counted}{{by="", window="24h"}}'):
            found[metric.name] = sample.value
    return found


def missed(server: Prometheus) -> dict[str, float]:
    found = 'cx_sla_total{by="target", window="1d"} - (cx_sla_good{by="target", window="1d"} or 0 * '
    found += 'cx_sla_total{by="target", window="1d"})'
    return {sample.labels["target"]: sample.value for sample in server.query(found)}


def missed_of(figures: list[Told]) -> dict[str, float]:
    return {
        figure["dimensions"]["target"]: figure["denominator"] - figure["numerator"]
        for figure in figures
        if figure["metric"] == "sla_compliance" and [*figure["dimensions"]] == ["target"]
    }


def at_risk(server: Prometheus) -> dict[str, float]:
    return {each.labels["target"]: each.value for each in server.query('cx_sla_at_risk{by="target"}')}


def at_risk_of(figures: list[Told]) -> dict[str, float]:
    return {
        figure["dimensions"]["target"]: figure["value"]
        for figure in figures
        if figure["metric"] == "sla_at_risk" and [*figure["dimensions"]] == ["target"]
    }


def asked(query: Query) -> Asked | None:
    """What a query asks for, by its first selector; None where it is no figure."""
    found: list[Any] = []
    expr = filled_in(query.expr, chosen_at_first(BOARDS[query.board]))
    promql_parser.walk(promql_parser.parse(expr), lambda node: found.append(node))
    first = next(node for node in found if isinstance(node, promql_parser.VectorSelector))
    if first.name not in FIGURES:
        return None
    metric, field = FIGURES[first.name]
    labels = {matcher.name: matcher.value for matcher in first.matchers.matchers}
    field = QUANTILES.get(labels.get("quantile", ""), field)
    return Asked(metric, labels["by"], field, labels.get("agent") == AGENT)


OF_FIGURES = [(query, told) for query in queries() if (told := asked(query)) is not None]
NOW = [(query, told) for query, told in OF_FIGURES if "offset" not in query.expr]
CHANGES = [(query, told) for query, told in OF_FIGURES if "offset" in query.expr]
BACK = re.compile(r" offset \w+")
OTHERS = [query for query in queries() if asked(query) is None]


def expected(running: Running, told: Asked, enough: str) -> Values:
    found: Values = {}
    for figure in running.figures:
        if figure["metric"] != told.metric.name or [*figure["dimensions"]] != told.dimensions:
            continue
        values = tuple(figure["dimensions"].values())
        if told.field not in figure or (told.of_agent and values != (running.agent,)):
            continue
        few = told.field != "count" and not is_certain(told.metric) and figure["count"] < int(enough)
        found[values] = math.nan if few else figure[told.field]
    return found


def given(running: Running, expr: str, told: Asked) -> Values:
    samples = running.server.query(expr)
    assert all(sample.labels.keys() == {*told.dimensions} for sample in samples)
    found = {tuple(sample.labels[name] for name in told.dimensions): sample.value for sample in samples}
    assert len(found) == len(samples)
    return found


def scraped(running: Running, expr: str, told: Asked, should: Any) -> Values:
    """What is given, ages as they will be when the hour ends.

    A scrape that comes too late takes a worker's series away until the next one.
    """
    for _ in range(10):
        found = given(running, expr, told)
        if told.age:
            left = running.hour_ends - time.time()
            found = {key: told.later(age, left) for key, age in found.items()}
        if found == should:
            break
        time.sleep(1)
    return found


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("query, told", NOW, ids=[query.name for query, _ in NOW])
def test_a_figure_on_a_board_is_that_of_the_batch(
    running: Running, query: Query, told: Asked, choice: dict[str, str]
) -> None:
    values = expected(running, told, choice["enough"])
    assert values
    expr = filled_in(query.expr, {**choice, "agent": running.agent})
    should = pytest.approx(values, rel=0, abs=A_SCRAPE_AGO if told.age else None, nan_ok=True)
    assert scraped(running, expr, told, should) == should


def test_both_enough_and_too_few_were_met(running: Running) -> None:
    values = [
        value
        for choice in CHOICES
        for query, told in NOW
        for value in given(running, filled_in(query.expr, {**choice, "agent": running.agent}), told).values()
    ]
    few = sum(map(math.isnan, values))
    assert few > 20
    assert len(values) - few > 200


@pytest.mark.parametrize("query, told", CHANGES, ids=[query.name for query, _ in CHANGES])
def test_a_figure_is_compared_with_an_earlier_one(running: Running, query: Query, told: Asked) -> None:
    """There is none here, so the figure is compared with itself, and with nothing."""
    expr = filled_in(query.expr, CHOICES[1])
    itself = BACK.sub("", expr)
    until(lambda: set(given(running, itself, told).values()) == {0}, "no change")
    assert given(running, expr, told) == {}


@pytest.mark.parametrize("query", OTHERS, ids=[query.name for query in OTHERS])
def test_the_processor_tells_of_itself(running: Running, query: Query) -> None:
    """A scrape that a busy machine is too slow for leaves nothing until the next one."""
    expr = filled_in(query.expr, chosen_at_first(BOARDS[query.board]))
    until(lambda: running.server.query(expr), f"{expr} gives something")
    samples = running.server.query(expr)
    assert not any(math.isnan(sample.value) for sample in samples)
    shown = set(re.findall(r"{{(\w+)}}", query.legend))
    if not query.legend and (kept := re.match(r"(?:max|min) by \(([\w, ]+)\)", query.expr)):
        shown = set(kept[1].split(", "))
    assert all(sample.labels.keys() == shown for sample in samples)


def test_only_the_alerts_that_have_a_reason_fire(running: Running) -> None:
    rules = running.server.rules()
    assert {rule["health"] for rule in rules} == {"ok"}
    firing = {rule["name"] for rule in rules if rule.get("state") == "firing"}
    burning = {"CxServiceLevelBurningFast", "CxServiceLevelBurning"}  # for long enough, or not yet
    assert firing - burning == {"CxDeadLetters", "CxUrgentOverdue", "Watchdog"}
