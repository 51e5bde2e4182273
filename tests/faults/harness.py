"""
A deployment on real Kafka that faults are done to: worker processes, a feed of events, and what comes out.

    async with Deployment(broker) as deployment:
        worker = await deployment.start()
        async with deployment.feeding(events, seconds=5):
            worker.kill()
            await deployment.start()
        await deployment.settled()
        deployment.check(events)
"""

import asyncio
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.child import Child, module_command
from streams.kafka.topics import apply
from streams.settings import Settings, load
from streams.state.partition import MARK
from streams.topics import specs
from tests.promise import Figures, Json, MetricsLog, is_over, standing, sums, unequal

SESSION = 6.0
"""Seconds without a heartbeat after which a worker counts as gone: the least that brokers allow."""

PATIENCE = 60.0
POLL = 0.4
PARTITIONS = 4


async def committed_offsets(bootstrap: str, group: str) -> dict[TopicPartition, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # nobody has ever committed anything here
        return {}
    finally:
        await admin.close()
    return {tp: at.offset for tp, at in found.items()}


class Worker:
    """A process of the processor."""

    def __init__(self, settings: Settings) -> None:
        self.said: list[str] = []
        command, environment = module_command("agents", "worker", "--process", "0")
        self._child = Child(command, settings, self.said.append, environment)

    @property
    def exit_code(self) -> int | None:
        return self._child.exit_code()

    async def ready(self) -> None:
        """It has partitions and their state, or waits for some."""
        async with asyncio.timeout(PATIENCE):
            while not any(" ready " in line for line in self.said):
                assert self.exit_code is None, self.words()
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        self._child.signal(signal.SIGKILL)

    def pause(self) -> None:
        self._child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._child.signal(signal.SIGCONT)

    async def stop(self) -> None:
        """In good order."""
        self._child.signal(signal.SIGTERM)
        assert await self.ended() in (0, -signal.SIGTERM), self.words()

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            while (code := self.exit_code) is None:  # noqa: ASYNC110 - it is about another process
                await asyncio.sleep(0.05)
        return code

    def words(self) -> str:
        return "\n".join(self.said[-40:])


class Observer:
    """Reads all that is committed on a deployment's topics."""

    def __init__(self, bootstrap: str, prefix: str, inputs: Sequence[str]) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        self._consumed = [*inputs, f"{prefix}contributions"]
        self._metrics, self._letters = f"{prefix}metrics", f"{prefix}dead-letters"
        self.log = MetricsLog()
        self.letters: list[Json] = []
        self.ends: dict[TopicPartition, int] = {}
        "Where the processor must have come: behind the last record that is more than a watermark."

    async def start(self) -> None:
        await self._consumer.start()
        topics = (*self._consumed, self._metrics, self._letters)
        self._consumer.assign([TopicPartition(topic, n) for topic in topics for n in range(PARTITIONS)])

    async def stop(self) -> None:
        await self._consumer.stop()

    async def read(self) -> None:
        """All that is there now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        while any([await self._consumer.position(tp) < end for tp, end in ends.items()]):
            for tp, records in (await self._consumer.getmany(timeout_ms=100)).items():
                for record in records:
                    self._take(tp, record)

    def _take(self, tp: TopicPartition, record: Any) -> None:
        if tp.topic == self._metrics:
            self.log.take(tp.partition, record.key, record.value)
        elif tp.topic == self._letters:
            self.letters.append(msgspec.json.decode(record.value)["data"])
        elif record.key != MARK:
            self.ends[tp] = record.offset + 1


class Deployment:
    """Topics, state and workers of one test alone."""

    def __init__(self, broker: str, **settings: Any) -> None:
        name = f"fault-{secrets.token_hex(4)}"
        self.settings = load(
            overrides={
                "broker": f"kafka://{broker}",
                "application": name,
                "topics.prefix": f"{name}.",
                "topics.partitions": PARTITIONS,
                "consumer.session_timeout": SESSION,
                "consumer.heartbeat_interval": 0.5,
                **settings,
            }
        )
        self.workers: list[Worker] = []
        self.observer = self._observer()

    async def __aenter__(self) -> Self:
        await apply(self.settings.bootstrap, specs(CATALOGUE, self.settings))
        await self.observer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.resume()
            worker.kill()
        await self.observer.stop()

    @property
    def prefix(self) -> str:
        return self.settings.topics.prefix

    async def start(self, *, ready: bool = True) -> Worker:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        web = self.settings.web.model_copy(update={"port": port})
        worker = Worker(self.settings.model_copy(update={"web": web}))
        self.workers.append(worker)
        if ready:
            await worker.ready()
        return worker

    @asynccontextmanager
    async def feeding(self, events: Sequence[Json], seconds: float) -> AsyncIterator[None]:
        """The events are produced meanwhile, evenly over the time; what is left at the end comes at once."""
        hurry = asyncio.Event()
        task = asyncio.create_task(self.feed(events, seconds, hurry))
        try:
            yield
            assert not task.done(), "all events were fed before it was over"
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
                if (ahead := start + seconds * number / len(events) - loop.time()) > 0:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(hurry.wait(), ahead)
                topic = self.topic_of(event)
                acks.append(await producer.send(topic, msgspec.json.encode(event), event["subject"].encode()))
            await asyncio.gather(*acks)

    async def progress(self, seconds: float) -> None:
        """Wait so long, and until figures have come since."""
        await self.observer.read()
        before = self.observer.log.records
        await asyncio.sleep(seconds)
        async with asyncio.timeout(PATIENCE):
            while self.observer.log.records == before:
                await self.observer.read()
                await asyncio.sleep(POLL)

    async def put(
        self, topic: str, records: Iterable[tuple[bytes | None, bytes | None]], partition: int
    ) -> None:
        """Records as they are."""
        async with self._producer() as producer:
            for key, value in records:
                await producer.send_and_wait(self.prefix + topic, value, key, partition=partition)

    def topic_of(self, event: Json) -> str:
        return f"{self.prefix}{event['type'].split('.')[0]}s"

    async def settled(self, patience: float = PATIENCE) -> None:
        """Until all is consumed and nothing more comes of it."""
        loop = asyncio.get_running_loop()
        end, before = loop.time() + patience, None
        while True:
            await self.observer.read()
            behind = await self.behind()
            seen = None if behind else (dict(self.observer.ends), self.observer.log.records)
            if seen is not None and seen == before:
                return
            before = seen
            words = "\n--\n".join(worker.words() for worker in self.workers)
            assert loop.time() < end, f"not settled after {patience} s, behind at {behind}:\n{words}"
            await asyncio.sleep(POLL)

    async def behind(self) -> dict[TopicPartition, tuple[int, int]]:
        """Where there is something to consume: committed offset and end."""
        committed = await committed_offsets(self.settings.bootstrap, self.settings.application)
        places = {tp: (committed.get(tp, 0), end) for tp, end in self.observer.ends.items()}
        return {tp: place for tp, place in places.items() if place[0] < place[1]}

    def check(self, events: Iterable[Json | bytes]) -> None:
        """The promise: all figures are the batch's, and the log of figures has kept its rules."""
        self.check_figures(events)
        assert self.observer.log.breaches == []

    def check_figures(self, events: Iterable[Json | bytes]) -> None:
        """Those of all panes and metrics but levels; one that is over may still be there."""
        retention = self.settings.pane_retention()
        batch = Batch(CATALOGUE, self.settings.calendar(), retention)
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

    @property
    def figures(self) -> Figures:
        return self.observer.log.figures

    async def rebuild(self) -> None:
        """From now on under another name, from the beginning of the log."""
        await self.observer.stop()
        update = {"application": f"{self.settings.application}-2"}
        self.settings = self.settings.model_copy(update=update)
        await apply(self.settings.bootstrap, specs(CATALOGUE, self.settings))
        self.observer = self._observer()
        await self.observer.start()

    def _observer(self) -> Observer:
        inputs = [f"{self.prefix}{domain.name}" for domain in CATALOGUE.domains]
        return Observer(self.settings.bootstrap, self.prefix, inputs)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.settings.bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_request_size=16 << 20,
        )
