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
from typing import Any, NamedTuple

import promql_parser
import pytest

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.catalogue import Metric
from streams.kafka.produce import Record
from streams.outlets.names import gauge_name
from streams.settings import load
from tests.grafana.kept import BOARDS, Query, chosen_at_first, filled_in, queries
from tests.prometheus.running import correction, fill, now, recent, worker
from tests.prometheus.server import Prometheus, free_ports, prometheus, until

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("prometheus") is None, reason="Prometheus is not installed (Debian's package prometheus)"
    ),
]

FIGURES = {gauge_name(metric): metric for metric in CATALOGUE.metrics}
QUANTILES = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99"}
CHOICES = (
    {"window": "24h", "answers_window": "24h", "enough": "10"},
    {"window": "24h", "answers_window": "7d", "enough": "1"},
    {"window": "24h", "answers_window": "30d", "enough": "50"},
)
PROCESSES = 2
"Each owns some of the series."
Values = dict[tuple[str, ...], float]
Told = dict[str, Any]
"A figure."


class Running(NamedTuple):
    server: Prometheus
    totals: list[Told]
    "The batch's figures of all time."


class Asked(NamedTuple):
    metric: Metric
    by: str
    quantile: str | None


@pytest.fixture(scope="module")
def running(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = load(
        overrides={
            "broker": f"kafka://{broker}",
            "application": "boards",
            "topics.prefix": "boards.",
            "topics.partitions": 2,
            "web.port": free_ports(PROCESSES),
            "processes": PROCESSES,
        }
    )
    first = recent(settings, now())
    then = correction(settings, now())
    directory = tmp_path_factory.mktemp("boards")
    fill(settings, first)
    with worker(settings, directory) as targets, prometheus(directory, targets) as server:
        until(lambda: counts(server) == counted(totals(first)), "all events are in the figures")
        fill(settings, then)
        everything = totals([*first, *then])
        until(lambda: counts(server) == counted(everything), "what is taken back has left the figures")
        until(lambda: server.query("rate(cx_retractions_total[1m])"), "there are rates")
        yield Running(server, everything)


def totals(records: list[Record]) -> list[Told]:
    batch = Batch(CATALOGUE)
    batch.take(value for _, _, value in records)
    return [figure for figure in batch.figures().values() if figure["window"]["pane"] == "total"]


def counted(figures: list[Told]) -> dict[str, float]:
    return {figure["metric"]: figure["count"] for figure in figures if not figure["dimensions"]}


def counts(server: Prometheus) -> dict[str, float]:
    found = {}
    for name, metric in FIGURES.items():
        counted = name if metric.kind.name == "count" else f"{name}_count"
        for sample in server.query(f'{counted}{{by="", window="24h"}}'):
            found[metric.name] = sample.value
    return found


def asked(query: Query) -> Asked | None:
    """What a query asks for, by its first selector; None where it is no figure."""
    found: list[Any] = []
    expr = filled_in(query.expr, chosen_at_first(BOARDS[query.board]))
    promql_parser.walk(promql_parser.parse(expr), lambda node: found.append(node))
    first = next(node for node in found if isinstance(node, promql_parser.VectorSelector))
    if (metric := FIGURES.get(first.name or "")) is None:
        return None
    labels = {matcher.name: matcher.value for matcher in first.matchers.matchers}
    return Asked(metric, labels["by"], labels.get("quantile"))


OF_FIGURES = [(query, told) for query in queries() if (told := asked(query)) is not None]
NOW = [(query, told) for query, told in OF_FIGURES if "offset" not in query.expr]
CHANGES = [(query, told) for query, told in OF_FIGURES if "offset" in query.expr]
OTHERS = [query for query in queries() if asked(query) is None]


def expected(running: Running, told: Asked, enough: str) -> Values:
    field = "value" if told.quantile is None else QUANTILES[told.quantile]
    found: Values = {}
    for figure in running.totals:
        if figure["metric"] == told.metric.name and [*figure["dimensions"]] == [*filter(None, [told.by])]:
            few = told.metric.kind.name != "count" and figure["count"] < int(enough)
            found[tuple(figure["dimensions"].values())] = math.nan if few else figure[field]
    return found


def given(running: Running, expr: str, by: str) -> Values:
    samples = running.server.query(expr)
    assert all(sample.labels.keys() == {*filter(None, [by])} for sample in samples)
    found = {tuple(sample.labels.values()): sample.value for sample in samples}
    assert len(found) == len(samples)
    return found


def scraped(running: Running, expr: str, by: str, should: Any) -> Values:
    """What is given; a scrape that comes too late takes a worker's series away until the next one."""
    for _ in range(10):
        if (found := given(running, expr, by)) == should:
            break
        time.sleep(1)
    return found


@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("query, told", NOW, ids=[query.name for query, _ in NOW])
def test_a_figure_on_a_board_is_that_of_the_batch(
    running: Running, query: Query, told: Asked, choice: dict[str, str]
) -> None:
    should = pytest.approx(expected(running, told, choice["enough"]), rel=0, nan_ok=True)
    assert should.expected
    assert scraped(running, filled_in(query.expr, choice), told.by, should) == should


def test_both_enough_and_too_few_were_met(running: Running) -> None:
    values = [
        value
        for choice in CHOICES
        for query, told in NOW
        for value in given(running, filled_in(query.expr, choice), told.by).values()
    ]
    few = sum(map(math.isnan, values))
    assert few > 20
    assert len(values) - few > 200


@pytest.mark.parametrize("query, told", CHANGES, ids=[query.name for query, _ in CHANGES])
def test_a_figure_is_compared_with_that_of_a_week_before(running: Running, query: Query, told: Asked) -> None:
    """There is none here, so the figure is compared with itself, and with nothing."""
    expr = filled_in(query.expr, CHOICES[1])
    assert given(running, expr.replace(" offset 1w", ""), told.by) == {(): 0}
    assert given(running, expr, told.by) == {}


@pytest.mark.parametrize("query", OTHERS, ids=[query.name for query in OTHERS])
def test_the_processor_tells_of_itself(running: Running, query: Query) -> None:
    samples = running.server.query(filled_in(query.expr, chosen_at_first(BOARDS[query.board])))
    assert samples
    assert not any(math.isnan(sample.value) for sample in samples)
    shown = set(re.findall(r"{{(\w+)}}", query.legend))
    assert all(sample.labels.keys() == shown for sample in samples)


def test_only_the_alert_that_has_a_reason_fires(running: Running) -> None:
    rules = running.server.rules()
    assert {rule["health"] for rule in rules} == {"ok"}
    assert {rule["name"] for rule in rules if rule["state"] == "firing"} == {"CxDeadLetters"}
