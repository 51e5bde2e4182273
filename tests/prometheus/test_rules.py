"""Prometheus' configuration and rules: checked by its own tool, and against settings, boards, runbook."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml  # type: ignore[import-untyped]

from agents.catalogue import rules
from grafana.boards import pipeline
from streams.catalogue import Metric
from streams.outlets.histogram import LIMITS
from streams.outlets.rules import Links, text
from streams.settings import Settings
from streams.windows.trailing import WINDOWS
from tests.grafana.exposed import Samples, samples
from tests.grafana.kept import BOARDS
from tests.policies import CATALOGUE, FILE, SETTINGS

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
RUNBOOK = ROOT / "docs" / "runbook.md"

EVERY: list[dict[str, Any]] = [
    rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
]
ALERTS = [rule for rule in EVERY if "alert" in rule]
RECORDED = {rule["record"] for rule in EVERY if "record" in rule}
NAMES = {alert["alert"] for alert in ALERTS}
WATCHDOG = "Watchdog"


def told_apart(rule: dict[str, Any]) -> str:
    labels = rule.get("labels", {})
    return "-".join(
        [rule.get("alert") or rule["record"], *(labels[n] for n in ("policy", "target") if n in labels)]
    )


each_rule = pytest.mark.parametrize("rule", EVERY, ids=map(told_apart, EVERY))
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=map(told_apart, ALERTS))


def promtool(*arguments: str | Path) -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus has it)")
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_right() -> None:
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_the_rules_are_right() -> None:
    promtool("check", "rules", *RULES)


def test_alerts_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", *TESTS)


def test_every_alert_is_tested_in_both_states() -> None:
    told = [test for file in TESTS for test in yaml.safe_load(file.read_text())["tests"]]
    looks = [look for test in told for look in test.get("alert_rule_test", ())]
    fired = {look["alertname"] for look in looks if look.get("exp_alerts")}
    silent = {look["alertname"] for look in looks if not look.get("exp_alerts")}
    assert fired == NAMES
    assert silent == NAMES - {WATCHDOG}


def test_the_kept_rules_are_those_of_the_policies() -> None:
    kept = (PROMETHEUS / "rules" / "service-levels.yml").read_text()
    made = text(rules(SETTINGS.definitions, Links()))
    assert kept == made, f"metricland rules --config {FILE.relative_to(ROOT)}"


@each_alert
def test_an_alert_says_what_is_wrong_and_how_bad(alert: dict[str, Any]) -> None:
    assert alert["alert"].startswith("Cx") or alert["alert"] == WATCHDOG
    assert alert["labels"]["severity"] in ("critical", "warning", *(["none"] * (alert["alert"] == WATCHDOG)))
    assert alert["labels"]["team"] in ("platform", "support")
    assert "{{" not in alert["annotations"]["summary"]
    assert alert["annotations"]["description"]


@each_alert
def test_an_alert_has_a_section_in_the_runbook(alert: dict[str, Any]) -> None:
    name = alert["alert"]
    assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK.read_text(), re.M | re.S))
    for part in ("Meaning", "Impact", "Diagnosis", "Mitigation"):
        assert f"**{part}.**" in sections[name]


def test_the_runbook_tells_of_no_alert_that_is_not_there() -> None:
    assert set(re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.M)) == NAMES


@each_alert
def test_an_alert_leads_to_a_board(alert: dict[str, Any]) -> None:
    _, uid = alert["annotations"]["dashboard_url"].split("/d/")
    assert uid in {board["uid"] for board in BOARDS.values()}


@pytest.fixture(scope="module")
def exposed() -> Samples:
    return samples() | {"up": []}


@each_rule
def test_a_rule_asks_for_what_there_is(rule: dict[str, Any], exposed: Samples) -> None:
    def look(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            assert node.name in exposed or node.name in RECORDED
            matchers = {each.name: each.value for each in node.matchers.matchers}
            assert matchers["job"] == "metricland"
            assert "by" in matchers or not node.name.startswith("cx_sla")

    promql_parser.walk(promql_parser.parse(rule["expr"]), look)


def test_boards_draw_the_limits_of_the_alerts() -> None:
    told = {alert["alert"]: alert["expr"] for alert in ALERTS if "policy" not in alert["labels"]}
    assert told["CxLagging"].endswith(f"> {pipeline.LAG}")
    assert told["CxNoEvents"].endswith(f"> {pipeline.SILENCE}")


def test_a_scrape_of_the_whole_catalogue_is_less_than_half_of_what_is_allowed() -> None:
    settings = Settings()
    samples_of = {
        "count": 1,
        "ratio": 2,
        "balance": 2,
        "scores": 2,
        "distribution": 6,
        "level": 1,
        "ages": 6,
        "longest": 2,
        "remaining": 7,
        "expected": 2,
        "brier": 2,
    }
    most = sum(
        (samples_of[metric.kind.name] + 2 * metric.bounds) * series(metric, settings)
        for metric in CATALOGUE.metrics
    )
    most += sum(
        histogram(metric, settings) for metric in CATALOGUE.metrics if metric.kind.name == "distribution"
    )
    (scrape,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    assert 10_000 < most < scrape["sample_limit"] / 2


def histogram(metric: Metric, settings: Settings) -> int:
    shown = metric.family.exported(settings.exported_sets())
    buckets_sum_and_count = len(LIMITS) + 3
    return buckets_sum_and_count * sum(settings.dimensions.shown + 1 if names else 1 for names in shown)


def series(metric: Metric, settings: Settings) -> int:
    """In how many windows, times of how many values, a metric is shown at most."""
    shown = metric.family.exported(settings.exported_sets())
    if not metric.windows:
        return sum(settings.dimensions.shown if names else 1 for names in shown)
    return sum(
        settings.dimensions.shown if names else 1
        for names in shown
        for window in metric.windows
        if WINDOWS[window].kind != "minute" or not metric.family.coarse & names
    )
