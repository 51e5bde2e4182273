"""
The negative control: an ordinary Faust application under the fault that ours survives.

It must miscount, or else the faults are too mild to prove anything.
"""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.kafka.topics import TopicSpec, apply
from tests.faults.harness import PARTITIONS, SESSION, committed_offsets

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
CHANNELS = ("email", "chat", "phone", "web")
PATIENCE = 60.0
"""Faust joins slowly, and commits every 2.8 s."""


class Plain:
    """The application, what it is told and what it has counted."""

    def __init__(self, broker: str, log: Path) -> None:
        self.name = f"plain-{secrets.token_hex(4)}"
        self._broker, self._log, self._told = broker, log, Counter[str]()
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
    async def running(self) -> AsyncIterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "tests.faults.plain_app", "worker", "-l", "warn"]
        with self._log.open("ab") as log:
            process = subprocess.Popen(  # noqa: ASYNC220
                command, env=self._environment, cwd=self._log.parent, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    async def feed(self, number: int, seconds: float) -> None:
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        async with AIOKafkaProducer(
            bootstrap_servers=self._broker, acks="all", enable_idempotence=True
        ) as producer:
            for place in range(number):
                if (ahead := start + seconds * place / number - loop.time()) > 0:
                    await asyncio.sleep(ahead)
                channel = CHANNELS[place % len(CHANNELS)]
                event = {"type": "ticket.created", "data": {"channel": channel}}
                await producer.send(self.topic, json.dumps(event).encode(), secrets.token_bytes(4))
                self._told[channel] += 1
            await producer.flush()

    @property
    def told(self) -> dict[str, int]:
        return dict(self._told)

    async def counted(self) -> dict[str, int]:
        """Its table, when it has committed all that it was told."""
        async with asyncio.timeout(PATIENCE):
            while not await self._consumed():  # noqa: ASYNC110 - it is about another process
                await asyncio.sleep(0.5)
        await asyncio.sleep(1)
        table: dict[str, int] = {}
        for key, value in await self._records(f"{self.name}-created-changelog"):
            table[json.loads(key)] = json.loads(value)
        return table

    async def _consumed(self) -> bool:
        committed = await committed_offsets(self._broker, self.name)
        inputs = {tp.topic for tp in committed}
        if len(inputs) < 2:  # the topic itself, and that of the events sent on
            return False
        async with AIOKafkaConsumer(bootstrap_servers=self._broker) as consumer:
            tps = [TopicPartition(topic, number) for topic in inputs for number in range(PARTITIONS)]
            ends = await consumer.end_offsets(tps)
        return all(committed.get(tp, 0) >= end for tp, end in ends.items())

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


async def test_plain_faust_miscounts_where_ours_does_not(broker: str, tmp_path: Path) -> None:
    plain = Plain(broker, tmp_path / "plain.log")
    await apply(broker, [TopicSpec(plain.topic, PARTITIONS)])
    async with plain.running() as process:
        await plain.feed(1000, seconds=1)
        assert await plain.counted() == plain.told, "undisturbed it counts right"
        feeding = asyncio.create_task(plain.feed(3000, seconds=6))
        await asyncio.sleep(4)
        process.send_signal(signal.SIGKILL)
        await feeding
    async with plain.running():
        counted = await plain.counted()
    assert counted != plain.told
    assert counted.keys() == plain.told.keys()
