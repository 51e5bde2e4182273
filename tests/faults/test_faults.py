"""Faults on real Kafka: whatever happens to workers, the figures are those of the batch."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streams.crash import FATAL
from streams.kafka.broker import EmbeddedBroker
from tests.faults.harness import SESSION, Deployment, Worker
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
        async with deployment.feeding(events, seconds=20):
            await deployment.progress(1)
            worker.kill()
            await deployment.start()
        await deployment.settled()
        deployment.check(events)


@pytest.mark.slow
async def test_workers_are_killed_again_and_again(broker: str) -> None:
    """At any moment: while they join, recover, read or write a checkpoint."""
    events, chance = recent(2, 400), random.Random(7)
    async with Deployment(broker) as deployment:
        async with deployment.feeding(events, seconds=120):
            worker = await deployment.start()
            for kill in range(5):
                if kill == 3:
                    await asyncio.sleep(chance.uniform(0.5, 3))  # not ready yet
                else:
                    await worker.ready()
                    await deployment.progress(chance.uniform(0.3, 2))
                worker.kill()
                worker = await deployment.start(ready=False)
        await deployment.settled()
        deployment.check(events)


@pytest.mark.slow
async def test_a_second_worker_joins_and_leaves(broker: str) -> None:
    events = recent(3, 300)
    async with Deployment(broker) as deployment:
        first = await deployment.start()
        async with deployment.feeding(events, seconds=120):
            await deployment.progress(2)
            second = await deployment.start()
            assert 0 < len(owned(second)) < 4
            await deployment.progress(2)
            await second.stop()
            await deployment.progress(2)
            third = await deployment.start()
            await first.stop()
        await deployment.settled()
        assert len(owned(third)) == 4
        deployment.check(events)
        assert deployment.observer.letters == []


@pytest.mark.slow
async def test_a_worker_that_comes_back_after_its_time_writes_nothing_that_counts(broker: str) -> None:
    """It was stopped for longer than its session: another has its partitions by then."""
    events = recent(4, 300)
    async with Deployment(broker) as deployment:
        zombie, other = await deployment.start(), await deployment.start()
        async with deployment.feeding(events, seconds=120):
            await deployment.progress(2)
            zombie.pause()
            await asyncio.sleep(1.7 * SESSION)
            await deployment.observer.read()
            before = deployment.observer.log.records
            zombie.resume()
            await deployment.progress(2)
        await deployment.settled()
        deployment.check(events)
        assert deployment.observer.log.records > before
        assert len(owned(other)) == 4
        assert zombie.exit_code in (None, FATAL), zombie.words()


@pytest.mark.slow
async def test_state_comes_back_when_all_workers_have_gone(broker: str) -> None:
    """The second half corrects the first: that needs all of its state."""
    events = recent(5)
    async with Deployment(broker) as deployment:
        first = await deployment.start()
        await deployment.feed(events[: len(events) // 2])
        await deployment.settled()
        told = deployment.observer.log.records
        await first.stop()
        second = await deployment.start()
        await deployment.settled()
        assert deployment.observer.log.records == told, "a restart alone tells nothing anew"
        await deployment.feed(events[len(events) // 2 :])
        await deployment.settled()
        deployment.check(events)
        assert second.exit_code is None


@pytest.mark.slow
async def test_a_rebuild_from_the_log_tells_the_same(broker: str) -> None:
    """Under another name all is read from the beginning, beside the facts that the former one forwarded."""
    events = recent(6)
    async with Deployment(broker) as deployment:
        former = await deployment.start()
        await deployment.feed(events)
        await deployment.settled()
        deployment.check(events)
        await former.stop()
        await deployment.rebuild()
        await deployment.start()
        await deployment.settled()
        deployment.check_figures(events)


@pytest.mark.slow
async def test_the_broker_is_killed(tmp_path: Path) -> None:
    """Kafka comes back with what it has written; workers that gave up are started again."""
    events = recent(8, 250)
    async with (
        EmbeddedBroker(data_dir=tmp_path / "kafka") as broker,
        Deployment(broker.bootstrap) as deployment,
    ):
        (node,) = broker.pids
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=120):
            for _ in range(2):
                await deployment.progress(3)
                await broker.kill(node)
                await asyncio.sleep(1)
                await broker.start(node)
                await asyncio.sleep(1)
                if worker.exit_code is not None:
                    assert worker.exit_code == FATAL, worker.words()
                    worker = await deployment.start()
        if worker.exit_code is not None:
            worker = await deployment.start()
        await deployment.settled()
        deployment.check(events)


def owned(worker: Worker) -> list[int]:
    """The partitions that a worker said it has, the last time."""
    said = [line for line in worker.said if " ready " in line][-1]
    listed = said.split("partitions=[")[1].split("]")[0]
    return [int(number) for number in listed.split(",") if number.strip()]
