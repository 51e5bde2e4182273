"""What is committed on the topics of a deployment, read as any consumer reads it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from streams.windows.contributions import MARK
from tests.promise import Json, MetricsLog, SignalsLog


async def committed_offsets(bootstrap: str, group: str) -> dict[TopicPartition, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # nobody has ever committed anything here
        return {}
    finally:
        await admin.close()
    return {tp: at.offset for tp, at in found.items()}


class Observer:
    """Reads all that is committed on a deployment's topics."""

    def __init__(
        self, bootstrap: str, prefix: str, inputs: Sequence[str], signals: Sequence[str], partitions: int
    ) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        self._consumed = [*inputs, f"{prefix}contributions"]
        self._metrics, self._letters = f"{prefix}metrics", f"{prefix}dead-letters"
        self._signals = frozenset(signals)
        self._partitions = partitions
        self.log = MetricsLog()
        self.signals = SignalsLog()
        self.letters: list[Json] = []
        self.ends: dict[TopicPartition, int] = {}
        "Where the processor must have come: behind the last record that is more than a watermark."

    async def start(self) -> None:
        await self._consumer.start()
        topics = (*self._consumed, self._metrics, self._letters, *self._signals)
        self._consumer.assign([TopicPartition(topic, n) for topic in topics for n in range(self._partitions)])

    async def stop(self) -> None:
        await self._consumer.stop()

    async def read(self) -> None:
        """All that is there now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            for tp, records in (await self._consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    self._take(tp, record)

    def _take(self, tp: TopicPartition, record: Any) -> None:
        if tp.topic == self._metrics:
            self.log.take(tp.partition, record.key, record.value)
        elif tp.topic == self._letters:
            self.letters.append(msgspec.json.decode(record.value)["data"])
        elif tp.topic in self._signals:
            self.signals.take(record.value)
        elif record.key != MARK:
            self.ends[tp] = record.offset + 1
