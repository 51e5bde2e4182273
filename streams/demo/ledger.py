"""What was published, and how much of it has been processed."""

from collections import defaultdict, deque
from collections.abc import Mapping
from typing import NamedTuple

from aiokafka import TopicPartition


class Batch(NamedTuple):
    end: int
    "The offset after its last record."
    records: int


class Ledger:
    """Counts published events by the offsets that they got, and processed ones by those committed.

    A worker commits the offsets of its inputs in the transactions that write what came of them.
    """

    def __init__(self) -> None:
        self.published = 0
        self.processed = 0
        self._under_way: defaultdict[TopicPartition, deque[Batch]] = defaultdict(deque)

    @property
    def topics(self) -> list[TopicPartition]:
        return list(self._under_way)

    @property
    def settled(self) -> bool:
        return self.processed == self.published

    def sent(self, place: TopicPartition, start: int, records: int) -> None:
        self.published += records
        self._under_way[place].append(Batch(start + records, records))

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        for place, offset in offsets.items():
            batches = self._under_way[place]
            while batches and batches[0].end <= offset:
                self.processed += batches.popleft().records
