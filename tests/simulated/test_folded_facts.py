"""A customer, or a ticket, of which more is told than a record has room for: what it comes to is kept."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.state.plan import Plan
from streams.state.screening import Limits
from streams.windows.panes import Retention
from tests.promise import unequal
from tests.simulated.histories import Watched, metrics_log, pieces

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 90
CALLS, TICKETS = 240, 90
KEPT = Retention(hour=400 * 86_400)
NAMES = ("first_call_resolution", "recontact_rate", "call_volume")
CATALOGUE_OF_FACTS = replace(CATALOGUE, metrics=tuple(m for m in CATALOGUE.metrics if m.name in NAMES))
FEW = Limits(largest_entity=8_192)
"Bytes in which there is room for some 100 facts."


def told(kind: str, subject: str, at: datetime, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{kind} {subject} {at:%d %H:%M}",
        "source": "/desk",
        "type": kind,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "subject": subject,
        "data": data,
    }


def call(number: int, at: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Of one customer, every other one on the same ticket."""
    subject, ticket = f"K{number}", {"ticket_id": "T0"} if number % 2 else {}
    queue = chance.choice(("returns", "orders", "payment"))
    yield told("call.offered", subject, at, queue=queue, customer_id="C1", **ticket)
    if chance.random() < 0.9:
        yield told("call.answered", subject, at + timedelta(minutes=1), agent_id=chance.choice("abcdef"))
        ended = at + timedelta(minutes=chance.choice((3, 5, 600)))
        yield told("call.ended", subject, ended, talk_seconds=60, resolved=chance.random() < 0.8)


def ticket(number: int, at: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    subject, topic = f"T{number}", f"topic {chance.randint(1, 60)}"
    yield told("ticket.created", subject, at, customer_id="C1", topic=topic, channel=chance.choice("xyz"))
    if chance.random() < 0.9:
        resolved = at + timedelta(minutes=chance.choice((-30, 5, 600, 30_000)))
        yield told("ticket.resolved", subject, resolved, agent_id=chance.choice("abcdef"))


def busy(seed: int) -> list[dict[str, Any]]:
    """Events as they come: a little out of order."""
    chance = random.Random(seed)

    def some_time() -> datetime:
        return BEGIN + timedelta(minutes=chance.randrange(DAYS * 1440))

    events = [event for n in range(CALLS) for event in call(n, some_time(), chance)]
    events += [event for n in range(TICKETS) for event in ticket(n, some_time(), chance)]
    return sorted(events, key=lambda event: (event["time"][:15], chance.random()))


def cluster(limits: Limits, partitions: int, seed: int = 0) -> Watched:
    plan = Plan(CATALOGUE_OF_FACTS, "v1", partitions, "told", limits=limits, retention=KEPT)
    return Watched(plan, seed)


def batch(events: list[dict[str, Any]]) -> dict[str, Any]:
    found = Batch(CATALOGUE_OF_FACTS, retention=KEPT)
    found.take(map(msgspec.json.encode, events))
    return found.figures()


def sizes(found: Watched, table: str) -> dict[str, int]:
    numbers = range(found.plan.partitions)
    rows = (found.log.latest(found.plan.changelog(table), number) for number in numbers)
    return {key: len(row) for each in rows for key, row in each.items()}


@pytest.mark.parametrize(("seed", "partitions"), [(1, 1), (106, 3)])
def test_what_is_folded_away_still_counts_and_can_be_taken_back(seed: int, partitions: int) -> None:
    events, chance = busy(seed), random.Random(seed)
    found = cluster(FEW, partitions, seed)
    for piece in pieces(events, chance):
        found.produce(piece)
        for _ in range(6):
            found.step()
        if chance.random() < 0.7:
            found.drain()
    found.drain()
    figures = batch(events)
    assert unequal(figures, metrics_log(found).figures) == []
    assert found.letters() == []
    assert found.crashes > 2
    assert figures["first_call_resolution||total|"]["count"] > 200
    assert figures["recontact_rate||total|"]["count"] > 70
    assert sizes(found, "customers")["C1"] < FEW.largest_entity
    assert sizes(found, "tickets")["T0"] < FEW.largest_entity
    removed = told("customer.removed", "C1", BEGIN + timedelta(days=DAYS + 1))
    found.produce([removed])
    found.drain()
    figures = batch([*events, removed])
    assert unequal(figures, metrics_log(found).figures) == []
    assert "recontact_rate||total|" not in figures


def test_without_folding_there_is_no_room() -> None:
    """What the test above would say if nothing were folded away."""
    found = cluster(Limits(), 1)
    found.produce(busy(1))
    found.drain()
    assert sizes(found, "customers")["C1"] > 2 * FEW.largest_entity


def test_a_fact_of_a_time_that_is_folded_away_is_refused_and_stops_nobody() -> None:
    found = cluster(FEW, 1)
    events = busy(1)
    found.produce(events)
    found.drain()
    before = metrics_log(found).figures["first_call_resolution||total|"]
    late = [
        each
        for number in range(10_000, 10_020)
        for each in call(number, BEGIN + timedelta(minutes=number), random.Random(number))
    ]
    found.produce(late)
    found.drain()
    letters = found.letters()
    assert letters
    assert {letter["reason"] for letter in letters} == {"too_late"}
    assert all("what calls told of the time up to 2026-0" in letter["detail"] for letter in letters)
    figures = metrics_log(found).figures
    assert figures["first_call_resolution||total|"]["count"] == before["count"]
    assert figures["call_volume||total|"]["value"] == CALLS + 20
