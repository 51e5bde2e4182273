"""A removed customer: it leaves every figure, and what state topics keep of it is no trace of who it was."""

import random
from typing import Any

import msgspec
import pytest

from streams import moments
from streams.batch import Batch
from streams.state.plan import Plan
from tests.promise import unequal
from tests.simulated.histories import Watched, metrics_log
from tests.simulated.test_folded_facts import CATALOGUE_OF_FACTS

NAME = "ada-lovelace"


def event(kind: str, subject: str, day: int, clock: str = "09:00:00", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind} {subject} {day} {clock}",
        "source": "/desk",
        "type": kind,
        "time": f"2026-11-{day:02}T{clock}Z",
        "subject": subject,
        "data": data,
    }


REMOVED = event("customer.removed", NAME, 5)
EVENTS = [
    event("customer.created", NAME, 1, segment="a secret segment"),
    event("ticket.created", "T1", 1, customer_id=NAME, topic="billing"),
    event("ticket.resolved", "T1", 2),
    event("call.offered", "K1", 2, queue="sales", customer_id=NAME),
    event("call.answered", "K1", 2, "09:00:10", agent_id="A"),
    event("call.ended", "K1", 2, "09:05:00", resolved=True),
    event("usage.recorded", NAME, 3, feature="a secret feature"),
    event("ticket.created", "T2", 3, customer_id=NAME, topic="billing"),
    REMOVED,
    event("purchase.completed", NAME, 6, amount=12.5),
    event("customer.created", "C2", 6),
]


def test_who_was_merged_longer_ago_than_the_horizon_is_erased() -> None:
    merged, after = event("customer.merged", NAME, 4, into="C2"), moments.parse("2027-12-11T09:00:00Z")
    removed = {**REMOVED, "time": moments.text(after)}
    events = [*EVENTS[: EVENTS.index(REMOVED)], merged, removed]
    cluster = Watched(Plan(CATALOGUE_OF_FACTS, "v1", 1, "told"))
    cluster.now = after // 1000
    for each in events:
        cluster.produce([each])
        cluster.drain()
    assert cluster.letters() == []
    assert NAME not in cluster.log.latest(cluster.plan.changelog("customers"), 0)
    batch = Batch(CATALOGUE_OF_FACTS)
    batch.take(map(msgspec.json.encode, events))
    figures = batch.figures()
    assert batch.too_late == 0
    kept = {key: each for key, each in metrics_log(cluster).figures.items() if "|total|" in key}
    assert unequal({key: each for key, each in figures.items() if "|total|" in key}, kept) == []


@pytest.mark.parametrize("seed", range(12))
def test_in_any_order_nothing_is_left_of_it(seed: int) -> None:
    chance = random.Random(seed)
    events = sorted(EVENTS, key=lambda _: chance.random()) if seed else EVENTS
    cluster = Watched(Plan(CATALOGUE_OF_FACTS, "v1", 2, "told"), seed)
    for each in events:
        cluster.produce([each])
        cluster.step()
    cluster.drain()
    cluster.produce(EVENTS)
    cluster.restart(0)
    cluster.restart(1)
    cluster.drain()

    batch = Batch(CATALOGUE_OF_FACTS)
    batch.take(map(msgspec.json.encode, EVENTS))
    assert unequal(batch.figures(), metrics_log(cluster).figures) == []
    assert cluster.letters() == []
    table = cluster.plan.changelog("customers")
    for number in range(2):
        kept = cluster.log.latest(table, number)
        assert NAME not in kept
        assert not any(NAME.encode() in row or b"secret" in row for row in kept.values())
        forgotten = cluster.log.latest(cluster.plan.changelog("forgotten"), number)
        assert not any(NAME.encode() in row for row in forgotten.values())
