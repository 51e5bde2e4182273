"""`metricland metrics`."""

import json

from agents.catalogue import CATALOGUE
from tests.cli.conftest import Metricland


def test_all_metrics_are_told(metricland: Metricland) -> None:
    told = metricland("metrics")
    assert told.exit_code == 0
    for metric in CATALOGUE.metrics:
        assert f"\n{metric.name} " in told.stdout
        assert f"{metric.title}: {metric.formula}" in told.stdout


def test_one_metric_for_programs(metricland: Metricland) -> None:
    (told,) = json.loads(metricland("metrics", "nps", "--json").stdout)
    assert told["name"] == "nps"
    assert told["better"] == "up"
    assert ["channel"] in told["dimension_sets"]
    assert "cx.surveys" in told["topics"]


def test_an_unknown_metric_is_wrong_usage(metricland: Metricland) -> None:
    told = metricland("metrics", "nsp")
    assert told.exit_code == 2
    assert "'nsp' is no metric" in told.stderr
