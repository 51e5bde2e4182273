"""Histories with the rows of entities in RocksDB: it has what is committed, whoever crashes when."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams import moments
from streams.state.disk import Disk, Store
from streams.state.plan import Plan
from streams.state.rows import Rows
from streams.state.stored import StoredRows
from tests.parcels import event
from tests.scratch import scratch
from tests.simulated.group import Group
from tests.simulated.test_group import HISTORY, MINUTE, WORKERS, Step, check, play, told_events
from tests.stock import plan

HISTORIES = 30
MEMORY = 4 << 20


class StoredGroup(Group):
    """Each opening of a partition has stores of its own."""

    def __init__(self, plan: Plan, disk: Disk) -> None:
        self.stores: list[Store] = []
        self._disk = disk
        super().__init__(plan, WORKERS)

    def rows(self, table: str) -> Rows[Any]:
        if table not in {domain.name for domain in self.plan.catalogue.domains}:
            return super().rows(table)
        store = self._disk.open(f"{table}-{len(self.stores)}")
        self.stores.append(store)
        return StoredRows(self.plan.row_type(table), store)

    def stored(self, table: str, number: int) -> dict[str, bytes]:
        """What the store of a partition's rightful owner has."""
        rows = self.partitions[number].rows[table]
        assert isinstance(rows, StoredRows)
        return {key.decode(): row for key, row in rows.store.page(b"", 1_000_000)}


@contextmanager
def group(partitions: int) -> Iterator[StoredGroup]:
    with scratch() as path:
        disk = Disk(path, MEMORY)
        found = StoredGroup(plan(partitions), disk)
        yield found
        for store in found.stores:
            store.close()
        disk.close()


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.integers(1, 4), HISTORY)
def test_the_stream_equals_the_batch(seed: int, partitions: int, history: list[Step]) -> None:
    events = told_events(seed)
    with group(partitions) as found:
        poisoned = play(found, events, history)
        at = max(found.clock, *(moments.parse(each["time"]) for each in events)) + 65 * MINUTE
        found.finish(at)
        assert check(found, events, poisoned, at) > 0
        for number in range(partitions):
            for domain in found.plan.catalogue.domains:
                committed = found.log.latest(found.plan.changelog(domain.name), number)
                assert found.stored(domain.name, number) == committed


def test_the_store_has_what_has_committed() -> None:
    """Neither what was taken nor what is being written."""
    with group(1) as found:
        found.produce([event("parcel.sent", "09:00")])
        found.fetch(0, 10)
        assert found.stored("parcels", 0) == {}
        found.write(0)
        written = dict(found.memory[0][0].partition.rows["parcels"].items())
        found.produce([event("parcel.moved", "10:00", hub="A")])
        found.fetch(0, 10)
        assert found.stored("parcels", 0) == {}
        found.commit(0)
        (row,) = found.stored("parcels", 0).values()
        rows = found.partitions[0].rows["parcels"]
        assert found.log.latest("stock-parcels-changelog", 0) == {"P1": row}
        assert written != dict(rows.items()), "the parcel has moved since"
        found.crash(0, 1)
        assert found.stored("parcels", 0) == {"P1": row}
