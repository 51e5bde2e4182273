"""Who waits at an instant, as Prometheus is told: also when nothing happens but that time passes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.settings import load
from streams.state.plan import Plan
from tests.simulated.cluster import Cluster

SETTINGS = load()
PLAN = Plan(SETTINGS.adjusted(CATALOGUE), "v1", 1, "waiting")


def call(kind: str, of: str, clock: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind} {of} {clock}",
        "source": "/pbx",
        "type": f"call.{kind}",
        "time": f"2026-11-02T{clock}Z",
        "subject": of,
        "data": data,
    }


def waiting(cluster: Cluster, now: str, name: str = "waiting_calls|") -> int:
    """How many wait, with a clock that stands at a time."""
    second = int(datetime.fromisoformat(f"2026-11-{now}").replace(tzinfo=UTC).timestamp())
    sets = PLAN.catalogue.exported(SETTINGS.exported_sets())
    level = CATALOGUE.numbers["calls_waiting"]
    told = dict(cluster.partitions[0].standings.standing(second, sets))
    return sum(number for slot, number in told.get(name, {}).items() if slot & 255 == level)


@pytest.fixture
def cluster() -> Cluster:
    found = Cluster(PLAN)
    found.produce(
        [
            call("offered", "K1", "09:10:00", queue="sales"),
            call("offered", "K2", "09:20:00", queue="sales"),
            call("answered", "K2", "09:21:00", agent_id="ana"),
            call("offered", "K3", "09:30:00", queue="service"),
        ]
    )
    found.drain()
    return found


def test_a_call_of_which_nothing_more_is_said_waits_until_it_is_given_up(cluster: Cluster) -> None:
    """A day after its offer, and not from the beginning of that hour on."""
    assert waiting(cluster, "02T09:40") == 2
    assert waiting(cluster, "03T09:00") == 2
    assert waiting(cluster, "03T09:09:59") == 2
    assert waiting(cluster, "03T09:10:00") == 1
    assert waiting(cluster, "03T09:29:59") == 1
    assert waiting(cluster, "03T09:30:00") == 0
    assert waiting(cluster, "03T10:00") == 0


def test_of_a_queue(cluster: Cluster) -> None:
    assert waiting(cluster, "03T09:09", "waiting_calls|queue=sales") == 1
    assert waiting(cluster, "03T09:11", "waiting_calls|queue=sales") == 0
    assert waiting(cluster, "03T09:11", "waiting_calls|queue=service") == 1
