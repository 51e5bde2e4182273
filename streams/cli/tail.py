"""`tail`: the records of a topic, as they come."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from streams.cli.options import Broker, Config, Json, settings_of
from streams.cli.output import tell
from streams.cli.text import record_json, record_text
from streams.cli.waiting import with_kafka
from streams.errors import BrokerAway, BrokerError
from streams.kafka.topics import describe
from streams.kafka.watch import Watch
from streams.settings import Settings

POLL = 0.2

T = TypeVar("T")

Topic = Annotated[str, typer.Argument(metavar="TOPIC", help="With or without the prefix.")]
FromBeginning = Annotated[
    bool, typer.Option("--from-beginning", help="All records there are, not only those that come.")
]
UntilIdle = Annotated[
    float | None,
    typer.Option("--until-idle", metavar="SECONDS", min=0.0, help="End when so long none has come."),
]


def tail(
    context: typer.Context,
    topic: Topic,
    from_beginning: FromBeginning = False,
    until_idle: UntilIdle = None,
    config: Config = None,
    broker: Broker = None,
    as_json: Json = False,
) -> None:
    """Show the records of a topic as they come, those of committed transactions only. Kafka is waited for.

    \b
    metricland tail metrics
    metricland tail tickets --from-beginning --until-idle 2
    metricland tail dead-letters --json | jq .value.data.reason
    """
    settings = settings_of(context, config, {"broker": broker})
    try:
        asyncio.run(_tail(settings, topic, from_beginning, until_idle, as_json))
    except KeyboardInterrupt:
        return


async def _tail(
    settings: Settings, topic: str, from_beginning: bool, until_idle: float | None, as_json: bool
) -> None:
    show = record_json if as_json else record_text

    async def work(watch: Watch) -> None:
        partitions = await _retried(lambda: _partitions(settings, topic), watch, until_idle)
        async for records in _read(settings, partitions, watch, from_beginning, until_idle):
            for record in sorted(records, key=lambda record: record.timestamp):
                tell(show(record))
            sys.stdout.flush()

    await with_kafka(settings.bootstrap, work, endless=until_idle is None)


async def _retried(attempt: Callable[[], Awaitable[T]], watch: Watch, until_idle: float | None) -> T:
    """Its outcome, though Kafka may go away in this very moment."""
    while True:
        try:
            return await attempt()
        except (BrokerAway, KafkaConnectionError):
            if until_idle is not None:
                raise
            await watch.until_there()


async def _partitions(settings: Settings, topic: str) -> list[TopicPartition]:
    names = list(dict.fromkeys((topic, settings.topics.prefix + topic)))
    found = await describe(settings.bootstrap, names)
    for name in names:
        if name in found:
            return [TopicPartition(name, number) for number in range(found[name].partitions)]
    raise BrokerError(f"Kafka at {settings.bootstrap} has no topic {' or '.join(names)}.")


async def _read(
    settings: Settings,
    partitions: Sequence[TopicPartition],
    watch: Watch,
    from_beginning: bool,
    until_idle: float | None,
) -> AsyncIterator[list[ConsumerRecord[Any, Any]]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest" if from_beginning else "latest",
        enable_auto_commit=False,
    )
    consumer.assign(partitions)
    try:
        await _retried(consumer.start, watch, until_idle)
        clock = asyncio.get_running_loop().time
        last = clock()
        while until_idle is None or clock() - last < until_idle:
            if found := await consumer.getmany(timeout_ms=int(POLL * 1000)):
                yield [record for records in found.values() for record in records]
            if found or watch.away is not None:
                last = clock()
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't read from Kafka at {settings.bootstrap}: {error}") from error
    finally:
        await consumer.stop()
