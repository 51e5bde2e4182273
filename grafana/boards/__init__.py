"""
The boards as code; `python -m grafana.boards` writes them to `grafana/dashboards`.

What is shown, its words, units and colours follow from the catalogue. Provisioning takes the JSON that is
kept beside this package, never this package: grafana-foundation-sdk is for developers only.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.boards import agents, calls, pipeline, satisfaction, service_levels, support

BOARDS = (support.board, calls.board, service_levels.board, satisfaction.board, agents.board, pipeline.board)


def boards() -> Mapping[str, str]:
    """The text of each board's file, by its name."""
    made = (board().build() for board in BOARDS)
    return {f"{board.uid}.json": _text(board) for board in made}


def _text(board: Any) -> str:
    told = json.loads(JSONEncoder(sort_keys=True).encode(board))
    for number, panel in enumerate(_each(told["panels"]), 1):
        panel["id"] = number  # the builders leave it out, and Grafana would make up others at each load
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _each(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _each(panel.get("panels", []))
