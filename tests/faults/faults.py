"""The faults: each does its harm to a deployment, in a time of its own, and leaves it able to go on.

It says whether it struck: a process that ends by itself in that very moment can't be killed.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiokafka import TopicPartition

from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.steps import FENCED, OPENED, STEPS
from streams.state.plan import changelog
from tests.faults.failpoints import FREEZE, KILL, STALL, Failpoint
from tests.faults.harness import SESSION, Deployment
from tests.faults.nodes import GROUP, TRANSACTION, coordinator, leader
from tests.faults.workers import Worker
from tests.promise import Json

SKEWS = (-3600.0, -120.0, 120.0, 3600.0)
"Seconds by which a wrong clock is wrong."

ON_ITS_WAY = 1.0
"""Seconds after which what a worker has requested is answered: a fetch waits for a twentieth of that (setting
fetch.max_wait)."""

TIMEOUT = 8.0
"Seconds after which a worker gives a checkpoint up."


@dataclass
class Stage:
    """What a fault may touch."""

    deployment: Deployment
    broker: EmbeddedBroker
    chance: random.Random
    events: list[Json]
    "All that are fed, in their order."

    @property
    def worker(self) -> Worker:
        """Any that runs, if possible one whose process is not about to be started again."""
        running = [worker for worker in self.deployment.workers if worker.running]
        return self.chance.choice([worker for worker in running if worker.pids] or running)

    @property
    def node(self) -> int:
        return self.chance.choice(list(self.broker.pids))


Fault = Callable[[Stage], Awaitable[bool]]
FAULTS: dict[str, Fault] = {}
OF_CLUSTERS: dict[str, Fault] = {}
"Those that hit one node of several on purpose."
LONG: dict[str, Fault] = {}
"Those that take minutes: only where they are asked for by name."


def fault(function: Fault) -> Fault:
    FAULTS[function.__name__] = function
    return function


def fault_of_clusters(function: Fault) -> Fault:
    OF_CLUSTERS[function.__name__] = function
    return function


def fault_that_takes_long(function: Fault) -> Fault:
    LONG[function.__name__] = function
    return function


@fault
async def kill(stage: Stage) -> bool:
    return stage.worker.kill()


@fault
async def kill_all(stage: Stage) -> bool:
    hit = [worker.kill() for worker in stage.deployment.workers]
    return any(hit)


@fault
async def kill_at_a_step(stage: Stage) -> bool:
    _, struck = await _fail(stage, KILL)
    return struck


@fault
async def stall_at_a_step(stage: Stage) -> bool:
    """A call to the broker that never returns: the worker must give up by itself."""
    _, struck = await _fail(stage, STALL)
    return struck


@fault
async def freeze_at_a_step(stage: Stage) -> bool:
    """A zombie in the middle of a checkpoint: others own its partitions when it goes on."""
    worker, struck = await _fail(stage, FREEZE)
    await asyncio.sleep(1.5 * SESSION if struck else 0)
    return worker.resume() and struck


@fault
async def pause(stage: Stage) -> bool:
    """For longer than its session, at any point."""
    worker = stage.worker
    struck = worker.pause()
    await asyncio.sleep(stage.chance.uniform(1.2, 2) * SESSION)
    return worker.resume() and struck


@fault
async def stop(stage: Stage) -> bool:
    """In good order, and another comes."""
    struck = await stage.worker.stop()
    await stage.deployment.start(rigged=True, ready=False)
    return struck


@fault
async def join(stage: Stage) -> bool:
    await stage.deployment.start(rigged=True)
    return True


@fault
async def join_with_a_wrong_clock(stage: Stage) -> bool:
    await stage.deployment.start(rigged=True, clock=stage.chance.choice(SKEWS))
    return True


@fault
async def leave(stage: Stage) -> bool:
    """One of several goes for good."""
    await stage.deployment.start(rigged=True, ready=False)
    await asyncio.sleep(stage.chance.uniform(0, 3))
    return await stage.worker.vanish()


@fault
async def rolling_restart(stage: Stage) -> bool:
    """One after the other comes back with a setting that changes no definition."""
    events, linger = stage.chance.choice((50, 500, 5000)), stage.chance.choice((0.0, 0.05, 0.3))
    stage.deployment.set("checkpoint", events=events, linger=linger)
    struck = []
    for worker in [worker for worker in stage.deployment.workers if worker.running]:
        struck.append(await worker.stop())
        await stage.deployment.start(rigged=True)
    return any(struck)


@fault
async def other_definitions(stage: Stage) -> bool:
    """A worker with another time zone must refuse; the others go on."""
    stranger = await stage.deployment.start(ready=False, time_zone="Asia/Tokyo")
    assert "was written by definitions" in await stranger.refused()
    return True


@fault
async def kill_the_broker(stage: Stage) -> bool:
    return await _kill_node(stage, stage.node)


@fault_of_clusters
async def kill_the_coordinator(stage: Stage) -> bool:
    """Of the group."""
    return await _kill_node(stage, await coordinator(GROUP, stage.deployment))


@fault_of_clusters
async def kill_a_coordinator_of_transactions(stage: Stage) -> bool:
    return await _kill_node(stage, await coordinator(TRANSACTION, stage.deployment))


@fault_of_clusters
async def kill_a_leader_of_state(stage: Stage) -> bool:
    """Of a partition of a changelog."""
    domain = stage.chance.choice(stage.deployment.catalogue.domains).name
    table = changelog(stage.deployment.settings.application, domain)
    return await _kill_node(
        stage, await leader(stage.deployment.settings.bootstrap, table, stage.chance.randrange(4))
    )


@fault
async def pause_the_broker(stage: Stage) -> bool:
    node = stage.node
    stage.broker.pause(node)
    await asyncio.sleep(stage.chance.uniform(1, 1.5 * TIMEOUT))
    stage.broker.resume(node)
    return True


@fault
async def broker_away(stage: Stage) -> bool:
    """For longer than any checkpoint and session may take: processes end, and none is started meanwhile."""
    return await _away(stage, stage.chance.uniform(40, 60))


@fault_that_takes_long
async def broker_away_for_minutes(stage: Stage) -> bool:
    """For longer than five starts take."""
    return await _away(stage, 180)


@fault
async def resend(stage: Stage) -> bool:
    """A producer sends again all that it has sent so far."""
    sent = stage.deployment.fed
    await stage.deployment.feed(stage.events[:sent])
    return sent > 0


@fault
async def import_again(stage: Stage) -> bool:
    """An export of all that has been fed is imported once more, in order of event time, as imports are."""
    fed = stage.events[: stage.deployment.fed]
    await stage.deployment.feed(sorted(fed, key=lambda event: moments.parse(event["time"])))
    return bool(fed)


@fault
async def poison(stage: Stage) -> bool:
    await stage.deployment.poison()
    return True


@fault
async def trim_what_was_read(stage: Stage) -> bool:
    """From inputs and contributions, as far as they are committed: nobody needs it any more."""
    committed = await stage.deployment.committed()
    read = {tp: offset for tp, offset in committed.items() if offset > 0}
    await stage.deployment.trim(read)
    return bool(read)


async def trim_an_input(stage: Stage) -> None:
    """All that is fed while a worker stands still is deleted before it could be read.

    Not among the random ones: nobody may go on, so there would be nothing to compare.
    """
    worker, deployment = stage.worker, stage.deployment
    worker.pause()
    await asyncio.sleep(ON_ITS_WAY)
    await deployment.feed(stage.events)
    await deployment.trim(dict.fromkeys(deployment.inputs, -1))
    worker.resume()


@fault
async def refuse_dead_letters(stage: Stage) -> bool:
    """A worker must stop at a record that it can neither use nor refuse, rather than lose it."""
    deployment = stage.deployment
    before = len(deployment.poisoned)
    async with deployment.refusing(deployment.prefix + "dead-letters"):
        await deployment.poison()
        assert await deployment.gives_up("dead-letters")
        committed = await deployment.committed()
        for topic, number, offset in deployment.poisoned[before:]:
            assert committed.get(TopicPartition(topic, number), 0) <= offset
    return True


@fault
async def refuse_a_changelog(stage: Stage) -> bool:
    """A worker with rows to write ends; another, while it lasts, too."""
    deployment = stage.deployment
    table = changelog(deployment.settings.application, stage.chance.choice(deployment.catalogue.domains).name)
    async with deployment.refusing(table):
        return await deployment.gives_up(table, patience=5)


async def _away(stage: Stage, seconds: float) -> bool:
    """All nodes are killed, and are back after so long. Whoever waits says so, and goes on."""
    assert seconds > TIMEOUT + SESSION
    nodes = list(stage.broker.pids)
    workers = [worker for worker in stage.deployment.workers if worker.running]
    said = [len(worker.news) for worker in workers]
    await asyncio.gather(*map(stage.broker.kill, nodes))
    await asyncio.sleep(seconds)
    await asyncio.gather(*map(stage.broker.start, nodes))
    assert all(worker.running for worker in workers), "a worker gave up"
    return any(len(worker.news) > before for worker, before in zip(workers, said, strict=True))


async def _kill_node(stage: Stage, node: int) -> None:
    await stage.broker.kill(node)
    await asyncio.sleep(stage.chance.uniform(0, 2))
    await stage.broker.start(node)
    return True


async def _fail(stage: Stage, action: str) -> tuple[Worker, bool]:
    """At any step; a worker that has nothing to write may not come to it."""
    worker, step = stage.worker, stage.chance.choice(STEPS)
    if step in (FENCED, OPENED):  # it takes partitions over only when it starts
        worker.kill()
    skip = 0 if step == OPENED else stage.chance.randrange(4)  # which comes once for all partitions
    return worker, await worker.fail(Failpoint(step, action, skip))
