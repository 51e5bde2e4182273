"""The change of a count by a dimension, as Prometheus computes it from series of which some come and go."""

import json
from pathlib import Path

import pytest

from agents.catalogue import CATALOGUE
from grafana.boards.queries import change_by
from streams.outlets.names import gauge_name
from tests.grafana.kept import filled_in
from tests.prometheus.test_rules import promtool

INQUIRIES = next(metric for metric in CATALOGUE.metrics if metric.name == "inquiry_topics")
UP = {"series": 'up{job="metricland"}', "values": "1x180"}


def told(topic: str, values: str, by: str = "topic") -> dict[str, str]:
    of = f'by="{by}", topic="{topic}"' if by else 'by=""'
    series = f'{gauge_name(INQUIRIES)}{{job="metricland", window="1h", {of}}}'
    return {"series": series, "values": values}


def check(directory: Path, series: list[dict[str, str]], changes: dict[str, int]) -> None:
    """The changes at 3:00, of the hour before; values of series are given by the minute."""
    asked = {
        "expr": filled_in(change_by(INQUIRIES, "topic", "1h"), {}),
        "eval_time": "3h",
        "exp_samples": [
            {"labels": f'{{topic="{topic}"}}', "value": change} for topic, change in changes.items()
        ],
    }
    test = {"interval": "1m", "input_series": series, "promql_expr_test": [asked]}
    file = directory / "changes.yml"
    file.write_text(json.dumps({"rule_files": [], "tests": [test]}))
    promtool("test", "rules", file)


def test_a_topic_has_more_or_less_than_the_hour_before(tmp_path: Path) -> None:
    series = [UP, told("invoice", "2x120 5x59"), told("returns", "9x120 4x59"), told("", "11x180", by="")]
    check(tmp_path, series, {"invoice": 3, "returns": -5})


def test_a_topic_that_has_come_or_gone_had_or_has_none(tmp_path: Path) -> None:
    series = [UP, told("new", "_x150 5x30"), told("gone", "4x120 stale"), told("same", "1x180")]
    check(tmp_path, series, {"new": 5, "gone": -4, "same": 0})


@pytest.mark.parametrize("up", ["_x130 1x50", "0x130 1x50"])
def test_of_a_time_without_a_worker_nothing_is_known(tmp_path: Path, up: str) -> None:
    check(tmp_path, [{**UP, "values": up}, told("invoice", "_x130 5x50")], {})
