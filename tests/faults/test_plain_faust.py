"""
The negative control: an ordinary Faust application under faults that ours survives.

It must miscount, or else the faults are too mild to prove anything. Nothing is left to chance: its process is
frozen, and killed only when what it has written of its table differs from what it has committed.
"""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.kafka.topics import TopicSpec, apply
from tests.faults.harness import PARTITIONS, SESSION
from tests.faults.meanwhile import meanwhile
from tests.faults.observer import committed_offsets
from tests.faults.workers import PATIENCE

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
CHANNELS = ("email", "chat", "phone", "web")


class Seen(NamedTuple):
    """Of all partitions, in events: both are the same where nothing is in flight."""

    counted: int
    committed: int


class Plain:
    """The application, what it is told and what it has counted."""

    def __init__(self, broker: str, log: Path) -> None:
        self.name = f"plain-{secrets.token_hex(4)}"
        self.told = 0
        self._broker, self._log = broker, log
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PLAIN_BROKER": broker,
            "PLAIN_APPLICATION": self.name,
            "PLAIN_TOPIC": self.topic,
            "PLAIN_PARTITIONS": str(PARTITIONS),
            "PLAIN_SESSION": str(SESSION),
        }

    @property
    def topic(self) -> str:
        return f"{self.name}-tickets"

    @asynccontextmanager
    async def running(self, stall: str = "") -> AsyncIterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "tests.faults.plain_app", "worker", "-l", "warn", "--without-web"]
        environment = {**self._environment, "PLAIN_STALL": stall}
        with self._log.open("ab") as log:
            process = subprocess.Popen(  # noqa: ASYNC220
                command, env=environment, cwd=self._log.parent, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def fed(self, rate: float) -> AbstractAsyncContextManager[None]:
        """Events come meanwhile, so many in a second."""
        return meanwhile(self._feed(rate))

    async def _feed(self, rate: float) -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=self._broker, acks="all", enable_idempotence=True
        ) as producer:
            while True:
                channel = CHANNELS[self.told % len(CHANNELS)]
                event = {"type": "ticket.created", "data": {"channel": channel}}
                ack = await producer.send(self.topic, json.dumps(event).encode(), channel.encode())
                self.told += 1
                await asyncio.shield(ack)
                await asyncio.sleep(1 / rate)

    async def seen(self) -> Seen:
        """What is in its table's changelog, and where its group stands."""
        table: dict[str, int] = {}
        for key, value in await self._records(f"{self.name}-created-changelog"):
            table[json.loads(key)] = json.loads(value)
        committed = await committed_offsets(self._broker, self.name)
        return Seen(sum(table.values()), sum(at for tp, at in committed.items() if tp.topic == self.topic))

    async def until(self, holds: Callable[[Seen], bool]) -> Seen:
        end = asyncio.get_running_loop().time() + PATIENCE
        while not holds(seen := await self.seen()):
            late = asyncio.get_running_loop().time() > end
            assert not late, f"still {seen} of {self.told}:\n{self._log.read_text()[-2000:]}"
            await asyncio.sleep(0.2)
        return seen

    async def killed_when(self, process: subprocess.Popen[bytes], holds: Callable[[Seen], bool]) -> Seen:
        """Frozen again and again, until it holds of what is on the broker then."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while True:
            process.send_signal(signal.SIGSTOP)
            if holds(seen := await self._still()):
                process.send_signal(signal.SIGKILL)
                return seen
            assert asyncio.get_running_loop().time() < end, f"it never came to that: {seen}"
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.7)

    async def _still(self) -> Seen:
        """When nothing is on its way any more."""
        before = None
        while before != (seen := await self.seen()):
            before = seen
            await asyncio.sleep(1)
        return seen

    async def _records(self, topic: str) -> list[tuple[bytes, bytes]]:
        found: list[tuple[bytes, bytes]] = []
        async with AIOKafkaConsumer(bootstrap_servers=self._broker, auto_offset_reset="earliest") as consumer:
            tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(tps)
            ends = await consumer.end_offsets(tps)
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [(record.key, record.value) for record in records]
        return found


@pytest.fixture
async def plain(broker: str, tmp_path: Path) -> Plain:
    found = Plain(broker, tmp_path / "plain.log")
    changelog = TopicSpec(f"{found.name}-created-changelog", PARTITIONS, {"cleanup.policy": "compact"})
    await apply(broker, [TopicSpec(found.topic, PARTITIONS), changelog])
    return found


async def test_undisturbed_plain_faust_counts_right(plain: Plain) -> None:
    async with plain.running():
        async with plain.fed(rate=200):
            await plain.until(lambda seen: seen.counted > 500)
        await plain.until(lambda seen: seen.counted == plain.told)


async def test_plain_faust_counts_twice_what_it_had_not_committed(plain: Plain) -> None:
    """Killed between the write of its table and the commit of its offsets."""
    async with plain.fed(rate=200), plain.running() as process:
        await plain.until(lambda seen: seen.committed > 0)
        await plain.killed_when(process, lambda seen: seen.counted > seen.committed)
    async with plain.running():
        await plain.until(lambda seen: seen.counted > plain.told)


async def test_plain_faust_loses_what_it_had_not_written(plain: Plain) -> None:
    """A write of its table stalls, and it commits all the same."""
    async with plain.fed(rate=200), plain.running(stall="300") as process:
        await plain.killed_when(process, lambda seen: seen.committed > seen.counted)
    async with plain.running():
        await plain.until(lambda seen: seen.committed == plain.told)
        await asyncio.sleep(5)  # it commits every 2.8 s
        assert (await plain.seen()).counted < plain.told
