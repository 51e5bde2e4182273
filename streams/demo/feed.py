"""Publishes what a simulation tells: a week as fast as possible, then as it happens."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from math import inf
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec import Struct

from streams import moments
from streams.cli.simulate import Record, Simulation
from streams.demo.freshness import Freshness
from streams.demo.ledger import Ledger
from streams.errors import BrokerError
from streams.kafka.partitioning import partition_of
from streams.kafka.place import Place
from streams.settings import Settings

CHUNK = 2000
TICK = 0.05
"Seconds between looks at what has happened."

LARGEST_BATCH = 512 * 1024


class Head(Struct):
    """What matters here of an event."""

    type: str
    time: str


_decode = msgspec.json.Decoder(Head).decode


@dataclass
class Feed:
    """Tells the ledger of every event, and the freshness of those on one topic; `kept` gets them in full."""

    simulation: Simulation
    settings: Settings
    producer: AIOKafkaProducer
    clock: Callable[[], datetime]
    ledger: Ledger
    freshness: Freshness
    watched: str
    "The topic."
    counted: frozenset[str]
    "Types of events that are sure to change its figures."
    kept: list[bytes] | None = None

    async def catch_up(self) -> None:
        """All up to now, which moves on meanwhile."""
        await self._send_all(self.simulation.until(self.clock()))
        await self._send_all(self.simulation.until(self.clock()))
        self.freshness.begin()

    async def live(self, seconds: float | None) -> None:
        """As it happens, for so long or for ever."""
        now = asyncio.get_running_loop().time
        end = inf if seconds is None else now() + seconds
        while now() < end:
            await self._send_all(self.simulation.until(self.clock()))
            await asyncio.sleep(TICK)

    async def _send_all(self, records: Iterator[Record]) -> None:
        while chunk := list(islice(records, CHUNK)):
            await self._send(chunk)

    async def _send(self, chunk: Iterable[Record]) -> None:
        places: defaultdict[TopicPartition, list[Record]] = defaultdict(list)
        for record in chunk:
            domain, subject, _ = record
            number = partition_of(subject.encode(), self.settings.topics.partitions)
            places[TopicPartition(self.settings.topics.prefix + domain, number)].append(record)
        await asyncio.gather(*(self._send_to(place, records) for place, records in places.items()))
        if self.kept is not None:
            self.kept += (value for records in places.values() for _, _, value in records)

    async def _send_to(self, place: TopicPartition, records: list[Record]) -> None:
        told = Place(place.topic, self.producer.create_batch)
        for _, subject, value in records:
            told.add(subject.encode(), value)
        batches = told.closed()
        acks = [
            await self.producer.send_batch(batch, place.topic, partition=place.partition) for batch in batches
        ]
        rest = iter(records)
        for batch, ack in zip(batches, await asyncio.gather(*acks), strict=True):
            self.ledger.sent(place, ack.offset, batch.record_count())
            if place.topic == self.watched:
                self._watch(place, list(islice(rest, batch.record_count())), ack.timestamp / 1000)

    def _watch(self, place: TopicPartition, records: list[Record], appended: float) -> None:
        """They come in the order of their time."""
        told = [_decode(value) for _, _, value in records]
        sure = any(event.type in self.counted for event in told)
        self.freshness.sent(place.partition, moments.parse(told[-1].time) / moments.SECOND, appended, sure)


@asynccontextmanager
async def producer_of(settings: Settings) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.bootstrap,
        acks="all",
        enable_idempotence=True,
        max_batch_size=LARGEST_BATCH,
    )
    try:
        await producer.start()
        yield producer
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't publish to Kafka at {settings.bootstrap}: {error}") from error
    finally:
        await producer.stop()
