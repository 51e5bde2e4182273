"""One partition in memory, without Kafka: what an event costs apart from reading and writing it."""

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from streams.catalogue import Catalogue
from streams.kafka.partitioning import partition_of
from streams.settings import load
from streams.state.disk import Disk
from streams.state.partition import Partition
from streams.state.rows import Rows
from streams.state.stored import StoredRows
from streams.worker import plan_of

FETCH = 5_000
"Records that are taken at once."

CHECKPOINT = 50_000
"Events between checkpoints, as they are while catching up."


class Record(NamedTuple):
    """As the client hands it over."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Memory:
    """A partition whose contributions and forwarded facts come back to itself."""

    def __init__(self, catalogue: Catalogue, disk: Disk | None = None) -> None:
        """The rows of entities are on the disk, if there is one."""
        plan = plan_of(catalogue, load(None, {"topics.partitions": 1}), {}, b"of a benchmark")
        stored = {domain.name for domain in plan.catalogue.domains} if disk is not None else set()

        def rows(table: str) -> Rows[Any]:
            if disk is None or table not in stored:
                return Rows(plan.row_type(table))
            return StoredRows(plan.row_type(table), disk.open(table))

        self.partition = Partition(plan, 0, rows, partition_of)
        self._own = {*plan.inputs, plan.contributions}
        self._back: dict[str, list[Record]] = {}
        self._now = time.time_ns() // 1000
        self._tickets = plan.topic("tickets")

    def take(self, events: Iterable[tuple[bytes, bytes]]) -> float:
        """All events, with their checkpoints: seconds of CPU (see that the garbage collector is tamed)."""
        first = self.partition.next.get(self._tickets, 0)
        records = [Record(first + place, self._now // 1000, *event) for place, event in enumerate(events)]
        left = iter(records)
        begun = time.process_time()
        while some := list(islice(left, CHECKPOINT)):
            for start in range(0, len(some), FETCH):
                self._take(self._tickets, some[start : start + FETCH])
            self.checkpoint()
        self.checkpoint()
        return time.process_time() - begun

    def checkpoint(self) -> None:
        """Write, and take what comes back."""
        self.partition.write(self, self._now)
        self.partition.committed()
        back, self._back = self._back, {}
        for topic, records in back.items():
            self._take(topic, records)

    def to(self, topic: str, partition: int) -> Callable[[bytes | None, bytes | None], None]:
        """The checkpoint's output."""
        if topic not in self._own:
            return _forget
        back = self._back.setdefault(topic, [])
        first = self.partition.next.get(topic, 0)
        return lambda key, value: back.append(Record(first + len(back), self._now // 1000, key, value))

    def _take(self, topic: str, records: Sequence[Record]) -> None:
        if records:
            self.partition.take(topic, records[-1].offset + 1, records)


def _forget(key: bytes | None, value: bytes | None) -> None:
    """Rows are in memory, and nobody reads what is told."""
