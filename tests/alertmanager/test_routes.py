"""Whom Alertmanager tells of which alert: asked of its own tool, for every alert that there is."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.policies import SETTINGS
from tests.prometheus.test_rules import ALERTS, NAMES, ROOT, TESTS, told_apart

CONFIG = ROOT / "alertmanager" / "alertmanager.yml"
KEPT: dict[str, Any] = yaml.safe_load(CONFIG.read_text())


def amtool(*arguments: str) -> str:
    tool = shutil.which("amtool")
    if tool is None:
        pytest.skip("amtool is not installed (Debian's package prometheus-alertmanager has it)")
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def receiver(**labels: str) -> str:
    asked = [f"{name}={value}" for name, value in labels.items()]
    return amtool("config", "routes", "test", f"--config.file={CONFIG}", *asked)


def test_the_configuration_is_right() -> None:
    assert "SUCCESS" in amtool("check-config", str(CONFIG))


@pytest.mark.parametrize("alert", ALERTS, ids=map(told_apart, ALERTS))
def test_an_alert_goes_to_its_team_as_a_page_or_a_ticket(alert: dict[str, Any]) -> None:
    labels = alert["labels"]
    kind = {"critical": "page", "warning": "ticket"}.get(labels["severity"])
    told = receiver(alertname=alert["alert"], **{"job": "metricland", **labels})
    assert told == (f"{labels['team']}-{kind}" if kind else "watchdog")


@pytest.mark.parametrize(
    "labels, told",
    [
        ({"severity": "critical", "team": "billing"}, "support-page"),
        ({"severity": "critical", "team": "billing", "calendar": "office"}, "support-page"),
        ({"severity": "warning", "team": "billing"}, "support-ticket"),
        ({"alertname": "SomethingElse"}, "support-ticket"),
    ],
)
def test_what_has_no_route_of_its_own_reaches_somebody(labels: dict[str, str], told: str) -> None:
    assert receiver(**labels) == told


def routes(route: dict[str, Any]) -> list[dict[str, Any]]:
    return [route, *(inner for each in route.get("routes", ()) for inner in routes(each))]


def test_tickets_wait_for_working_hours_and_pages_only_for_those_of_their_desk() -> None:
    for route in routes(KEPT["route"])[1:]:
        hours = route.get("active_time_intervals", [])
        if route["receiver"].endswith("-page"):
            of_a_desk = any("calendar" in matcher for matcher in route["matchers"])
            assert bool(hours) == of_a_desk
        else:
            assert bool(hours) == (route["receiver"] != "watchdog")


def test_the_office_is_open_when_its_calendar_says_so() -> None:
    (office,) = (each for each in KEPT["time_intervals"] if each["name"] == "office")
    (open_,) = office["time_intervals"]
    assert open_ == {
        "weekdays": ["monday:friday"],
        "times": [{"start_time": "09:00", "end_time": "17:00"}],
        "location": "Europe/Berlin",
    }
    calendar = SETTINGS.model_dump(mode="json")["definitions"]["calendars"]["office"]
    assert calendar[0]["zone"] == open_["location"]
    assert calendar[0]["hours"] == {"mon-fri": ["09:00-17:00"]}


def test_what_inhibits_and_what_is_inhibited_have_the_labels_that_must_be_equal() -> None:
    """Where both lack a label Alertmanager takes it for equal. The tests of the rules tell all labels."""
    fired = [
        (look["alertname"], alert["exp_labels"])
        for file in TESTS
        for test in yaml.safe_load(file.read_text())["tests"]
        for look in test.get("alert_rule_test", ())
        for alert in look.get("exp_alerts", ())
    ]
    for rule in KEPT["inhibit_rules"]:
        for matchers in (rule["source_matchers"], rule["target_matchers"]):
            concerned = [(name, labels) for name, labels in fired if fits(name, matchers)]
            assert concerned
            assert all(label in labels for _, labels in concerned for label in rule["equal"])


@pytest.mark.parametrize(
    "source, target, inhibited",
    [
        ("CxNoWorker", "CxLagging", True),
        ("CxNothingOwned", "CxUrgentOverdue", True),
        ("CxNoWorker", "CxNothingOwned", False),
        ("CxLate", "CxServiceLevelBurningFast", True),
        ("CxLate", "CxDeadLetters", False),
        ("CxServiceLevelBurningFast", "CxServiceLevelBurning", True),
        ("CxServiceLevelBurning", "CxServiceLevelBurningFast", False),
        ("CxNoWorker", "Watchdog", False),
    ],
)
def test_what_follows_from_something_else_is_not_told_of(source: str, target: str, inhibited: bool) -> None:
    assert {source, target} <= NAMES
    found = [
        rule
        for rule in KEPT["inhibit_rules"]
        if fits(source, rule["source_matchers"]) and fits(target, rule["target_matchers"])
    ]
    assert bool(found) == inhibited


def fits(name: str, matchers: list[str]) -> bool:
    """Whether an alert of this name fits matchers of names."""
    for matcher in matchers:
        found = re.fullmatch(r'alertname(=|=~|!~)"(.+)"', matcher)
        assert found
        if bool(re.fullmatch(found[2], name)) == (found[1] == "!~"):
            return False
    return True
