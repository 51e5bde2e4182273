"""State is read back whole, and in pages that are small beside it."""

import tracemalloc
from collections import defaultdict
from functools import partial

import pytest
from aiokafka import TopicPartition

from streams.kafka.produce import publish
from streams.kafka.recovery import PAGE, read_state
from streams.kafka.topics import TopicSpec, apply

TOPIC = "recovery.changelog"
PARTITIONS = 8
ROWS = 3000
ROW = 4096


def row(version: int, number: int) -> bytes:
    return b"%d of %d" % (version, number) + bytes(ROW)


@pytest.mark.kafka
async def test_state_larger_than_a_page_is_read_with_little_memory(broker: str) -> None:
    """What was written over again is there as it was written last. Here rows are counted, and not kept."""
    await apply(broker, [TopicSpec(TOPIC, PARTITIONS, {"cleanup.policy": "compact"})])
    keys = [f"row-{number}" for number in range(ROWS)]
    versions = [(version, number) for version in (1, 2) for number in range(ROWS)]
    await publish(
        broker, ((TOPIC, keys[number].encode(), row(version, number)) for version, number in versions)
    )
    found: dict[int, dict[str, bytes]] = defaultdict(dict)

    def take(partition: int, rows: dict[str, bytes | None]) -> None:
        found[partition].update((key, (value or b"")[:-ROW]) for key, value in rows.items())

    takers = {TopicPartition(TOPIC, number): partial(take, number) for number in range(PARTITIONS)}
    tracemalloc.start()
    try:
        await read_state(broker, takers, 30.0)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == PARTITIONS
    told = {key: value for rows in found.values() for key, value in rows.items()}
    assert told == {key: b"2 of %d" % number for number, key in enumerate(keys)}
    assert 2 * ROWS * ROW > 10 * PAGE
    assert most < 6 * PAGE, f"{most:,} bytes"
