"""A checkpoint's records, serialised into as few record batches as fit."""

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from streams.errors import BrokerError


class Batches:
    """Records by topic and partition, in the order they were added."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._open: dict[tuple[str, int], Any] = {}
        self._closed: list[tuple[str, int, Any]] = []
        self.records = 0

    def add(self, topic: str, partition: int, key: bytes | None, value: bytes | None) -> None:
        place = (topic, partition)
        batch = self._open.get(place)
        if batch is None or batch.append(key=key, value=value, timestamp=None) is None:
            if batch is not None:
                self._close(place, batch)
            batch = self._open[place] = self._producer.create_batch()
            if batch.append(key=key, value=value, timestamp=None) is None:
                raise BrokerError(f"A record for {topic} doesn't fit into a batch (key {key!r}).")
        self.records += 1

    async def send(self) -> None:
        """Send everything and wait until the broker has it."""
        for place, batch in self._open.items():
            self._close(place, batch)
        self._open.clear()
        acks = [await self._producer.send_batch(batch, topic, partition=n) for topic, n, batch in self._closed]
        await asyncio.gather(*acks)

    def _close(self, place: tuple[str, int], batch: Any) -> None:
        batch.close()
        self._closed.append((*place, batch))
