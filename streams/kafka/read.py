"""All that a topic has now."""

import time
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.errors import BrokerError
from streams.kafka.topics import describe

PATIENCE = 30.0
"Seconds without a record after which the broker counts as away."


async def read_all(bootstrap: str, topic: str) -> AsyncIterator[Any]:
    """The committed records up to the end that a topic has at the start, in order within a partition.

    Raises BrokerError.
    """
    found = await describe(bootstrap, [topic])
    if topic not in found:
        raise BrokerError(f"Kafka at {bootstrap} has no topic {topic}")
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    consumer.assign([TopicPartition(topic, number) for number in range(found[topic].partitions)])
    try:
        await consumer.start()
        todo: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
        last = time.monotonic()
        while todo := {tp: end for tp, end in todo.items() if await consumer.position(tp) < end}:
            for tp, records in (await consumer.getmany(*todo, timeout_ms=200)).items():
                for record in records:
                    if record.offset < todo[tp]:
                        yield record
                last = time.monotonic()
            if time.monotonic() - last > PATIENCE:
                raise BrokerError(f"Kafka at {bootstrap} gave nothing of {topic} for {PATIENCE:.0f} s")
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't read from Kafka at {bootstrap}: {error}") from error
    finally:
        await consumer.stop()
