"""Bad records on a real broker: dead-lettered whole, and the worker goes on."""

from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from streams.kafka.partitioning import partition_of
from tests.bad_records import NEIGHBOUR, bad_records, encoded, neighbours, skipped
from tests.faults.harness import PARTITIONS, Deployment

pytestmark = pytest.mark.kafka


MIB = 2**20


async def test_large_records_are_written_in_pieces(broker: str) -> None:
    """Many that are refused, in one partition: all of it arrives, little by little."""
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    key = NEIGHBOUR.encode()
    sizes = [MIB + number * MIB // 8 for number in range(25)]
    refused = [(key, b"x" * size) for size in sizes]
    async with Deployment(broker, **{"checkpoint.bytes": 4 * MIB}) as deployment:
        number = partition_of(key, PARTITIONS)
        await deployment.put("tickets", refused, number)
        await deployment.put("tickets", [(key, encoded(each)) for each in neighbours(at)], number)
        worker = await deployment.start()
        await deployment.settled()
        letters = deployment.observer.letters
        assert [len(b64decode(letter["value_base64"])) for letter in letters] == sizes
        (checkpoints,) = (
            value
            for series, value in await worker.metrics()
            if series == f'cx_checkpoints_total{{partition="{number}"}}'
        )
        total = sum(map(len, (letter["value_base64"] for letter in letters)))
        assert checkpoints >= total // (4 * MIB + 4 * MIB * 4 // 3)
        assert deployment.figures["tickets_created||total|"]["value"] == 1
        assert worker.exits == []


async def test_bad_records_go_to_the_dead_letters_and_disturb_nobody(broker: str) -> None:
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    key = NEIGHBOUR.encode()
    bad = [each for each in bad_records(at) if each.key or each.value]  # clients send none without both
    good = [(key, encoded(event)) for event in (*neighbours(at), skipped(at))]
    between = [(each.key, each.value) for each in bad]
    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        records = [good[0], *between, *good[1:]]
        # The neighbour's partition: what is wrong with the others' keys is found before where they are.
        await deployment.put("tickets", records, partition_of(key, PARTITIONS))
        await deployment.settled()
        letters = deployment.observer.letters
        assert Counter(letter["reason"] for letter in letters) == Counter(each.reason for each in bad)
        kept = [letter["value_base64"] for letter in letters]
        assert [None if value is None else b64decode(value) for value in kept] == [each.value for each in bad]
        values = {key: figure["value"] for key, figure in deployment.figures.items() if "||total|" in key}
        assert values["tickets_created||total|"] == 1
        assert values["resolution_time||total|"] == 1800
        assert values["first_response_time||total|"] == 600
        assert worker.exits == []
        assert deployment.observer.log.breaches == []
