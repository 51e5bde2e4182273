"""
The rules of Grafana's dashboard-linter that apply here.

Not taken over: what concerns Loki; `template-instance` and `target-instance`, since a figure moves from
worker to worker and a board that picked one would lose it; `multi` and `allValue` of `template-job`, since
the figures of two jobs can't be added up.
"""

import re
from typing import Any

import promql_parser
import pytest

from grafana.boards.words import COUNTED, UNITS
from streams.outlets.names import gauge_name
from tests.grafana.kept import BOARDS, Board, Panel, choices, filled_in, named_panels, queries
from tests.policies import CATALOGUE

UNITS_USED = {*UNITS.values(), COUNTED, "eps", "ops"}
each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
each_panel = pytest.mark.parametrize(
    "panel", [pytest.param(panel, id=name) for name, panel in named_panels()]
)
each_query = pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)


def variables(board: Board, type_: str) -> list[dict[str, Any]]:
    return [each for each in board["templating"]["list"] if each["type"] == type_]


def nodes(expr: str) -> list[Any]:
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(expr), lambda node: found.append(node))
    return found


@each_board
def test_one_data_source_variable(board: Board) -> None:
    (source,) = variables(board, "datasource")
    assert (source["name"], source["label"], source["query"]) == ("datasource", "Data Source", "prometheus")


@each_board
def test_a_job_variable_that_follows_the_time_range(board: Board) -> None:
    job = variables(board, "query")[0]
    assert (job["name"], job["label"], job["refresh"]) == ("job", "Job", 2)
    assert job["datasource"]["uid"] == "${datasource}"
    found = re.fullmatch(r"label_values\((\w+), job\)", job["query"]["query"])
    assert found and promql_parser.parse(found[1])


@each_board
def test_it_is_not_edited_in_grafana(board: Board) -> None:
    assert board["editable"] is False


@each_board
def test_it_leads_to_the_other_boards_and_keeps_what_was_chosen(board: Board) -> None:
    (link,) = board["links"]
    assert set(link["tags"]) <= set(board["tags"])
    assert link["includeVars"] and link["keepTime"]


@each_panel
def test_a_panel_asks_the_chosen_data_source(panel: Panel) -> None:
    if panel["type"] == "text":
        return
    assert panel["datasource"]["uid"] == "${datasource}"
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {"${datasource}"}


@each_panel
def test_a_panel_says_what_it_shows(panel: Panel) -> None:
    if panel["type"] == "text":
        assert panel["options"]["content"]
    else:
        assert panel["title"] and panel["description"]


@each_panel
def test_a_panel_has_a_unit_and_says_when_there_is_nothing(panel: Panel) -> None:
    if panel["type"] == "text":
        return
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] in UNITS_USED
    assert defaults["noValue"] == "no data"


@each_query
def test_a_query_is_promql_whatever_is_chosen(query: Any) -> None:
    for values in choices(BOARDS[query.board]):
        promql_parser.parse(filled_in(query.expr, values))


@each_query
def test_a_query_is_of_the_chosen_job(query: Any) -> None:
    found = nodes(of_job(query.expr))
    selectors = [node for node in found if isinstance(node, promql_parser.VectorSelector)]
    assert selectors
    for selector in selectors:
        assert ("job", "JOB") in [(each.name, each.value) for each in selector.matchers.matchers]


CHOSEN = {"window": "1h", "answers_window": "24h", "targets_window": "1d", "enough": "1"}
GAUGES = {gauge_name(metric) for metric in CATALOGUE.metrics}
"Figures may be called so too."


def of_job(expr: str) -> str:
    return filled_in(expr.replace("$job", "JOB"), CHOSEN)


@each_query
def test_counters_are_only_asked_for_their_growth(query: Any) -> None:
    inside: set[str] = set()
    every: set[str] = set()
    for node in nodes(of_job(query.expr)):
        if isinstance(node, promql_parser.Call) and node.func.name in ("rate", "increase"):
            inside.update(each.vector_selector.name for each in node.args)
        elif isinstance(node, promql_parser.VectorSelector):
            every.add(node.name or "")
    assert {name for name in every - GAUGES if name.endswith("_total")} <= inside


@each_query
def test_a_rate_is_over_the_rate_interval(query: Any) -> None:
    intervals = re.findall(r"rate\([^[]*\[([^]]*)]", query.expr)
    assert intervals == ["$__rate_interval"] * query.expr.count("rate(")
