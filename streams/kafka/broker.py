"""
The embedded broker: real Apache Kafka, on this machine only, as long as this process lives.

    async with EmbeddedBroker() as broker:                      # a free port, data thrown away
        AIOKafkaProducer(bootstrap_servers=broker.bootstrap)

    EmbeddedBroker(port=9092, data_dir=Path("kafka-data"))      # data kept
    EmbeddedBroker(nodes=3)                                     # kill(2), start(2), pause(3), resume(3)
"""

import asyncio
import logging
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from streams.errors import BrokerError
from streams.kafka.jars import Progress, java_executable, kafka_classpath
from streams.kafka.jvm import Jvm
from streams.kafka.node import Node
from streams.kafka.places import places
from streams.kafka.ready import answers
from streams.kafka.storage import kept_cluster_id, new_id, prepare
from streams.kafka.watchdog import Watchdog

log = logging.getLogger(__name__)

START_DEADLINE = 60.0
STOP_DEADLINE = 15.0
# Several nodes that leave together lose their quorum, and the leader waits 5 s for a successor. Only data
# that is kept is worth that.
STOP_DEADLINE_THROWAWAY = 2.0
KILL_DEADLINE = 10.0
READY_POLL_SECONDS = 0.05
CRASH_POLL_SECONDS = 0.5


class EmbeddedBroker:
    """Bound to no event loop: it may be started in one and stopped in another."""

    def __init__(
        self,
        *,
        nodes: int = 1,
        port: int = 0,
        data_dir: Path | None = None,
        heap: str = "512m",
        settings: Mapping[str, str] | None = None,
        progress: Progress = log.info,
    ) -> None:
        """
        `port` is the first node's, 0 for a free one. Without `data_dir` the data is thrown away at the end.
        `settings` are Kafka's own broker properties and win over ours.
        """
        self._count = nodes
        self._port = port
        self._data_dir = data_dir
        self._heap = heap
        self._settings = dict(settings or {})
        self._progress = progress
        self._nodes: dict[int, Node] = {}
        self._watchdog: Watchdog | None = None

    @property
    def bootstrap(self) -> str:
        return ",".join(node.place.address for node in self._nodes.values())

    @property
    def pids(self) -> dict[int, int]:
        """The running nodes' processes."""
        return {number: node.pid for number, node in self._nodes.items() if node.pid}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, node: int | None = None) -> None:
        """All nodes, until a client can use them; or one that was stopped or killed, at its old place."""
        if node is not None:
            await self._start([self._nodes[node]])
            return
        if self._nodes:
            raise BrokerError("The embedded broker is already started.")
        try:
            await self._start(await self._prepare())
        except BaseException:
            await self.stop()
            raise

    async def stop(self, node: int | None = None) -> None:
        """All nodes, and with them what is to be thrown away; or one, in good order."""
        leaving = [self._nodes[node]] if node is not None else list(self._nodes.values())
        await asyncio.gather(*(self._end(each) for each in leaving))
        self._tell_watchdog()
        if node is None and self._watchdog:
            await asyncio.to_thread(self._watchdog.dismiss)
            self._watchdog = None
            self._nodes = {}

    async def kill(self, node: int) -> None:
        """As a power cut would, except that what was written to files stays written."""
        self._nodes[node].signal(signal.SIGKILL)
        await self._nodes[node].exited(KILL_DEADLINE)
        self._tell_watchdog()

    def pause(self, node: int) -> None:
        self._nodes[node].pause()

    def resume(self, node: int) -> None:
        self._nodes[node].signal(signal.SIGCONT)

    async def crashed(self) -> NoReturn:
        """Waits until a node ends by itself, which is an error."""
        while True:
            for node in self._nodes.values():
                if not node.pid:
                    raise BrokerError(f"Kafka ended by itself, its log says:\n{node.complaint()}")
            await asyncio.sleep(CRASH_POLL_SECONDS)

    async def _prepare(self) -> list[Node]:
        classpath = await asyncio.to_thread(kafka_classpath, self._progress)
        jvm = Jvm(java_executable(), tuple(classpath), self._heap)
        directory = self._data_dir or Path(tempfile.mkdtemp(prefix="metricland-broker-"))
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._watchdog = Watchdog(directory, throwaway=self._data_dir is None)
            cluster = places(directory, self._count, self._port)
            cluster_id = kept_cluster_id(cluster[0]) or new_id()
            for place in cluster:
                await asyncio.to_thread(prepare, place, cluster, cluster_id, self._settings, jvm)
        except OSError as error:
            raise BrokerError(f"Can't use data directory {directory}: {error}") from error
        self._nodes = {place.node: Node(place, jvm) for place in cluster}
        return list(self._nodes.values())

    async def _start(self, starting: list[Node]) -> None:
        for node in starting:
            node.spawn()
        self._tell_watchdog()
        await asyncio.gather(*(_ready(node, len(self.pids)) for node in starting))

    async def _end(self, node: Node) -> None:
        deadline = STOP_DEADLINE if self._data_dir else STOP_DEADLINE_THROWAWAY
        node.signal(signal.SIGTERM)
        node.signal(signal.SIGCONT)  # a paused one would never hear of it
        if not await node.exited(deadline):
            if self._data_dir:
                log.warning("Kafka node %d did not stop within %.0f s, killed.", node.place.node, deadline)
            node.signal(signal.SIGKILL)
            await node.exited(KILL_DEADLINE)

    def _tell_watchdog(self) -> None:
        if self._watchdog:
            self._watchdog.watch(list(self.pids.values()))


async def _ready(node: Node, brokers: int) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + START_DEADLINE
    while not await answers(node.place, brokers):
        if not node.pid:
            raise BrokerError(f"Kafka ended while it started, its log says:\n{node.complaint()}")
        if loop.time() > end:
            raise BrokerError(f"Kafka is not ready after {START_DEADLINE:.0f} s:\n{node.complaint()}")
        await asyncio.sleep(READY_POLL_SECONDS)
