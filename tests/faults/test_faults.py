"""Faults on real Kafka: whatever happens to workers, the figures are those of the batch."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.harness import SESSION, Deployment
from tests.oracle.stories import events as stories
from tests.promise import Json

pytestmark = pytest.mark.kafka


def recent(seed: int, size: int = 150) -> list[Json]:
    """Messy events of the last days, all of them in the past."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return stories(seed, size, size, today - timedelta(days=13))


async def test_a_worker_is_killed(broker: str) -> None:
    events = recent(1)
    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=3):
            await asyncio.sleep(2)
            worker.kill()
            await worker.ended()
            await deployment.start()
        await deployment.settled()
        deployment.check(events)
