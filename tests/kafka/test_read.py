"""Reading all that topics have: committed or not, from where they begin, with how far it has come."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition

from streams.errors import BrokerError
from streams.kafka.read import read_all, reading

pytestmark = pytest.mark.kafka


async def written(broker: str, topic: str) -> None:
    """Nine records, of which the last transaction's three were never committed, and the first one is gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    producer = AIOKafkaProducer(bootstrap_servers=broker, transactional_id=topic)
    try:
        await admin.create_topics([NewTopic(topic, 2, 1)])
        await producer.start()
        for transaction in range(3):
            await producer.begin_transaction()
            for number in range(3):
                value = f"{transaction}{number}".encode()
                await producer.send_and_wait(topic, value, partition=number % 2)
            await (producer.abort_transaction() if transaction == 2 else producer.commit_transaction())
        await admin.delete_records({TopicPartition(topic, 1): RecordsToDelete(before_offset=1)})
    finally:
        await producer.stop()
        await admin.close()


async def test_what_was_never_committed_is_read_where_that_is_wanted(broker: str) -> None:
    await written(broker, "read.some")
    for committed, expected in ((True, 5), (False, 8)):
        values, passed = [], 0

        def advance(more: int) -> None:
            nonlocal passed
            passed += more

        async with reading(broker, ["read.some", "read.none"], committed=committed) as logs:
            total = logs.left
            async for topic, records in logs.batches(advance):
                assert topic == "read.some"
                values += [record.value for record in records]
            assert logs.left == 0
        assert len(values) == expected
        assert (b"20" in values) is not committed
        assert b"01" not in values, "what was deleted is not waited for"
        assert passed == total >= expected


async def test_of_topics_that_are_not_there_nothing_is_read(broker: str) -> None:
    async with reading(broker, ["read.none"]) as logs:
        assert logs.left == 0
        assert [each async for each in logs.batches()] == []
    with pytest.raises(BrokerError, match=r"has no topic read\.none"):
        await anext(read_all(broker, "read.none"))


async def test_a_broker_that_is_away() -> None:
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1"):
        async with asyncio.timeout(30), reading("127.0.0.1:1", ["read.some"]):
            pass
