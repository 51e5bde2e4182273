"""The boards as they are kept in the repository, and the queries in them."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "grafana" / "dashboards"
Board = dict[str, Any]
Panel = dict[str, Any]

JOB = "metricland"
BUILT_IN = {"__rate_interval": "1m", "__range": "1h"}
"What Grafana would put in for its own variables."
AGENT = "ana"
"As chosen of those that Prometheus tells."


class Query(NamedTuple):
    board: str
    panel: str
    ref: str
    expr: str
    legend: str

    @property
    def name(self) -> str:
        return f"{self.board} / {self.panel} / {self.ref}"


BOARDS: dict[str, Board] = {
    file.name: json.loads(file.read_text()) for file in sorted(DASHBOARDS.glob("*.json"))
}


def panels(board: Board) -> Iterator[Panel]:
    """All panels but the rows."""
    for panel in board["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", ())


def named_panels() -> Iterator[tuple[str, Panel]]:
    for name, board in BOARDS.items():
        for panel in panels(board):
            yield f"{name} / {panel.get('title', panel['type'])}", panel


def queries() -> list[Query]:
    return [
        Query(name, panel["title"], target["refId"], target["expr"], target.get("legendFormat", ""))
        for name, board in BOARDS.items()
        for panel in panels(board)
        for target in panel.get("targets", ())
    ]


def choices(board: Board) -> Iterator[dict[str, str]]:
    """Every combination of what a reader can choose."""
    lists = [
        [(variable["name"], option["value"]) for option in variable["options"]]
        for variable in board["templating"]["list"]
        if variable["type"] == "custom"
    ]
    return (dict(chosen) for chosen in product(*lists))


def chosen_at_first(board: Board) -> dict[str, str]:
    return {
        variable["name"]: variable["current"]["value"]
        for variable in board["templating"]["list"]
        if variable["type"] == "custom"
    }


def filled_in(expr: str, values: dict[str, str]) -> str:
    """A query as Grafana sends it."""
    every = {"job": JOB, "agent": AGENT, **BUILT_IN, **values}
    for name in sorted(every, key=len, reverse=True):
        expr = expr.replace(f"${name}", every[name])
    assert "$" not in expr, expr
    return expr
