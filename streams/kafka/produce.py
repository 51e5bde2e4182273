"""Records into topics: each of them once, in their order, and acknowledged by all replicas."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from streams.errors import BrokerAway, BrokerError
from streams.kafka.output import BY_THE_BROKER, Batches, RecordsRefused
from streams.kafka.partitioning import partition_of
from streams.kafka.reach import reach
from streams.kafka.topics import TopicInfo, describe
from streams.kafka.watch import AGAIN

Record = tuple[str, bytes, bytes]
"Topic, key, value."


class Whole(NamedTuple):
    """A record with all that it has; where there is no key the partition says where it belongs."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


R = TypeVar("R", Record, Whole)
T = TypeVar("T")

PATIENCE = 12.0
"Seconds without an acknowledgement after which the broker counts as away."

NOTICE = 3.0
"Seconds after which it is said that one is waited for; then again as the watch over Kafka does."

PARTING = 1.0
"Seconds for leaving a broker that no longer answers."

LARGEST_BATCH = 512 * 1024
"Half of what Kafka takes by default."

LARGEST_REQUEST = 32 * 2**20
"Of a single record that is larger: what it may be is up to the topic."

YEAR = 365 * 86_400

CHUNK_RECORDS = 5_000
CHUNK_BYTES = 2**20
"As much is on its way at once, so that a slow line can't be taken for a broker that is away."

AHEAD = 1_000_000
"Microseconds by which a clock may be ahead of the broker's."

TICK = 0.1
"Seconds between chunks, where a rate is given."


async def publish(
    broker: str,
    records: Iterable[Record],
    *,
    rate: float | None = None,
    progress: Callable[[int], None] = lambda written: None,
    say: Callable[[str], None] = lambda line: None,
    endless: bool = False,
) -> int:
    """How many records were written; `progress` is told the number of each chunk. Raises BrokerError.

    `broker` is `kafka://host:port[,host:port]`, `rate` the most records in a second. A broker that goes away
    meanwhile is waited for: `say` gets a line then; if it is `endless`, for as long as it takes.
    """
    bootstrap = broker.removeprefix("kafka://")
    await reach(bootstrap)
    written = 0
    wait = _Wait(bootstrap, say, endless=endless)
    try:
        async with _producer(bootstrap, endless=endless) as producer:
            pace = _Pace(rate)
            for chunk in _chunks(records, pace.chunk):
                await _send(producer, wait, chunk)
                written += len(chunk)
                progress(len(chunk))
                await pace.wait(written)
    except (TimeoutError, KafkaTimeoutError):
        raise _failed(bootstrap, f"took nothing for {PATIENCE:.0f} s", written) from None
    except (KafkaError, OSError, RecordsRefused) as error:
        raise _failed(bootstrap, f"refused a record: {error}", written) from error
    return written


async def publish_dated(
    broker: str,
    topic: str,
    key: bytes,
    value: Callable[[int], bytes],
    clock: Callable[[], int],
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Write one record whose value has its time (microseconds): by `clock`, or the broker's if that is ahead.

    `say` gets a line then; what has the wrong time is in a transaction that is aborted. Raises BrokerError.
    """
    bootstrap = broker.removeprefix("kafka://")
    await reach(bootstrap)
    wait = _Wait(bootstrap, say)
    try:
        async with _producer(bootstrap, transactional_id=f"metricland-{uuid.uuid4()}") as producer:
            number = partition_of(key, await _partitions(producer, wait, topic))

            async def append(at: int) -> Any:
                await producer.begin_transaction()
                ack: Awaitable[Any] = await wait.until(producer.send(topic, value(at), key, partition=number))
                return await wait.until(ack)

            appended = await append(at := clock())
            ahead = at - appended.timestamp * 1000
            if appended.timestamp_type == BY_THE_BROKER and ahead > AHEAD:
                say(f"the clock here is {ahead / 1e6:.0f} s ahead of Kafka's, whose time is taken")
                await wait.until(producer.abort_transaction())
                await append(at - ahead)
            await wait.until(producer.commit_transaction())
    except (TimeoutError, KafkaTimeoutError):
        raise _failed(bootstrap, f"took nothing for {PATIENCE:.0f} s", 0) from None
    except (KafkaError, OSError) as error:
        raise _failed(bootstrap, f"refused a record: {error!r}", 0) from error


async def put_back(
    broker: str,
    records: Sequence[Whole],
    progress: Callable[[int], None] = lambda written: None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Records into their topics, each where its key belongs; the rest as above. Raises BrokerError."""
    bootstrap = broker.removeprefix("kafka://")
    await reach(bootstrap)
    written = 0
    wait = _Wait(bootstrap, say)
    try:
        async with _producer(bootstrap) as producer:
            for chunk in _chunks(records, CHUNK_RECORDS):
                acks = [await _send_whole(producer, wait, record) for record in chunk]
                await wait.until(asyncio.gather(*acks))
                written += len(chunk)
                progress(len(chunk))
    except (TimeoutError, KafkaTimeoutError):
        raise _failed(bootstrap, f"took nothing for {PATIENCE:.0f} s", written) from None
    except (KafkaError, OSError) as error:
        raise _failed(bootstrap, f"refused a record: {error!r}", written) from error


def _failed(bootstrap: str, why: str, written: int) -> BrokerError:
    return BrokerError(f"Kafka at {bootstrap} {why}; at least {written:,} records were written before")


async def _send_whole(producer: AIOKafkaProducer, wait: "_Wait", record: Whole) -> Awaitable[Any]:
    partitions = await _partitions(producer, wait, record.topic)
    number = record.partition if record.key is None else partition_of(record.key, partitions)
    sending = producer.send(
        record.topic, record.value, record.key, partition=number, headers=list(record.headers)
    )
    ack: Awaitable[Any] = await wait.until(sending)
    return ack


class _Wait:
    """For Kafka to take what it is sent."""

    def __init__(self, bootstrap: str, say: Callable[[str], None], *, endless: bool = False) -> None:
        self.bootstrap = bootstrap
        self.endless = endless
        self._say = say

    async def until(self, taken: Awaitable[T]) -> T:
        """Raises TimeoutError when it is in vain."""
        clock = asyncio.get_running_loop().time
        start, said, notice = clock(), False, NOTICE
        waiting = asyncio.ensure_future(taken)
        try:
            while not waiting.done():
                left = notice if self.endless else min(notice, start + PATIENCE - clock())
                await asyncio.wait([waiting], timeout=left)
                if waiting.done():
                    break
                if not self.endless and clock() - start >= PATIENCE:
                    raise TimeoutError
                self._say(
                    f"waiting for Kafka at {self.bootstrap}: it has taken nothing for {clock() - start:.0f} s"
                )
                said, notice = True, AGAIN
        finally:
            waiting.cancel()
        if said:
            self._say(f"Kafka at {self.bootstrap} is back after {clock() - start:.0f} s")
        return await waiting


class _Pace:
    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self.chunk = CHUNK_RECORDS if rate is None else max(1, min(CHUNK_RECORDS, int(rate * TICK)))

    async def wait(self, written: int) -> None:
        if self._rate is not None:
            await asyncio.sleep(self._start + written / self._rate - self._loop.time())


def never_expires(producer: AIOKafkaProducer) -> None:
    """Have an idempotent producer take and keep records through an outage.

    It tries a batch again for as long as it knows its leader. But it takes no more of a partition while one
    waits for longer than a request may take. And after a restart a broker may know of no leader for a moment:
    then it would give up those that have waited so long.
    """
    producer._request_timeout_ms = YEAR * 1000
    producer._message_accumulator._batch_ttl = YEAR


@asynccontextmanager
async def _producer(
    bootstrap: str, *, endless: bool = False, transactional_id: str | None = None
) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap.split(","),
        acks="all",
        enable_idempotence=True,
        max_batch_size=LARGEST_BATCH,
        max_request_size=LARGEST_REQUEST,
        request_timeout_ms=int(PATIENCE * 1000),
        transactional_id=transactional_id,
        transaction_timeout_ms=int(PATIENCE * 1000),
    )
    if endless:
        never_expires(producer)
    try:
        await _start(producer, bootstrap)
        yield producer
    except BaseException:
        # It would wait for ever: an idempotent producer never gives a batch up.
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(producer.stop(), PARTING)
        await producer.client.close()
        raise
    await producer.stop()


async def _start(producer: AIOKafkaProducer, bootstrap: str) -> None:
    try:
        await asyncio.wait_for(producer.start(), PATIENCE)
    except TimeoutError:
        raise BrokerError(f"Kafka at {bootstrap} didn't answer within {PATIENCE:.0f} s") from None
    except KafkaError as error:
        raise BrokerError(f"Can't reach Kafka at {bootstrap}: {error}") from error


def _chunks(records: Iterable[R], most: int) -> Iterator[list[R]]:
    chunk: list[R] = []
    size = 0
    for record in records:
        chunk.append(record)
        value = record.value if isinstance(record, Whole) else record[2]
        size += len(value or b"")
        if len(chunk) >= most or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


async def _send(producer: AIOKafkaProducer, wait: _Wait, chunk: list[Record]) -> None:
    batches: Any = Batches(producer)
    partitions = {topic: await _partitions(producer, wait, topic) for topic in {each[0] for each in chunk}}
    for topic, key, value in chunk:
        batches.to(topic, partition_of(key, partitions[topic]))(key, value)
    await wait.until(batches.send())


async def _partitions(producer: AIOKafkaProducer, wait: _Wait, topic: str) -> int:
    """Asked of the cluster first: the producer would make a topic that is missing, with any settings."""
    known = producer.client.cluster.partitions_for_topic(topic)
    if known is None:
        found = await wait.until(_described(wait, topic))
        if topic not in found:
            raise BrokerError(
                f"Kafka at {wait.bootstrap} has no topic {topic}; `metricland topics apply` makes it"
            )
        known = await producer.partitions_for(topic)
    return len(known)


async def _described(wait: _Wait, topic: str) -> dict[str, TopicInfo]:
    while True:
        try:
            return await describe(wait.bootstrap, [topic], request_timeout_ms=int(PATIENCE * 1000))
        except BrokerAway:
            if not wait.endless:
                raise
            await asyncio.sleep(NOTICE)
