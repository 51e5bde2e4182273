"""The backlog on a real broker: it is told by the clock, and taken over by another worker."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from tests.faults.harness import Deployment
from tests.oracle.telling import Json, ticket
from tests.promise import LEVELS, Figures, unequal

pytestmark = pytest.mark.kafka

PATIENCE = 60.0
HOUR = 3_600_000_000


def events() -> list[Json]:
    """Tickets of the last days: new, answered, held, resolved, reopened, removed."""
    start = datetime.now(UTC).replace(minute=20, second=0, microsecond=0) - timedelta(days=3)

    def at(hours: float) -> str:
        return (start + timedelta(hours=hours)).isoformat()

    found: list[Json] = []
    for number in range(24):
        name, hour = f"T{number}", 1.5 * number
        found.append(
            ticket("created", at(hour), of=name, channel=("email", "chat")[number % 2], team="front")
        )
        for kind, more in (
            ("replied", {"author": "agent"}),
            ("held", {}),
            ("resolved", {}),
            ("reopened", {}),
        )[: number % 5]:
            hour += 0.7
            found.append(ticket(kind, at(hour), of=name, **more))
    return [*found, ticket("assigned", at(40), of="T3", team="back"), ticket("removed", at(41), of="T0")]


def batch(told: list[Json], at: int, beside: Iterable[str] = ()) -> Figures:
    found = Batch(CATALOGUE)
    found.take(map(msgspec.json.encode, told))
    return levels(found.figures(at, beside), at)


def levels(figures: Figures, at: int) -> Figures:
    """Up to a time: the clock goes on."""
    end = datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {k: f for k, f in figures.items() if f["metric"] in LEVELS and f["window"]["end"] <= end}


async def told(deployment: Deployment, story: list[Json], at: int) -> None:
    """Wait until the levels are those of the batch."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while different := unequal(batch(story, at, deployment.figures), levels(deployment.figures, at)):
        assert loop.time() < end, different[:5]
        await asyncio.sleep(0.5)
        await deployment.observer.read()


@pytest.mark.slow
async def test_it_is_told_by_the_clock_and_corrected_by_the_next_worker(broker: str) -> None:
    story, now = events(), datetime.now(UTC)
    hour = int(now.timestamp()) // 3600 * HOUR
    late = [
        ticket("replied", (now - timedelta(hours=20)).isoformat(), of="T5", author="agent"),
        ticket("removed", (now - timedelta(hours=1)).isoformat(), of="T1"),
    ]
    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        await deployment.feed(story)
        assert len(expected := batch(story, hour)) > 300
        await told(deployment, story, hour)
        worker.kill()
        await worker.ready()
        await deployment.feed(late)
        assert unequal(expected, batch([*story, *late], hour))
        await told(deployment, [*story, *late], hour)
        assert deployment.observer.log.breaches == []
