"""`metricland rules`."""

from pathlib import Path

import yaml  # type: ignore[import-untyped]

from tests.cli.conftest import Metricland
from tests.policies import FILE

KEPT = FILE.parent / "rules" / "service-levels.yml"


def test_the_rules_of_a_file_of_settings(metricland: Metricland) -> None:
    told = metricland("rules", "--config", str(FILE))
    assert told.exit_code == 0
    assert told.stdout == KEPT.read_text()


def test_a_user_s_own_policies_make_their_rules(metricland: Metricland, tmp_path: Path) -> None:
    (tmp_path / "metricland.toml").write_text(
        "[[definitions.sla.policies]]\nname = 'mine'\ntargets.default.resolution = '1d'\n"
        "objectives = { resolution = '99%' }\n"
    )
    told = metricland("rules", "--grafana", "https://g.example/", "--runbook", "https://w.example/book")
    _, made = yaml.safe_load(told.stdout)["groups"]
    fast = made["rules"][0]
    assert fast["labels"] == {
        "severity": "critical",
        "team": "support",
        "policy": "mine",
        "target": "resolution",
    }
    assert fast["annotations"]["dashboard_url"] == "https://g.example/d/cx-service-levels"
    assert fast["annotations"]["runbook_url"] == "https://w.example/book#cxservicelevelburningfast"
    assert "> 0.144" in fast["expr"]


def test_without_policies_it_says_that_there_is_nothing_to_alert_on(metricland: Metricland) -> None:
    told = metricland("rules")
    assert told.exit_code == 0
    assert yaml.safe_load(told.stdout) == {"groups": []}
    assert "promise nothing" in told.stderr


def test_an_objective_that_is_none_is_refused(metricland: Metricland, tmp_path: Path) -> None:
    for objectives, wrong in (
        ("{ resolution = '100%' }", "100%"),
        ("{ default = 0.95 }", "0.95"),
        ("{ speed = '95%' }", "speed"),
    ):
        (tmp_path / "metricland.toml").write_text(
            "[[definitions.sla.policies]]\nname = 'mine'\ntargets.default.resolution = '1d'\n"
            f"objectives = {objectives}\n"
        )
        told = metricland("rules")
        assert told.exit_code == 1
        assert wrong in told.stderr and "below 100 %" in told.stderr
