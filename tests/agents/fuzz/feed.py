"""The engine under records that nobody would think of: what became of each of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from streams.catalogue import Catalogue
from streams.kafka.partitioning import partition_of
from streams.outlets.dead_letters import Record
from streams.outlets.exporter import FigureCollector
from streams.settings import load
from streams.state.partition import Partition
from streams.state.plan import Plan
from streams.state.screening import Limits
from streams.windows.trailing import Trailing
from streams.windows.vector import Vector
from tests.agents.fuzz.records import APPLICATION, Put
from tests.simulated.cluster import Cluster

NOW = 1_793_700_000_000
"In milliseconds: two days after most has happened."

LAST = 253_370_764_799_999
"The last moment of 9998, in milliseconds."

EXPORTED = load().exported_sets()
Place = tuple[str, int, int]
"Topic, partition, offset."


class Fed(Cluster):
    """A cluster that takes records as they are."""

    def __init__(self, catalogue: Catalogue, now: int, limits: Limits) -> None:
        super().__init__(Plan(catalogue, "v1", 1, APPLICATION, limits=limits), now=now)
        self._given: dict[tuple[str, int], int] = {}
        "How many records came from outside: what the processor writes comes after them."

    @property
    def clock(self) -> int:
        """The last microsecond of its millisecond."""
        return self.now * 1000 + 999

    def put(self, records: Iterable[Put]) -> None:
        """All that comes from outside, before any of it is consumed."""
        for domain, key, value in records:
            place = self.plan.topic(domain), partition_of(key, self.plan.partitions)
            self.log.append(*place, key, value, self.now)
            self._given[place] = len(self.log.topics[place])

    def consume(self) -> None:
        """All that there is, and what comes of it; then the clock is at the time of the last record."""
        self.drain()
        self.drain(self.clock)

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

    def refused(self) -> dict[Place, str]:
        """The reason of each dead letter, by the place of its record."""
        return {
            (letter["topic"], letter["partition"], letter["offset"]): letter["reason"]
            for letter in self.letters()
        }

    def inputs(self) -> Iterator[tuple[Place, bytes]]:
        """All records from outside with their places, in the order of their logs."""
        for (topic, number), end in self._given.items():
            for record in self.log.topics[topic, number][:end]:
                assert record.value is not None
                yield (topic, number, record.offset), record.value

    def records(self) -> int:
        """Of all inputs, what the processor itself wrote included."""
        return len(self._all())

    def _all(self) -> list[Record]:
        numbers = range(self.plan.partitions)
        return [
            record
            for topic in self.plan.inputs
            for number in numbers
            for record in self.log.topics[topic, number]
        ]


def rows_of(partition: Partition) -> dict[str, dict[str, bytes]]:
    """All rows of a partition as they are written, each of which is read back as it was."""
    found: dict[str, dict[str, bytes]] = {}
    for table, rows in partition.rows.items():
        found[table] = {}
        for key, row in rows.items():
            written = rows.at_rest(key)
            assert written == _encoded(row), (table, key)
            found[table][key] = written
    return found


def scraped(fed: Fed) -> list[str]:
    """What Prometheus is shown, in the order of the lines' letters."""
    registry, catalogue = CollectorRegistry(), fed.plan.catalogue
    owned: dict[int, Trailing] = {}
    for partition in fed.partitions:
        rollup, standing = partition.rollup, partition.standings.standing
        owned[partition.number] = trailing = Trailing(
            catalogue, fed.plan.calendar, EXPORTED, rollup.slots, standing
        )
        trailing.move(partition.reached(fed.now // 1000))
        trailing.restore(sorted(rollup.series()))
    registry.register(FigureCollector(catalogue, 100, owned))
    return sorted(generate_latest(registry).decode().splitlines())


def _encoded(row: Any) -> bytes:
    own = getattr(type(row), "encoded", None)
    written: bytes = own(row) if own else msgspec.msgpack.encode(row, enc_hook=_vector)
    return written


def _vector(value: object) -> msgspec.Raw:
    assert isinstance(value, Vector)
    return msgspec.Raw(value.encode())
