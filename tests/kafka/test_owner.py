"""The owner of a partition number, without a broker."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streams.kafka.owner import Owner
from streams.settings import load
from streams.state.partition import Partition


class Producer:
    """Takes its time to commit."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.committing = asyncio.Event()

    async def begin_transaction(self) -> None:
        self.did.append("begin")

    async def send_offsets_to_transaction(self, offsets: Any, group: str) -> None:
        self.did.append("offsets")

    async def commit_transaction(self) -> None:
        self.committing.set()
        await asyncio.sleep(0.05)
        self.did.append("commit")

    async def stop(self) -> None:
        self.did.append("stop")


def owner_of(producer: "Producer", **settings: Any) -> Owner:
    partition = SimpleNamespace(
        number=0, unwritten=1, hurried=False, write=lambda out, now: {}, committed=lambda: None
    )
    owner = Owner(cast(Partition, partition), load(None, settings), now=lambda: 0, behind=lambda: False)
    owner.producer = cast(Any, producer)
    return owner


async def test_nothing_more_is_taken_while_a_checkpoint_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is busy taking would not come to write it in its time."""
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)
    producer = Producer()
    owner = owner_of(producer)
    writing = asyncio.create_task(owner.checkpoint())
    await producer.committing.wait()
    await owner.in_time()
    monkeypatch.setattr("streams.kafka.owner.LATE", 0)
    waiting = asyncio.create_task(owner.in_time())
    await asyncio.sleep(0)
    assert not waiting.done()
    await writing
    await waiting


def test_it_does_not_leave_in_the_midst_of_a_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebalance that comes meanwhile is no reason to end the process."""
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)

    async def run() -> list[str]:
        producer = Producer()
        owner = owner_of(producer)
        owner.run()
        owner.taken()
        await producer.committing.wait()
        await owner.close()
        return producer.did

    assert asyncio.run(run()) == ["begin", "offsets", "commit", "stop"]


@pytest.mark.parametrize(
    ("hurried", "behind", "parts"), [(False, False, 4), (True, False, 1), (True, True, 20)]
)
async def test_passed_instants_cut_an_interval_short(hurried: bool, behind: bool, parts: int) -> None:
    """Nobody who is to be told of a deadline waits for a whole one, unless much is left to read."""
    owner = owner_of(Producer())
    cast(Any, owner.partition).hurried, owner.behind = hurried, lambda: behind
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    owner._many_within = wait  # type: ignore[method-assign]
    await owner._pause(owner.settings.checkpoint.interval / 4)
    assert len(waited) == parts
