"""A checkpoint's records, serialised into as few record batches as fit."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, KafkaError, ProducerFenced

from streams.errors import BrokerError
from streams.kafka.place import Place

Add = Callable[[bytes | None, bytes | None], None]
Ack = tuple[str, int, Awaitable[Any]]
"Topic and partition of a batch, and what ends when the broker has it."


BY_THE_BROKER = 1
"The type of a timestamp that the broker gave: LogAppendTime."


class Appended(NamedTuple):
    """When the broker appended a batch (milliseconds); on the monotonic clock, when it was on its way."""

    topic: str
    partition: int
    timestamp: int
    sent: float
    acknowledged: float


class RecordsRefused(BrokerError):
    """The broker does not take what it was sent."""


class Batches:
    """Records by topic and partition, in the order they were added."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._places: dict[tuple[str, int], Place] = {}
        self.appended: list[Appended] = []
        "Batches that were acknowledged, as far as the broker gives the time."

    def to(self, topic: str, partition: int) -> Add:
        """What takes the records (key, value) of one partition of a topic."""
        place = self._places.get((topic, partition))
        if place is None:
            place = self._places[topic, partition] = Place(topic, self._producer.create_batch)
        return place.add

    @property
    def records(self) -> int:
        return sum(place.records for place in self._places.values())

    async def send(self, between: Callable[[], Awaitable[None]] | None = None) -> None:
        """Send everything and wait until the broker has it. Raises BrokerError for what it refuses."""
        acks: list[Ack] = []
        try:
            async for ack in self._sent():
                acks.append(ack)
                if between is not None:
                    await between()
        except IllegalOperation:
            # The transaction has failed meanwhile, and what was sent before knows why.
            await _acknowledged(acks)
            raise
        await _acknowledged(acks)

    async def _sent(self) -> AsyncIterator[Ack]:
        # An empty batch would make the partition a part of the transaction, whose end takes an offset.
        filled = {at: place.closed() for at, place in self._places.items() if place.records}
        # A second batch of a partition waits for the first to be on its way; no other should wait for that.
        for round_ in zip_longest(*filled.values()):
            for (topic, partition), batch in zip(filled, round_, strict=True):
                if batch is not None:
                    sent = time.monotonic()
                    ack = await self._producer.send_batch(batch, topic, partition=partition)
                    ack.add_done_callback(partial(self._note, topic, partition, sent))
                    yield topic, partition, ack

    def _note(self, topic: str, partition: int, sent: float, ack: "asyncio.Future[Any]") -> None:
        if ack.cancelled() or ack.exception() is not None:
            return
        record = ack.result()
        if record is not None and record.timestamp_type == BY_THE_BROKER:
            self.appended.append(Appended(topic, partition, record.timestamp, sent, time.monotonic()))


async def _acknowledged(acks: Iterable[Ack]) -> None:
    await asyncio.gather(*(_taken(*ack) for ack in acks))


async def _taken(topic: str, partition: int, ack: Awaitable[Any]) -> None:
    try:
        await ack
    except ProducerFenced:
        raise
    except KafkaError as error:
        raise RecordsRefused(f"Kafka refused what was for {topic}/{partition}: {error!r}") from error
