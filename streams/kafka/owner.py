"""The owner of one partition number: its transactional producer and its checkpoints."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from streams.crash import FATAL, crash
from streams.kafka.broker_clock import BrokerClock
from streams.kafka.output import Batches
from streams.kafka.pace import BEHIND, PARTS, Pace
from streams.kafka.steps import BEGUN, COMMITTED, FENCED, OFFSETS, SENDING, SENT, At, pass_by
from streams.settings import Settings
from streams.state.checkpoint import Half
from streams.state.partition import Partition

ROOM = 2 * BEHIND
"Checkpoints' worth of records that may be taken before one must be written: of bytes it is one."


LATE = 1 / 6
"Of its time that a checkpoint may take beside all else; what is left is its own."


@dataclass
class Progress:
    """What checkpoints did, for the exporter."""

    checkpoints: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0
    last_at: float | None = None
    records: int = 0


@dataclass
class Owner:
    """Owns one partition number from its fencing to its revocation.

    A checkpoint is one Kafka transaction: rows, contributions, figures, dead letters and offsets. One
    that fails, or takes too long, ends the process.
    """

    partition: Partition
    settings: Settings
    now: Callable[[], int]
    behind: Callable[[], bool]
    "Whether so much is left to read that nobody waits for what is read now."
    at: At = pass_by
    clock: BrokerClock = field(default_factory=BrokerClock)
    "Learns the broker's time from what is appended."
    exit_code: Callable[[], int] = lambda: FATAL
    "Of a process that can't write a checkpoint."
    progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        number, checkpoint = self.partition.number, self.settings.checkpoint
        self.producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            client_id=f"{self.settings.application}-{number}",
            transactional_id=f"{self.settings.application}-{number}",
            transaction_timeout_ms=int(checkpoint.transaction_timeout * 1000),
            max_batch_size=1 << 20,
            max_request_size=32 << 20,
            acks="all",
        )
        self._lock = asyncio.Lock()
        self._room = asyncio.Event()
        self._waiting = asyncio.Event()
        self._news = asyncio.Event()
        "A checkpoint may be due sooner."
        self._pace = Pace(checkpoint)
        self._runner: asyncio.Task[None] | None = None
        self._started: float | None = None
        "When the checkpoint began that is being written."

    async def fence(self) -> None:
        """Initialise the producer: a former owner can write no more."""
        await self.producer.start()
        await self.at(FENCED)

    def run(self) -> None:
        """Write a checkpoint whenever there is something to write and it is time."""
        self._runner = asyncio.create_task(self._run(), name=f"checkpoints-{self.partition.number}")

    async def park(self) -> None:
        """Stop writing, once what is being written is; the state stays in case the number comes back."""
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait([self._runner])
            self._runner = None
        async with self._lock:
            pass

    async def close(self) -> None:
        await self.park()
        await self.producer.stop()

    def taken(self) -> None:
        """Something was taken."""
        self._waiting.set()
        if self._pace.took(time.monotonic(), self.partition.unwritten_of) or self._are_many:
            self._news.set()

    async def room(self) -> None:
        """Wait until not too much is unwritten."""
        while self.partition.unwritten > ROOM * self.settings.checkpoint.events or self._is_much:
            self._room.clear()
            await self._room.wait()

    async def in_time(self) -> None:
        """Wait until no checkpoint is late: on a slow machine it is the taking that holds it up."""
        while (
            self._started is not None
            and time.monotonic() - self._started > LATE * self.settings.checkpoint.timeout
        ):
            self._room.clear()
            await self._room.wait()

    async def checkpoint(self, only: Half | None = None, *, prove: bool = False) -> None:
        """Write what is unwritten; with `prove` even nothing, to show that nobody else owned the number."""
        async with self._lock:
            self._waiting.clear()
            if not self.partition.unwritten and not prove:
                return
            self._started = started = time.monotonic()
            await self._write(only)
            self._started = None
            seconds = time.monotonic() - started
            self._measure(seconds)
            self._pace.lasted(seconds, only)
            if self.partition.unwritten:
                self._waiting.set()
            self._room.set()

    async def _write(self, only: Half | None) -> None:
        try:
            out = Batches(self.producer)
            offsets = self.partition.write(out, self.now(), only)
            self._pace.wrote(time.monotonic(), only)
            async with asyncio.timeout(self.settings.checkpoint.timeout):
                await self.producer.begin_transaction()
                await self.at(BEGUN)
                await out.send(lambda: self.at(SENDING))
                await self.at(SENT)
                # Not beside the records: Kafka looks whether the transaction goes on for one request of a
                # producer at a time and refuses the other, which aiokafka sends again after 100 ms.
                commit = self._commit(offsets)
                await self.producer.send_offsets_to_transaction(commit, self.settings.application)
                await self.at(OFFSETS)
                await self.producer.commit_transaction()
                await self.at(COMMITTED)
        except TimeoutError:
            crash(
                f"The checkpoint of partition {self.partition.number} was not written within "
                f"{self.settings.checkpoint.timeout:g} s (setting checkpoint.timeout)",
                code=self.exit_code(),
            )
        except ProducerFenced:
            crash(
                f"Partition {self.partition.number} was taken over or its transaction ended while this "
                "worker stood still (settings consumer.session_timeout, checkpoint.transaction_timeout)"
            )
        except BaseException as error:  # noqa: BLE001 - whatever it was, nothing may go on
            crash(
                f"The checkpoint of partition {self.partition.number} failed: {error!r}",
                code=self.exit_code(),
            )
        self._rest()
        self.progress.records += out.records
        self._learn_the_time(out)

    def _learn_the_time(self, out: Batches) -> None:
        """Of one topic alone, to each partition of which something is written every few seconds."""
        for each in out.appended:
            if each.topic == self.partition.plan.contributions:
                self.clock.observe(each.partition, each.timestamp * 1000, each.sent, each.acknowledged)

    def _rest(self) -> None:
        try:
            self.partition.committed()
        except Exception as error:  # noqa: BLE001 - whatever it was, nothing may go on
            crash(f"Rows of partition {self.partition.number} can't be put to rest in state.path: {error!r}")

    def _commit(self, offsets: dict[str, tuple[int, str]]) -> dict[TopicPartition, OffsetAndMetadata]:
        number = self.partition.number
        return {
            TopicPartition(topic, number): OffsetAndMetadata(offset, metadata)
            for topic, (offset, metadata) in offsets.items()
        }

    async def _run(self) -> None:
        try:
            while True:
                await self._waiting.wait()
                await asyncio.shield(self.checkpoint(await self._due()))
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody else writes checkpoints
            crash(f"Checkpoints of partition {self.partition.number} are no longer written: {error!r}")

    async def _due(self) -> Half | None:
        """Wait until a checkpoint is due: of which half, or of all (of which nothing may be left by then)."""
        look = self.settings.checkpoint.interval / PARTS
        while not self._are_many:
            self._news.clear()
            now, behind = time.monotonic(), self.behind()
            self._pace.took(now, self.partition.unwritten_of)
            due = self._pace.due(
                self.now() / 1e6,
                now,
                self.partition.unwritten,
                hurried=self.partition.hurried,
                behind=behind,
            )
            if not due:
                return None
            half = min(due, key=due.__getitem__)
            if due[half] <= now:
                return None if behind else half
            await self._news_within(min(look, due[half] - now))
        return None

    @property
    def _are_many(self) -> bool:
        unwritten, many = self.partition.unwritten, self.settings.checkpoint.events
        are_many = unwritten >= many and (unwritten >= BEHIND * many or not self.behind())
        return are_many or self._is_much

    @property
    def _is_much(self) -> bool:
        return self.partition.unwritten_bytes >= self.settings.checkpoint.bytes

    async def _news_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    def _measure(self, seconds: float) -> None:
        progress = self.progress
        progress.checkpoints += 1
        progress.seconds += seconds
        progress.last_seconds = seconds
        progress.last_at = time.monotonic()
