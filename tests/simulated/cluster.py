"""The engine without Kafka: an in-memory log, partitions that crash and come back, a clock by hand."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from streams.kafka.partitioning import partition_of
from streams.state.checkpoint import Half
from streams.state.partition import Partition
from streams.state.plan import Plan
from streams.state.rows import Rows


@dataclass(frozen=True)
class Logged:
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Any, ...] = ()


class Log:
    """Topic partitions as lists; a checkpoint's records and offsets are appended together."""

    def __init__(self) -> None:
        self.topics: dict[tuple[str, int], list[Logged]] = defaultdict(list)
        self.committed: dict[tuple[str, int], tuple[int, str]] = {}

    def append(self, topic: str, number: int, key: bytes | None, value: bytes | None, timestamp: int) -> None:
        log = self.topics[topic, number]
        log.append(Logged(len(log), timestamp, key, value))

    def latest(self, topic: str, number: int) -> dict[str, bytes]:
        """What compaction leaves."""
        rows = {record.key.decode(): record.value for record in self.topics[topic, number] if record.key}
        return {key: value for key, value in rows.items() if value is not None}


class Pending:
    def __init__(self) -> None:
        self.records: list[tuple[str, int, bytes | None, bytes | None]] = []

    def to(self, topic: str, partition: int) -> Callable[[bytes | None, bytes | None], None]:
        return lambda key, value: self.records.append((topic, partition, key, value))


class Cluster:
    """All partitions of one application over a log."""

    def __init__(self, plan: Plan, seed: int = 0, now: int = 1_800_000_000_000) -> None:
        self.plan, self.log, self.now = plan, Log(), now
        self.random = random.Random(seed)
        self.partitions = [self._open(number) for number in range(plan.partitions)]

    def produce(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            topic = self.plan.topic(event["type"].split(".")[0] + "s")
            key = event["subject"].encode()
            number = partition_of(key, self.plan.partitions)
            self.log.append(topic, number, key, msgspec.json.encode(event), self.now)

    def step(self) -> None:
        """Something happens somewhere: a fetch, a checkpoint, a crash."""
        number = self.random.randrange(self.plan.partitions)
        chance = self.random.random()
        if chance < 0.75:
            self._fetch(number, self.random.randint(1, 50))
        elif chance < 0.95:
            self.checkpoint(number, self.random.choice((None, *Half)))
        else:
            self.restart(number)

    def restart(self, number: int) -> None:
        """From what is committed."""
        self.partitions[number] = self._open(number)

    def drain(self, clock: int | None = None) -> None:
        """Until all input is consumed and written; with a clock all idle partitions follow it."""
        busy = True
        while busy:
            for number in range(self.plan.partitions):
                self.checkpoint(number)
            fetched = sum(self._fetch(number, 1000) for number in range(self.plan.partitions))
            busy = fetched > 0 or any(partition.unwritten for partition in self.partitions)
        if clock is not None:
            for partition in self.partitions:
                for topic in self.plan.inputs:
                    partition.idle(topic, clock)
                    partition.tick(topic, clock)
                self.checkpoint(partition.number)
            self.drain()

    def checkpoint(self, number: int, only: Half | None = None) -> None:
        partition, pending = self.partitions[number], Pending()
        offsets = partition.write(pending, self.now * 1000, only)
        for topic, to, key, value in pending.records:
            self.log.append(topic, to, key, value, self.now)
        for topic, (offset, metadata) in offsets.items():
            self.log.committed[topic, number] = offset, metadata
        partition.committed()

    def rows(self, table: str) -> Rows[Any]:
        """Fresh ones of a partition that is opened."""
        return Rows(self.plan.row_type(table))

    def figures(self) -> dict[str, dict[str, Any]]:
        """The latest record of each figure on the metrics topic."""
        found: dict[str, dict[str, Any]] = {}
        for number in range(self.plan.partitions):
            for key, value in self.log.latest(self.plan.topic("metrics"), number).items():
                assert key not in found, f"{key} has two owners"
                found[key] = msgspec.json.decode(value)
        return found

    def letters(self) -> list[dict[str, Any]]:
        return [
            msgspec.json.decode(record.value)["data"]
            for number in range(self.plan.partitions)
            for record in self.log.topics[self.plan.topic("dead-letters"), number]
            if record.value
        ]

    def _fetch(self, number: int, most: int) -> bool:
        partition, some = self.partitions[number], False
        topics = [*self.plan.inputs, self.plan.contributions]
        self.random.shuffle(topics)
        for topic in topics:
            start = partition.next.get(topic, 0)
            records = self.log.topics[topic, number][start : start + most]
            if records:
                some = True
                partition.take(topic, start + len(records), records)
        return some

    def _open(self, number: int) -> Partition:
        partition = Partition(self.plan, number, self.rows, partition_of)
        for table in self.plan.tables:
            partition.restore(table, dict(self.log.latest(self.plan.changelog(table), number)))
        topics = [*self.plan.inputs, self.plan.contributions]
        partition.resume({topic: self.log.committed.get((topic, number), (0, "")) for topic in topics})
        partition.restored()
        return partition
