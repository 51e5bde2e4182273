"""Records into topics."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner

from streams.errors import BrokerError
from streams.kafka import produce
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.partitioning import partition_of
from streams.kafka.produce import Record, publish, publish_dated
from streams.kafka.read import read_all
from streams.kafka.topics import TopicSpec, apply, describe

PARTITIONS = 3
Content = list[tuple[int, bytes, bytes]]


async def make(broker: str, *names: str, **config: str) -> None:
    await apply(broker, [TopicSpec(name, PARTITIONS, config) for name in names])


async def content(broker: str, topic: str) -> Content:
    """Partition, key and value of each record, in the order of each partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker)
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(partitions)
    await consumer.start()
    try:
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(partitions)
        found: Content = []
        while len(found) < sum(ends.values()):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [(record.partition, record.key, record.value) for record in records]
        return found
    finally:
        await consumer.stop()


@pytest.mark.kafka
async def test_all_records_arrive_in_order_where_java_would_put_them(broker: str) -> None:
    await make(broker, "produce.a", "produce.b")
    keys = [f"entity-{number}é".encode() for number in range(50)]
    records = [(f"produce.{'ab'[number % 2]}", keys[number % 50], b"%d" % number) for number in range(12_000)]
    told: list[int] = []
    assert await publish(f"kafka://{broker}", records, progress=told.append) == sum(told) == 12_000
    numbers = list(range(PARTITIONS))
    for topic in ("produce.a", "produce.b"):
        found = await content(broker, topic)
        of_key = {key: [value for _, each, value in found if each == key] for key in keys}
        sent = {key: [v for t, each, v in records if (t, each) == (topic, key)] for key in keys}
        assert of_key == sent
        assert all(DefaultPartitioner()(key, numbers, numbers) == partition for partition, key, _ in found)


@pytest.mark.kafka
async def test_fast(broker: str) -> None:
    await make(broker, "produce.fast")
    value = b"x" * 300
    records = (("produce.fast", b"%d" % (number // 5), value) for number in range(60_000))
    start = time.monotonic()
    await publish(broker, records)
    assert 60_000 / (time.monotonic() - start) > 20_000


@pytest.mark.kafka
async def test_no_faster_than_asked_for(broker: str) -> None:
    await make(broker, "produce.slow")
    start = time.monotonic()
    await publish(broker, (("produce.slow", b"k", b"v") for _ in range(100)), rate=100)
    assert 0.9 < time.monotonic() - start < 2.5


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("kind", "wrong", "taken"),
    [
        ("LogAppendTime", 0.0, "here"),
        ("LogAppendTime", 3600.0, "broker"),
        ("LogAppendTime", -3600.0, "here"),
        ("CreateTime", 3600.0, "here"),
    ],
)
async def test_a_dated_record_has_the_broker_s_time_where_the_clock_is_ahead(
    broker: str, kind: str, wrong: float, taken: str
) -> None:
    topic = f"produce.dated.{kind}.{wrong:.0f}"
    await make(broker, topic, **{"message.timestamp.type": kind})
    asked: list[int] = []
    said: list[str] = []

    def clock() -> int:
        asked.append(time.time_ns() // 1000 + int(wrong * 1e6))
        return asked[-1]

    await publish_dated(broker, topic, b"k", lambda at: b"%d" % at, clock, said.append)
    (record,) = [record async for record in read_all(broker, topic)]
    assert (record.key, record.partition) == (b"k", partition_of(b"k", PARTITIONS))
    at = int(record.value)
    if taken == "here":
        assert asked[-1:] == [at]
        assert said == []
    else:
        assert 0 <= record.timestamp * 1000 - at < 60_000_000
        assert re.fullmatch(r"the clock here is 3[0-9]{3} s ahead of Kafka.s, whose time is taken", said[0])


@pytest.mark.kafka
async def test_a_dated_record_for_a_topic_that_is_missing(broker: str) -> None:
    with pytest.raises(BrokerError, match=r"has no topic produce\.nowhere\.dated"):
        await publish_dated(broker, "produce.nowhere.dated", b"k", lambda at: b"", lambda: 0)
    assert await describe(broker, ["produce.nowhere.dated"]) == {}


@pytest.mark.kafka
async def test_a_dated_record_that_the_topic_does_not_take(broker: str) -> None:
    await make(broker, "produce.dated.small", **{"max.message.bytes": "100"})
    with pytest.raises(BrokerError, match="refused a record"):
        await publish_dated(broker, "produce.dated.small", b"k", lambda at: b"x" * 200, lambda: 0)


@pytest.mark.kafka
async def test_a_missing_topic_is_named_and_not_made(broker: str) -> None:
    for _ in range(2):
        with pytest.raises(
            BrokerError, match=r"has no topic produce\.none; `metricland topics apply` makes it"
        ):
            await publish(broker, [("produce.none", b"k", b"v")])


@pytest.mark.kafka
async def test_a_record_that_the_topic_does_not_take(broker: str) -> None:
    await make(broker, "produce.small", **{"max.message.bytes": "10000"})
    with pytest.raises(BrokerError, match=r"refused a record: .*TooLarge"):
        await publish(broker, [("produce.small", b"k", b"x" * 20_000)])


@pytest.mark.kafka
async def test_a_record_larger_than_a_batch(broker: str) -> None:
    await make(broker, "produce.large", **{"max.message.bytes": "8388608"})
    value = b"x" * 2_000_000
    await publish(broker, [("produce.large", b"k", b"a"), ("produce.large", b"k", value)])
    assert [found for _, _, found in await content(broker, "produce.large")] == [b"a", value]


@pytest.mark.kafka
async def test_an_error_of_the_records_themselves_comes_through(broker: str) -> None:
    await make(broker, "produce.broken")

    def broken() -> Iterator[Record]:
        yield "produce.broken", b"k", b"v"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await publish(broker, broken())


async def test_nobody_there() -> None:
    with pytest.raises(BrokerError, match=r"^Can't reach Kafka at 127\.0\.0\.1:1: connection refused$"):
        await publish("kafka://127.0.0.1:1", [])


async def test_no_such_host() -> None:
    with pytest.raises(BrokerError, match=r"^Can't reach Kafka at no-host\.invalid:9092: [^\n]+$"):
        await publish("no-host.invalid:9092", [])


@pytest.mark.kafka
async def test_a_broker_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(produce, "PATIENCE", 2.0)
    async with EmbeddedBroker() as own:
        await make(own.bootstrap, "produce.gone")

        def records() -> Iterator[Record]:
            for number in range(4 * produce.CHUNK_RECORDS):
                if number == 2 * produce.CHUNK_RECORDS:
                    own.pause(1)
                yield "produce.gone", b"%d" % number, b"v"

        start = time.monotonic()
        told = r"^Kafka at \S+ took nothing for 2 s; at least 10,000 records were written before$"
        with pytest.raises(BrokerError, match=told):
            await publish(own.bootstrap, records())
        assert time.monotonic() - start < 10


async def test_somebody_there_who_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert produce.PATIENCE + produce.PARTING < 15
    monkeypatch.setattr(produce, "PATIENCE", 1.0)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(BrokerError, match=f"Kafka at 127.0.0.1:{port}"):
        await publish(f"127.0.0.1:{port}", [("t", b"k", b"v")])
    server.close()


@pytest.mark.kafka
@pytest.mark.slow
async def test_who_has_no_end_waits_for_a_broker_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For longer than a batch would be kept, with several of one partition."""
    monkeypatch.setattr(produce, "PATIENCE", 2.0)
    monkeypatch.setattr(produce, "NOTICE", 0.5)
    said: list[str] = []
    async with EmbeddedBroker(data_dir=tmp_path / "kafka") as own:
        await make(own.bootstrap, "produce.away")

        def records() -> Iterator[Record]:
            for number in range(4 * produce.CHUNK_RECORDS):
                if number == 2 * produce.CHUNK_RECORDS:
                    os.kill(own.pids[1], signal.SIGKILL)
                yield (
                    "produce.away",
                    b"one",
                    b"%d" % number + b"x" * 1000,
                )

        publishing = asyncio.create_task(publish(own.bootstrap, records(), say=said.append, endless=True))
        while not said:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await asyncio.sleep(3 * produce.PATIENCE)
        assert not publishing.done()
        await own.start(1)
        assert await publishing == 4 * produce.CHUNK_RECORDS
        assert said[0].startswith(f"waiting for Kafka at {own.bootstrap}: it has taken nothing for ")
        assert said[1].startswith(f"Kafka at {own.bootstrap} is back after ")
        found = await content(own.bootstrap, "produce.away")
        assert len({value for _, _, value in found}) == len(found) == 4 * produce.CHUNK_RECORDS
