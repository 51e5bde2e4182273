"""An input that is deleted and made anew under a group that has state of it: nothing may be taken of it."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.kafka.topics import apply
from streams.topics import specs
from tests.faults.feed import recent
from tests.faults.harness import SOON, Deployment
from tests.faults.workers import Worker

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


async def test_a_worker_refuses_a_topic_that_was_made_anew(broker: str) -> None:
    """With the topic Kafka deletes the offsets too: a worker would take up the new one from its beginning."""
    events = recent(12, 60)
    async with Deployment(broker) as deployment:
        worker = await deployment.started_with(events)
        told = deployment.observer.log.records
        await worker.stop()
        topic = f"{deployment.prefix}tickets"
        await make_anew(deployment, topic)
        await deployment.feed(events)
        await refuses(await deployment.start(ready=False), topic)
        await deployment.observer.read()
        assert deployment.observer.log.records == told


async def test_a_worker_that_runs_takes_nothing_of_a_topic_that_was_made_anew(broker: str) -> None:
    """There is less than it has read: it would begin again."""
    events = recent(18, 60)
    async with Deployment(broker, **SOON) as deployment:
        worker = await deployment.started_with(events)
        worker.pause()
        await make_anew(deployment, f"{deployment.prefix}tickets")
        worker.resume()
        await refuses(worker, f"{deployment.prefix}tickets")
        assert "is kept from 0 to 0 now: records are missing" in worker.reasons[0]


async def refuses(worker: Worker, topic: str) -> None:
    why = await worker.refused()
    assert topic in why
    assert "was deleted and made anew" in why
    assert "to rebuild the state from the log" in why


async def make_anew(deployment: Deployment, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=deployment.settings.bootstrap)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()
    await apply(deployment.settings.bootstrap, specs(deployment.catalogue, deployment.settings))
