"""Faults on real Kafka: whatever happens to workers, the figures are those of the batch."""

import asyncio
import random
import signal
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from streams.crash import FATAL, REFUSES, UNAVAILABLE
from streams.kafka.admin import Admin
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.steps import FENCED, OPENED, STEPS
from streams.kafka.topics import apply
from streams.state.plan import changelog
from streams.topics import specs
from tests.faults.failpoints import KILL, STALL, Failpoint
from tests.faults.faults import OF_CLUSTERS, Stage, trim_an_input, trim_what_was_read
from tests.faults.feed import recent
from tests.faults.harness import PARTITIONS, SOON, Deployment
from tests.faults.workers import PATIENCE, owned

pytestmark = pytest.mark.kafka


async def test_a_worker_is_killed(broker: str) -> None:
    events = recent(1)
    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=10):
            await deployment.progress(1)
            worker.kill()
            await worker.ready()
        await deployment.settled()
        deployment.check(events)
        await worker.caught_up()


@pytest.mark.slow
async def test_workers_are_killed_again_and_again(broker: str) -> None:
    """At any moment: while they join, recover, read or write a checkpoint."""
    events, chance = recent(2, 400), random.Random(7)
    async with Deployment(broker) as deployment:
        async with deployment.feeding(events, seconds=60):
            worker = await deployment.start()
            for kill in range(5):
                if kill == 3:
                    await asyncio.sleep(chance.uniform(0.5, 3))  # not ready yet
                else:
                    await worker.ready()
                    await deployment.progress(chance.uniform(0.3, 2))
                worker.kill()
        await deployment.settled()
        deployment.check(events)


@pytest.mark.slow
async def test_a_worker_is_killed_at_each_step(broker: str, tmp_path: Path) -> None:
    """Of taking its partitions over and of a checkpoint."""
    events = recent(11)
    async with Deployment(broker, directory=tmp_path) as deployment:
        worker = await deployment.start(rigged=True)
        async with deployment.feeding(events, seconds=60):
            for step in STEPS:
                if step in (FENCED, OPENED):
                    worker.kill()
                await worker.fail(Failpoint(step, KILL), patience=PATIENCE)
                await worker.ready()
                await deployment.progress(0.5)
        await deployment.settled()
        deployment.check(events)
        assert worker.exits == [-signal.SIGKILL] * (len(STEPS) + 2)


@pytest.mark.slow
@pytest.mark.parametrize("step", [FENCED, OPENED])
async def test_a_worker_that_cannot_take_over_ends(broker: str, tmp_path: Path, step: str) -> None:
    """It is a member of the group by then: nobody else would be given what it has."""
    patience = {"checkpoint.timeout": 2.0, "checkpoint.transaction_timeout": 20.0}
    async with Deployment(broker, directory=tmp_path, **patience) as deployment:
        worker = await deployment.start(rigged=True, ready=False)
        assert await worker.fail(Failpoint(step, STALL), patience=PATIENCE)
        await worker.ready()
        assert worker.exits == [FATAL]
        assert "Kafka did not answer in time" in worker.reasons[0]


@pytest.mark.slow
async def test_a_second_worker_joins_and_leaves(broker: str) -> None:
    events = recent(3, 300)
    async with Deployment(broker) as deployment:
        first = await deployment.start()
        async with deployment.feeding(events, seconds=60):
            await deployment.progress(2)
            second = await deployment.start()
            assert 0 < len(owned(second)) < PARTITIONS
            await deployment.progress(2)
            await second.stop()
            await deployment.progress(2)
            third = await deployment.start()
            await first.stop()
            await third.owns(PARTITIONS)
        await deployment.settled()
        deployment.check(events)
        assert deployment.observer.letters == []


@pytest.mark.slow
async def test_a_worker_that_comes_back_after_its_time_writes_nothing_that_counts(broker: str) -> None:
    """It was stopped for longer than its session: another has its partitions by then."""
    events = recent(4, 300)
    async with Deployment(broker) as deployment:
        zombie, other = await deployment.start(), await deployment.start()
        async with deployment.feeding(events, seconds=60):
            await deployment.progress(2)
            zombie.pause()
            await other.owns(PARTITIONS)
            await deployment.progress(1)
            zombie.resume()
            await deployment.progress(2)
        await deployment.settled()
        deployment.check(events)
        assert set(zombie.exits) <= {FATAL, UNAVAILABLE}, zombie.words()


@pytest.mark.slow
async def test_another_takes_over_what_was_in_rocksdb(broker: str, tmp_path: Path) -> None:
    """What a worker leaves on disk that is killed counts for nothing; one that stops leaves nothing."""
    events = recent(13, 150)
    state = {"state.store": "rocksdb", "state.path": str(tmp_path / "state")}
    async with Deployment(broker, **state) as deployment:
        first, other = await deployment.start(), await deployment.start()
        async with deployment.feeding(events, seconds=60):
            await deployment.progress(1)
            await first.vanish()
            await other.owns(PARTITIONS)
        await deployment.settled()
        deployment.check(events)
        assert await other.stop()
        assert len(list((tmp_path / "state").iterdir())) == 1


@pytest.mark.slow
async def test_state_comes_back_when_all_workers_have_gone(broker: str) -> None:
    """The second half corrects the first: that needs all of its state."""
    events = recent(5)
    async with Deployment(broker) as deployment:
        first = await deployment.started_with(events[: len(events) // 2])
        told = deployment.observer.log.records
        await first.stop()
        second = await deployment.start()
        await deployment.settled()
        assert deployment.observer.log.records == told, "a restart alone tells nothing anew"
        await deployment.feed(events[len(events) // 2 :])
        await deployment.settled()
        deployment.check(events)
        assert second.exits == []


@pytest.mark.slow
async def test_a_rebuild_from_the_log_tells_the_same(broker: str) -> None:
    """Under another name all is read from the beginning, beside the facts that the former one forwarded."""
    events = recent(6)
    async with Deployment(broker) as deployment:
        former = await deployment.started_with(events)
        deployment.check(events)
        await former.stop()
        await deployment.rebuild()
        await deployment.start()
        await deployment.settled()
        deployment.check_figures(events)


@pytest.mark.slow
async def test_a_worker_stops_before_it_fills_the_dead_letters(broker: str) -> None:
    """And says why; nothing of what made it stop is committed. Who is started after it stops as well; with
    another setting it goes on from there."""
    events = recent(9)
    async with Deployment(broker, **{"dead_letters.run": 20}) as deployment:
        worker = await deployment.started_with(events[: len(events) // 2])
        before = await deployment.committed()
        await deployment.put("tickets", [(None, b"{")] * 21, partition=2)
        why = await worker.refused()
        assert "tickets/2: 21 records in a row could not be used" in why
        assert "not_json" in why
        place = TopicPartition(f"{deployment.prefix}tickets", 2)
        assert (await deployment.committed())[place] < before[place] + 21
        again = await deployment.start(ready=False)
        assert "tickets/2: 21 records in a row could not be used" in await again.refused()
        await deployment.observer.read()
        assert len(deployment.observer.letters) <= 20
        deployment.set("dead_letters", run=0)
        await deployment.start()
        await deployment.feed(events[len(events) // 2 :])
        await deployment.settled()
        assert len(deployment.observer.letters) == 21
        deployment.check(events)


@pytest.mark.slow
async def test_what_is_deleted_before_a_worker_comes_to_read_it_is_noticed(broker: str) -> None:
    """It would go on with what is left, and nobody would know that figures lack something."""
    events = recent(14, 60)
    half = len(events) // 2
    async with Deployment(broker, **SOON) as deployment:
        worker = await deployment.started_with(events[:half])
        await trim_an_input(Stage(deployment, EmbeddedBroker(), random.Random(14), events[half:]))
        why = await worker.refused()
        assert worker.exits == [FATAL, REFUSES]
        for reason in (worker.reasons[0], why):
            assert "records are missing" in reason
            assert "to rebuild the state from the log" in reason


@pytest.mark.slow
async def test_what_is_deleted_while_no_worker_is_there_is_noticed(broker: str) -> None:
    events = recent(15, 60)
    half = len(events) // 2
    async with Deployment(broker, **SOON) as deployment:
        worker = await deployment.started_with(events[:half])
        await worker.stop()
        before = deployment.observer.log.records
        await deployment.feed(events[half:])
        await deployment.trim(dict.fromkeys(deployment.inputs, -1))
        other = await deployment.start(ready=False)
        why = await other.refused()
        assert other.exits == [REFUSES]
        assert "records are missing" in why
        await deployment.observer.read()
        assert deployment.observer.log.records == before


@pytest.mark.slow
async def test_what_was_read_may_be_deleted(broker: str) -> None:
    """Of what is there afterwards a worker with another name reads all, and says what it lacks."""
    events = recent(16)
    half = len(events) // 2
    async with Deployment(broker) as deployment:
        stage = Stage(deployment, EmbeddedBroker(), random.Random(16), events)
        worker = await deployment.started_with(events[:half])
        assert await trim_what_was_read(stage)
        await deployment.feed(events[half:])
        await deployment.settled()
        await worker.stop()
        assert await trim_what_was_read(stage)
        again = await deployment.started_with(events[:half])
        deployment.check(events)
        assert (worker.reasons, again.reasons) == ([], [])
        await again.stop()
        await deployment.rebuild()
        fresh = await deployment.start()
        await deployment.settled()
        assert any("inputs lack their beginning" in line for line in fresh.said)
        assert fresh.exits == []


@pytest.mark.slow
async def test_state_that_was_cut_off_is_noticed(broker: str) -> None:
    """As it is where a changelog deletes what is old: setting it right doesn't bring it back."""
    events = recent(17, 60)
    async with Deployment(broker, **SOON) as deployment:
        worker = await deployment.started_with(events)
        await worker.stop()
        table = changelog(deployment.settings.application, "tickets")
        bootstrap = deployment.settings.bootstrap
        async with Admin(bootstrap) as admin:
            await admin.set_configs({table: {"cleanup.policy": "delete"}})
        await deployment.trim({TopicPartition(table, number): -1 for number in range(PARTITIONS)})
        assert (
            "cleanup.policy delete, expected compact" in await (await deployment.start(ready=False)).refused()
        )
        await apply(bootstrap, specs(deployment.catalogue, deployment.settings))
        why = await (await deployment.start(ready=False)).refused()
        assert table in why
        assert "rows of the state are missing" in why


@pytest.mark.slow
async def test_nodes_of_a_cluster_are_killed(tmp_path: Path) -> None:
    """The coordinator of the group, one of transactions, and the leader of a part of the state."""
    events = recent(10)
    async with (
        EmbeddedBroker(nodes=3) as broker,
        Deployment(broker.bootstrap, directory=tmp_path, **{"topics.replication": 3}) as deployment,
    ):
        await deployment.start()
        await deployment.start()
        stage = Stage(deployment, broker, random.Random(10), events)
        async with deployment.feeding(events, seconds=60):
            for fault in OF_CLUSTERS.values():
                await deployment.progress(1)
                await fault(stage)
        await deployment.settled()
        deployment.check(events)


@pytest.mark.slow
async def test_the_broker_is_killed(tmp_path: Path) -> None:
    """Kafka comes back with what it has written; a worker that gave up is started again."""
    events = recent(8, 250)
    async with (
        EmbeddedBroker(data_dir=tmp_path / "kafka") as broker,
        Deployment(broker.bootstrap) as deployment,
    ):
        (node,) = broker.pids
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=60):
            for _ in range(2):
                await deployment.progress(3)
                await broker.kill(node)
                await asyncio.sleep(1)
                await broker.start(node)
        await deployment.settled()
        deployment.check(events)
        assert worker.running
