"""All that topics have now."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import BrokerError
from streams.kafka.topics import describe

PATIENCE = 30.0
"Seconds without a record after which the broker counts as away."


class Reading:
    """What topics have from their beginnings to the ends that they have at the start."""

    def __init__(self, bootstrap: str, consumer: Any, starts: Any, ends: Any) -> None:
        self._bootstrap = bootstrap
        self._consumer = consumer
        self._read: dict[TopicPartition, int] = dict(starts)
        self._ends: dict[TopicPartition, int] = ends

    @property
    def left(self) -> int:
        """Offsets that are still to be passed; there are at most as many records."""
        return sum(max(0, end - self._read[tp]) for tp, end in self._ends.items())

    async def batches(
        self, progress: Callable[[int], None] = lambda passed: None
    ) -> AsyncIterator[tuple[str, list[Any]]]:
        """A topic and what comes next of one of its partitions; `progress` is given the offsets passed.

        Raises BrokerError where nothing comes.
        """
        last = time.monotonic()
        while todo := [tp for tp, end in self._ends.items() if self._read[tp] < end]:
            for tp, records in (await self._consumer.getmany(*todo, timeout_ms=200)).items():
                yield tp.topic, [record for record in records if record.offset < self._ends[tp]]
            before = self.left
            for tp in todo:
                self._read[tp] = max(self._read[tp], await self._consumer.position(tp))
            if passed := before - self.left:
                progress(passed)
                last = time.monotonic()
            if time.monotonic() - last > PATIENCE:
                topics = ", ".join(sorted({tp.topic for tp in todo}))
                raise BrokerError(f"Kafka at {self._bootstrap} gave nothing of {topics} for {PATIENCE:.0f} s")


@asynccontextmanager
async def reading(bootstrap: str, topics: Sequence[str], *, committed: bool = True) -> AsyncIterator[Reading]:
    """All partitions of topics; those that don't exist have nothing. Raises BrokerError."""
    found = await describe(bootstrap, topics)
    if not found:
        yield Reading(bootstrap, None, {}, {})
        return
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed" if committed else "read_uncommitted",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    consumer.assign(
        [TopicPartition(name, number) for name in found for number in range(found[name].partitions)]
    )
    try:
        await consumer.start()
        starts = await consumer.beginning_offsets(consumer.assignment())
        ends = await consumer.end_offsets(consumer.assignment())
        yield Reading(bootstrap, consumer, starts, ends)
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't read from Kafka at {bootstrap}: {error}") from error
    finally:
        await consumer.stop()


async def read_all(bootstrap: str, topic: str) -> AsyncIterator[Any]:
    """The committed records up to the end that a topic has at the start, in order within a partition.

    Raises BrokerError.
    """
    if topic not in await describe(bootstrap, [topic]):
        raise BrokerError(f"Kafka at {bootstrap} has no topic {topic}")
    async with reading(bootstrap, [topic]) as open_:
        async for _, records in open_.batches():
            for record in records:
                yield record
