"""
A real worker, Prometheus and Alertmanager: that promises are broken is told to those whom it concerns, and
that it is over.

The rules are those that the worker's own settings make, the configurations those of the repository; only the
times that they wait are short.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml  # type: ignore[import-untyped]

from agents.__main__ import PRODUCT
from streams.kafka.produce import Record
from streams.outlets.rules import Links, text
from streams.settings import Settings, load
from streams.topics import input_topic
from tests.alertmanager.server import BINARY, Alertmanager, Notifications, alertmanager, notifications
from tests.oracle.telling import event
from tests.ports import free_ports
from tests.prometheus.running import fill, supervised
from tests.prometheus.server import PATIENCE, RULES, Prometheus, prometheus, until

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("prometheus") is None or BINARY is None,
        reason="Prometheus and its Alertmanager are not installed (Debian has both)",
    ),
]

ENOUGH = 8
POLICY = f"""
[definitions.sla.alerts]
enough = {ENOUGH}
[[definitions.sla.policies]]
name = "quick"
[definitions.sla.policies.targets.default]
first_response = "2s"
"""
SOON = timedelta(seconds=1)


class Running(NamedTuple):
    settings: Settings
    server: Prometheus
    told: Notifications
    manager: Alertmanager
    kill_worker: Callable[[], None]


@pytest.fixture(scope="module")
def running(broker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("alerts")
    (directory / "policy.toml").write_text(POLICY)
    settings = load(
        directory / "policy.toml",
        {
            "broker": f"kafka://{broker}",
            "application": "alerts",
            "topics.prefix": "alerts.",
            "topics.partitions": 2,
            "web.port": free_ports(),
            "checkpoint.timeout": PATIENCE,
            "checkpoint.transaction_timeout": 2 * PATIENCE,
        },
        PRODUCT.settings,
    )
    fill(settings, [])
    with (
        notifications(directory) as (receiver, told),
        alertmanager(directory, receiver) as manager,
        supervised(settings, directory) as (targets, kill),
        prometheus(directory, targets, hasty_rules(directory, settings), manager.address) as server,
    ):
        yield Running(settings, server, told, manager, kill)


def hasty_rules(directory: Path, settings: Settings) -> Path:
    """Those on service levels and the watchdog; what burns need not do so for minutes."""
    made = yaml.safe_load(text(PRODUCT.rules(settings.definitions, Links()) if PRODUCT.rules else ()))
    (pipeline,) = yaml.safe_load((RULES / "pipeline.yml").read_text())["groups"]
    watchdog = [rule for rule in pipeline["rules"] if rule["alert"] == "Watchdog"]
    made["groups"].append({"name": "watchdog", "rules": watchdog})
    for group in made["groups"]:
        for rule in group["rules"]:
            if rule.get("alert") in ("CxServiceLevelBurningFast", "CxServiceLevelBurning"):
                rule["for"] = "1s"
    rules = directory / "rules"
    rules.mkdir()
    (rules / "rules.yml").write_text(yaml.safe_dump(made))
    return rules


def test_broken_promises_are_told_of_and_so_is_their_end(running: Running) -> None:
    settings, server, told, *_ = running
    told.wait_for("watchdog: firing Watchdog")

    silent = [f"S{number}" for number in range(ENOUGH)]
    asked = datetime.now(UTC)
    fill(settings, [record(settings, "created", of, asked, priority="urgent") for of in silent])
    overdue = told.wait_for("support-page: firing CxUrgentOverdue")
    assert f"{ENOUGH} tickets of priority urgent are past the deadline of first_response" in overdue
    assert overdue.endswith("docs/runbook.md#cxurgentoverdue")
    burning = told.wait_for("support-page: firing CxServiceLevelBurningFast")
    assert "100% of first_response under policy quick were missed" in burning
    assert not any(" resolved " in line for line in told.lines())

    fill(settings, [reply(settings, of, datetime.now(UTC)) for of in silent])
    told.wait_for("support-page: resolved CxUrgentOverdue")
    assert not any("resolved CxServiceLevelBurningFast" in line for line in told.lines()), "they stay missed"

    now = datetime.now(UTC)
    prompt = [f"P{number}" for number in range(3 * ENOUGH)]
    fill(settings, [record(settings, "created", of, now) for of in prompt])
    fill(settings, [reply(settings, of, now + SOON) for of in prompt])
    told.wait_for("support-page: resolved CxServiceLevelBurningFast")
    until(lambda: missed(server) == pytest.approx(0.25), "a quarter of all is missed")


def test_who_is_away_meanwhile_keeps_no_alert_from_being_told(running: Running) -> None:
    """The worker is killed before a deadline that it has to notice, and Alertmanager is away until it fires;
    both know of it after that, and after another end, by the same labels."""
    settings, server, told, manager, kill_worker = running
    before = len(told.lines())
    manager.stop()
    due = [f"D{number}" for number in range(ENOUGH)]
    fill(settings, [record(settings, "created", of, datetime.now(UTC), priority="urgent") for of in due])
    kill_worker()
    until(lambda: fires(server, "CxUrgentOverdue"), "the worker came back and noticed")
    manager.start()
    overdue = told.wait_for("support-page: firing CxUrgentOverdue", after=before)
    assert f"{ENOUGH} tickets of priority urgent are past the deadline of first_response" in overdue
    labels = manager.labels("CxUrgentOverdue")
    assert [(each["priority"], each["target"]) for each in labels] == [("urgent", "first_response")]

    manager.stop()
    kill_worker()
    manager.start()
    until(lambda: manager.labels("CxUrgentOverdue") == labels, "it still fires, by the same labels")
    fill(settings, [reply(settings, of, datetime.now(UTC)) for of in due])
    told.wait_for("support-page: resolved CxUrgentOverdue", after=before)


def fires(server: Prometheus, alert: str) -> bool:
    return any(rule["name"] == alert and rule["state"] == "firing" for rule in server.rules())


def missed(server: Prometheus) -> float:
    record = 'policy_target_window:cx_sla_missed_per_total:ratio{window="1h"}'
    return server.query(record)[0].value


def reply(settings: Settings, of: str, time: datetime) -> Record:
    return record(settings, "replied", of, time, author="agent", agent_id="ana")


def record(settings: Settings, kind: str, of: str, time: datetime, **data: Any) -> Record:
    told = event(f"ticket.{kind}", time.isoformat(), of, data, {})
    return input_topic(settings, "tickets"), of.encode(), msgspec.json.encode(told)
