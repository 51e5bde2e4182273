"""
A deployment on real Kafka that faults are done to: worker processes, a feed of events, and what comes out.

    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=5):
            worker.kill()
            await worker.ready()
        await deployment.settled()
        deployment.check(events)
"""

import asyncio
import secrets
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from math import log2
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from agents.__main__ import PRODUCT
from streams.batch import Batch
from streams.intake import Intake
from streams.kafka.admin import Admin
from streams.kafka.produce import never_expires
from streams.kafka.read import read_all
from streams.kafka.topics import apply
from streams.kafka.watch import wall_clock
from streams.settings import load
from streams.state.plan import changelog
from streams.topics import specs
from tests.accounting import account
from tests.faults.observer import Observer, committed_offsets
from tests.faults.verdict import Compared, Verdict
from tests.faults.workers import PATIENCE, Rig, Worker
from tests.promise import Figures, Json, is_over, standing, sums, unequal

SESSION = 6.0
"""Seconds without a heartbeat after which a worker counts as gone: the least that brokers allow."""

TINY = 100
"""Bytes: less than any record of ours takes, more than a transaction's end."""

POLL = 0.4
PARTITIONS = 4
SOON = {"checkpoint.timeout": 5.0, "checkpoint.transaction_timeout": 10.0}
"Settings for tests in which what is missing is waited for in vain."


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> bool:
    """Whether it comes to hold within this time: it is about another process."""
    end = asyncio.get_running_loop().time() + patience
    while not (held := holds()) and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
        await asyncio.sleep(POLL)
    return held


class Deployment:
    """Topics, state and workers of one test alone."""

    def __init__(self, broker: str, directory: Path | None = None, **settings: Any) -> None:
        """`directory` is for the failpoints of rigged workers."""
        name = f"fault-{secrets.token_hex(4)}"
        self.settings = load(
            None,
            {
                "broker": f"kafka://{broker}",
                "application": name,
                "topics.prefix": f"{name}.",
                "topics.partitions": PARTITIONS,
                "consumer.session_timeout": SESSION,
                "consumer.heartbeat_interval": 0.5,
                **settings,
            },
            PRODUCT.settings,
        )
        self.catalogue = PRODUCT.catalogue_of(self.settings)
        self._intake = Intake(self.catalogue)
        self.workers: list[Worker] = []
        self.fed = 0
        "Events of the feed that have been sent."
        self.trimmed = False
        "Whether records were deleted from inputs."
        self.poisoned: list[tuple[str, int, int]] = []
        "Topic, partition and offset of the records that can't be used."
        self._whole = False
        self._directory = directory
        self.observer = self._observer()

    async def __aenter__(self) -> Self:
        await apply(self.settings.bootstrap, specs(self.catalogue, self.settings))
        await self.observer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(worker.vanish() for worker in self.workers))
        await self.observer.stop()

    @property
    def prefix(self) -> str:
        return self.settings.topics.prefix

    async def started_with(self, events: Sequence[Json]) -> Worker:
        """A worker that has taken these events."""
        worker = await self.start()
        await self.feed(events)
        await self.settled()
        return worker

    async def start(
        self, *, ready: bool = True, rigged: bool = False, clock: float = 0.0, **changed: Any
    ) -> Worker:
        """`changed` are settings of this worker alone."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        web = self.settings.web.model_copy(update={"port": port})
        rig = None
        if rigged:
            assert self._directory is not None
            rig = Rig(self._directory / f"worker-{len(self.workers)}", clock)
        worker = Worker(self.settings.model_copy(update={"web": web, **changed}), rig)
        self.workers.append(worker)
        if ready:
            await worker.ready()
        return worker

    def set(self, section: str, **values: Any) -> None:
        """Settings of the workers that start from now on."""
        changed = getattr(self.settings, section).model_copy(update=values)
        self.settings = self.settings.model_copy(update={section: changed})

    @asynccontextmanager
    async def feeding(self, events: Sequence[Json], seconds: float) -> AsyncIterator[None]:
        """The events are produced meanwhile, half of what is left in so many seconds; at the end the rest."""
        hurry = asyncio.Event()
        self._whole = False
        task = asyncio.create_task(self.feed(events, seconds, hurry))
        try:
            yield
        except BaseException:
            task.cancel()
            raise
        hurry.set()
        await task

    async def feed(
        self, events: Sequence[Json], seconds: float = 0.0, hurry: asyncio.Event | None = None
    ) -> None:
        loop, hurry = asyncio.get_running_loop(), hurry or asyncio.Event()
        async with self._producer() as producer:
            start, acks = loop.time(), []
            for number, event in enumerate(events):
                due = start + seconds * log2(len(events) / (len(events) - number))
                if (ahead := due - loop.time()) > 0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(hurry.wait(), ahead)
                value = msgspec.json.encode(event)
                topic = self.prefix + self._intake.place(value).domain
                acks.append(await producer.send(topic, value, event["subject"].encode()))
                self.fed = number + 1 if seconds else self.fed
            await asyncio.gather(*acks)
        self._whole = True

    async def progress(self, seconds: float) -> None:
        """Wait so long, and until figures have come since, or all events are fed."""
        await self.observer.read()
        before = self.observer.log.records
        await asyncio.sleep(seconds)
        async with asyncio.timeout(PATIENCE):
            while self.observer.log.records == before and not self._whole:
                await self.observer.read()
                await asyncio.sleep(POLL)

    async def put(
        self, topic: str, records: Iterable[tuple[bytes | None, bytes | None]], partition: int
    ) -> None:
        """Records as they are."""
        async with self._producer() as producer:
            for key, value in records:
                await producer.send_and_wait(self.prefix + topic, value, key, partition=partition)

    async def poison(self) -> None:
        """A record that can't be used, in every partition of every input."""
        async with self._producer() as producer:
            for domain in self.catalogue.domains:
                for number in range(PARTITIONS):
                    ack = await producer.send_and_wait(self.prefix + domain.name, b"{", partition=number)
                    self.poisoned.append((ack.topic, ack.partition, ack.offset))

    @asynccontextmanager
    async def refusing(self, topic: str) -> AsyncIterator[None]:
        """The broker takes no records of this topic meanwhile."""
        async with Admin(self.settings.bootstrap) as admin:
            await admin.set_configs({topic: {"max.message.bytes": str(TINY)}})
        try:
            yield
        finally:
            await apply(self.settings.bootstrap, specs(self.catalogue, self.settings))

    async def trim(self, before: Mapping[TopicPartition, int]) -> None:
        """Delete the records before these offsets; all that there are before -1."""
        self.trimmed = True
        admin = AIOKafkaAdminClient(bootstrap_servers=self.settings.bootstrap)
        await admin.start()
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        await admin.delete_records({tp: RecordsToDelete(at) for tp, at in before.items()})
                        return
                    except KafkaError as error:  # a node may just have gone
                        if not error.retriable:
                            raise
                        await asyncio.sleep(POLL)
        finally:
            await admin.close()

    @property
    def inputs(self) -> list[TopicPartition]:
        """All partitions of all of them."""
        names = [self.prefix + domain.name for domain in self.catalogue.domains]
        return [TopicPartition(name, number) for name in names for number in range(PARTITIONS)]

    async def gives_up(self, words: str, patience: float = PATIENCE) -> bool:
        """Whether a worker ends within this time with a reason that has these words."""
        told = self._reasons(words)
        return await until(lambda: self._reasons(words) > told, patience)

    def _reasons(self, words: str) -> int:
        return sum(words in reason for worker in self.workers for reason in worker.reasons)

    async def settled(self, patience: float = PATIENCE) -> None:
        """Until all is consumed and nothing more comes of it. Nothing must stand still for so long before."""
        loop = asyncio.get_running_loop()
        end, before = loop.time() + patience, None
        while True:
            await self.observer.read()
            behind = await self.behind()
            seen = behind, dict(self.observer.ends), self.observer.log.records
            if seen == before and not behind:
                return
            if seen != before:
                end, before = loop.time() + patience, seen
            words = "\n--\n".join(worker.words() for worker in self.workers)
            assert loop.time() < end, f"nothing moves for {patience} s, behind at {behind}:\n{words}"
            await asyncio.sleep(POLL)

    async def behind(self) -> dict[TopicPartition, tuple[int, int]]:
        """Where there is something to consume: committed offset and end."""
        committed = await self.committed()
        places = {tp: (committed.get(tp, 0), end) for tp, end in self.observer.ends.items()}
        return {tp: place for tp, place in places.items() if place[0] < place[1]}

    async def committed(self) -> dict[TopicPartition, int]:
        return await committed_offsets(self.settings.bootstrap, self.settings.application)

    def check(self, events: Iterable[Json | bytes]) -> None:
        """The promise: all figures are the batch's, and the log of figures has kept its rules."""
        self.check_figures(events)
        assert self.observer.log.breaches == []

    def check_figures(self, events: Iterable[Json | bytes]) -> None:
        """Those of all metrics but levels, at the latest event; one that is over may still be there."""
        retention = self.settings.pane_retention()
        batch = Batch(self.catalogue, self.settings.calendar(), retention)
        batch.take(each if isinstance(each, bytes) else msgspec.json.encode(each) for each in events)
        expected, latest = sums(batch.figures()), batch.latest
        assert latest is not None
        told = {
            key: figure
            for key, figure in sums(self.figures).items()
            if key in expected or not is_over(figure, latest, retention)
        }
        assert unequal(expected, told) == []
        assert len(standing(told)) > 100, "hardly anything was compared"

    async def agreed(self, events: Sequence[Json], patience: float = PATIENCE) -> Compared:
        """Settle, until all that is told is what the batch says at the end of the last hour; how much it is.

        When nothing comes any more, the clock still lets deadlines and the ends of hours pass. What differs
        when nothing was told for so long is a difference.
        """
        verdict = Verdict(map(msgspec.json.encode, events), self.catalogue, self.settings, wall_clock())
        loop = asyncio.get_running_loop()
        await self.settled()
        end, told = loop.time() + patience, self.observer.log.records
        while different := verdict.differences(self.observer):
            if self.observer.log.records != told:
                end, told = loop.time() + patience, self.observer.log.records
            assert loop.time() < end, f"{len(different)} differences: " + "; ".join(different[:10])
            await asyncio.sleep(POLL)
            await self.settled()
        assert min(verdict.compared) > 100, f"hardly anything was compared: {verdict.compared}"
        assert self.observer.log.breaches == []
        assert self.observer.signals.breaches == []
        return verdict.compared

    def check_letters(self) -> None:
        """Each record that can't be used was refused, once, and no other."""
        letters = Counter(
            (each["topic"], each["partition"], each["offset"]) for each in self.observer.letters
        )
        assert letters == Counter(self.poisoned)

    async def accounted(self) -> None:
        """Each record that was produced was accepted, a duplicate or refused: nothing is lost, or twice.

        Where records were deleted from inputs since, that can't be known any more.
        """
        if self.trimmed:
            return
        domains, bootstrap = self.catalogue.domains, self.settings.bootstrap
        produced = [
            record.value
            for domain in domains
            async for record in read_all(bootstrap, self.prefix + domain.name)
        ]
        rows: dict[str, dict[bytes, bytes | None]] = {domain.name: {} for domain in domains}
        for name, found in rows.items():
            async for record in read_all(bootstrap, changelog(self.settings.application, name)):
                found[record.key] = record.value
        account(
            self.catalogue,
            produced,
            {name: found.values() for name, found in rows.items()},
            len(self.observer.letters),
        ).check()

    @property
    def figures(self) -> Figures:
        return self.observer.log.figures

    async def rebuild(self) -> None:
        """From now on under another name, from the beginning of the log."""
        await self.observer.stop()
        update = {"application": f"{self.settings.application}-2"}
        self.settings = self.settings.model_copy(update=update)
        await apply(self.settings.bootstrap, specs(self.catalogue, self.settings))
        self.observer = self._observer()
        await self.observer.start()

    def _observer(self) -> Observer:
        domains = self.catalogue.domains
        inputs = [self.prefix + domain.name for domain in domains]
        signals = [self.prefix + topic for domain in domains for topic in domain.signal_topics]
        return Observer(self.settings.bootstrap, self.prefix, inputs, signals, PARTITIONS)

    def _producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=16 << 20,
        )
        never_expires(producer)
        return producer
