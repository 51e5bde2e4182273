"""The owner of a partition number, without a broker."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streams.kafka.owner import Owner
from streams.settings import load
from streams.state.checkpoint import Half
from streams.state.partition import Partition

PATIENCE = 30.0


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
        number=0,
        unwritten=1,
        unwritten_of=dict.fromkeys(Half, 1),
        unwritten_bytes=0,
        hurried=False,
        write=lambda out, now, only: {},
        committed=lambda: None,
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


async def test_each_half_is_written_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contributions don't wait for the beat on which what inputs changed is written."""
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)
    producer = Producer()
    owner = owner_of(producer, **{"checkpoint.linger": 0.4})
    written: list[Half | None] = []
    partition, left = cast(Any, owner.partition), dict.fromkeys(Half, 1)
    begun, all_written = time.monotonic_ns(), asyncio.Event()
    owner.now = lambda: (time.monotonic_ns() - begun) // 1000

    def write(out: Any, now: int, only: Half | None) -> dict[str, tuple[int, str]]:
        written.append(only)
        left.update(dict.fromkeys(Half if only is None else (only,), 0))
        partition.unwritten = sum(left.values())
        if not partition.unwritten:
            all_written.set()
        return {}

    partition.write, partition.unwritten_of = write, left
    owner.run()
    owner.taken()
    async with asyncio.timeout(PATIENCE):
        await all_written.wait()
    await owner.close()
    assert written == [Half.CONTRIBUTIONS, Half.INPUTS]


async def test_so_many_records_make_a_checkpoint_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)
    producer = Producer()
    owner = owner_of(producer, **{"checkpoint.interval": 3600, "checkpoint.linger": 3599})
    cast(Any, owner.partition).unwritten = owner.settings.checkpoint.events
    owner.run()
    owner.taken()
    async with asyncio.timeout(PATIENCE):
        await producer.committing.wait()
    await owner.close()
    assert owner.progress.checkpoints == 1


async def test_so_many_bytes_make_a_checkpoint_however_few_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """And until then nothing more is taken."""
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)
    producer = Producer()
    owner = owner_of(
        producer,
        **{"checkpoint.interval": 3600, "checkpoint.linger": 3599, "checkpoint.bytes": "1MiB"},
    )
    owner.behind = lambda: True
    partition = cast(Any, owner.partition)

    def write(out: Any, now: int, only: Half | None) -> dict[str, tuple[int, str]]:
        assert only is None
        partition.unwritten, partition.unwritten_bytes = 0, 0
        return {}

    partition.write, partition.unwritten_bytes = write, 2**20 - 1
    owner.run()
    owner.taken()
    await owner.room()
    partition.unwritten_bytes = 2**20
    waiting = asyncio.create_task(owner.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    owner.taken()
    async with asyncio.timeout(PATIENCE):
        await waiting
    await owner.close()
    assert producer.did == ["begin", "offsets", "commit", "stop"]


async def test_it_goes_on_where_another_wrote_all_while_it_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own commit, for one, writes a checkpoint whenever it is time for it."""
    monkeypatch.setattr("streams.kafka.owner.crash", pytest.fail)
    producer = Producer()
    owner = owner_of(producer, **{"checkpoint.linger": 0.2})
    partition = cast(Any, owner.partition)

    def took(number: int) -> None:
        partition.unwritten, partition.unwritten_of = number, dict.fromkeys(Half, number)

    def write(out: Any, now: int, only: Half | None) -> dict[str, tuple[int, str]]:
        took(0)
        return {}

    partition.write = write
    owner.run()
    owner.taken()
    await asyncio.sleep(0)
    await owner.checkpoint()
    owner.taken()
    await asyncio.sleep(0.3)
    producer.committing.clear()
    took(1)
    owner.taken()
    async with asyncio.timeout(PATIENCE):
        await producer.committing.wait()
    await owner.close()
    assert owner.progress.checkpoints == 2


async def test_a_failure_between_checkpoints_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    said: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr("streams.kafka.owner.crash", said.put_nowait)
    owner = owner_of(Producer())
    owner.behind = lambda: cast(bool, 1 / 0)
    owner.run()
    owner.taken()
    async with asyncio.timeout(PATIENCE):
        assert "ZeroDivisionError" in await said.get()
    await owner.close()
