"""The engine under records that nobody would think of: what became of each of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from streams.catalogue import Catalogue
from streams.kafka.partitioning import partition_of
from streams.state.entities import Limits
from streams.state.partition import Partition
from streams.state.plan import Plan
from streams.windows.vector import Vector
from tests.agents.fuzz.records import APPLICATION, Put
from tests.simulated.cluster import Cluster

NOW = 1_793_700_000_000
"In milliseconds: in the evening of the day on which most happens."

LAST = 253_370_764_799_999
"The last moment of 9998, in milliseconds."


class Fed(Cluster):
    """A cluster that takes records as they are."""

    def __init__(self, catalogue: Catalogue, now: int, limits: Limits, partitions: int = 1) -> None:
        super().__init__(Plan(catalogue, "v1", partitions, APPLICATION, limits=limits), now=now)

    def put(self, records: Iterable[Put]) -> None:
        """Records from outside: all of them, before any is consumed."""
        for domain, key, value in records:
            number = partition_of(key, self.plan.partitions)
            self.log.append(self.plan.topic(domain), number, key, value, self.now)
        self.put_up_to = {place: len(log) for place, log in self.log.topics.items()}

    def consume(self, clock: int | None = None) -> None:
        """All that there is, and what comes of it; then let the clock (microseconds) pass."""
        self.drain()
        if clock is not None:
            self.drain(clock)

    def outcomes(self, topic: str) -> Counter[str]:
        """How many records of a topic became what."""
        found: Counter[str] = Counter()
        for partition in self.partitions:
            entities = partition.entities[topic]
            found["folded"] += sum(entities.folded)
            for (_, outcome), number in entities.others.items():
                found[outcome] += number
        return found

    def folded_types(self) -> set[str]:
        return {
            type_.name
            for partition in self.partitions
            for entities in partition.entities.values()
            for type_, number in zip(entities.domain.types, entities.folded, strict=True)
            if number
        }

    def refused(self) -> dict[tuple[str, int, int], str]:
        """The reason of each dead letter, by the place of its record."""
        return {
            (letter["topic"], letter["partition"], letter["offset"]): letter["reason"]
            for letter in self.letters()
        }

    def records(self) -> int:
        """Of all inputs, what the processor itself wrote included."""
        return sum(
            len(self.log.topics[topic, number])
            for topic in self.plan.inputs
            for number in range(self.plan.partitions)
        )

    def inputs(self) -> Iterator[tuple[tuple[str, int, int], bytes]]:
        """All records from outside with their places, in the order of their logs."""
        for topic in self.plan.inputs:
            for number in range(self.plan.partitions):
                for record in self.log.topics[topic, number]:
                    if record.value is not None and record.offset < self.put_up_to[topic, number]:
                        yield (topic, number, record.offset), record.value

    def deadlines(self) -> int:
        """Those of entities that aren't there are passed over."""
        logs = (
            self.log.topics[topic, number]
            for topic in self.plan.inputs
            for number in range(self.plan.partitions)
        )
        return sum(b"entity.deadline" in (record.value or b"") for log in logs for record in log)


def rows_of(partition: Partition) -> dict[str, dict[str, bytes]]:
    """All rows of a partition as they are written, each of which is read back as it was."""
    found: dict[str, dict[str, bytes]] = {}
    for table, rows in partition.rows.items():
        row_type = partition.plan.row_type(table)
        found[table] = {}
        for key, row in rows.items():
            written = rows.at_rest(key)
            assert written is not None, (table, key)
            assert encoded(row) == written, (table, key)
            found[table][key] = written
        assert row_type is not None
    return found


def encoded(row: Any) -> bytes:
    own = getattr(type(row), "encoded", None)
    written: bytes = own(row) if own else msgspec.msgpack.encode(row, enc_hook=_vector)
    return written


def _vector(value: object) -> Any:
    assert isinstance(value, Vector)
    return msgspec.Raw(value.encode())
