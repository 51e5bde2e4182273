"""Every query asks for something that the exporter can emit, and every metric is asked for."""

from typing import Any

import promql_parser
import pytest

from agents.sla.burn import PAGES, WARNINGS
from agents.sla.rules import BURN_RATE, OBJECTIVE
from streams.outlets.names import gauge_name
from tests.grafana.exposed import Samples, samples
from tests.grafana.kept import BOARDS, choices, chosen_at_first, filled_in, queries
from tests.policies import CATALOGUE

LEVELS = tuple(gauge_name(metric) for metric in CATALOGUE.metrics if metric.family.name in CATALOGUE.levels)
OF_PROMETHEUS: Samples = {
    "up": [{}],
    OBJECTIVE: [{}],
    BURN_RATE: [{"window": tier.long} for tier in (*PAGES, *WARNINGS)],
}
"Series that it makes itself."


@pytest.fixture(scope="module")
def exposed() -> Samples:
    return samples() | OF_PROMETHEUS


def selectors(expr: str) -> list[Any]:
    found: list[Any] = []

    def look(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expr), look)
    return found


def fits(selector: Any, labels: dict[str, str]) -> bool:
    matchers = [matcher for matcher in selector.matchers.matchers if matcher.name != "job"]
    return all(labels.get(matcher.name, "") == matcher.value for matcher in matchers)


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_a_query_asks_for_series_that_there_are_whatever_is_chosen(query: Any, exposed: Samples) -> None:
    for values in choices(BOARDS[query.board]):
        for selector in selectors(filled_in(query.expr, values)):
            assert selector.name in exposed
            found = exposed[selector.name]
            assert any(fits(selector, labels) for labels in found) or not found, (selector.name, values)


def test_every_metric_is_on_a_board() -> None:
    asked = {
        selector.name
        for query in queries()
        for selector in selectors(filled_in(query.expr, chosen_at_first(BOARDS[query.board])))
    }
    assert {gauge_name(metric) for metric in CATALOGUE.metrics} <= asked


def test_everything_that_the_processor_tells_of_itself_is_on_a_board(exposed: Samples) -> None:
    asked = {name for query in queries() for name in exposed if name in query.expr}
    figures = tuple(gauge_name(metric) for metric in CATALOGUE.metrics)
    assert {name for name in exposed if not name.startswith(figures)} <= asked


def test_a_query_picks_one_dimension_set() -> None:
    """Else it would add a total to its parts."""
    for query in queries():
        for selector in selectors(filled_in(query.expr, chosen_at_first(BOARDS[query.board]))):
            named = {matcher.name for matcher in selector.matchers.matchers}
            if selector.name.startswith(LEVELS):
                assert "by" in named and "window" not in named
            elif selector.name.startswith(tuple(gauge_name(metric) for metric in CATALOGUE.metrics)):
                assert {"by", "window"} <= named
