"""
The embedded broker: real Apache Kafka, on this machine only, as long as this process lives.

    async with EmbeddedBroker() as broker:          # a free port, data thrown away
        AIOKafkaProducer(bootstrap_servers=broker.bootstrap)

    EmbeddedBroker(port=9092, data_dir=Path("kafka-data"))      # data kept
    EmbeddedBroker(nodes=3)                                     # kill(2), pause(3), start(2): for fault tests
"""

import asyncio
import logging
import random
import signal
import socket
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.errors import BrokerError
from streams.kafka.jars import Progress, java_executable, kafka_classpath
from streams.kafka.node import Jvm, Node, new_id, read_cluster_id
from streams.kafka.properties import LOOPBACK, Place
from streams.kafka.ready import answers
from streams.kafka.watchdog import Watchdog

log = logging.getLogger(__name__)

START_DEADLINE = 60.0
STOP_DEADLINE = 15.0
KILL_DEADLINE = 10.0

# Below the range of outgoing connections, one of which could else take a port while its node is down.
FREE_PORTS = range(20_000, 32_000)


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
        `settings` are Kafka's own broker properties.
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
        """All nodes; or one that was stopped or killed, on its old port and data."""
        try:
            starting = [self._nodes[node]] if node else await self._prepare()
            for each in starting:
                each.spawn()
            self._tell_watchdog()
            await asyncio.gather(*(self._ready(each, len(self.pids)) for each in starting))
        except BaseException:
            if node is None:
                await self.stop()
            raise

    async def stop(self, node: int | None = None) -> None:
        """All nodes, and with them what is to be thrown away; or one, in good order."""
        leaving = [self._nodes[node]] if node else list(self._nodes.values())
        await asyncio.gather(*(_end(each) for each in leaving))
        self._tell_watchdog()
        if node is None and self._watchdog:
            await asyncio.to_thread(self._watchdog.dismiss)
            self._watchdog = None
            self._nodes = {}

    async def kill(self, node: int) -> None:
        self._nodes[node].signal(signal.SIGKILL)
        await self._nodes[node].exited(KILL_DEADLINE)
        self._tell_watchdog()

    def pause(self, node: int) -> None:
        self._nodes[node].signal(signal.SIGSTOP)

    def resume(self, node: int) -> None:
        self._nodes[node].signal(signal.SIGCONT)

    async def _prepare(self) -> list[Node]:
        if self._nodes:
            raise BrokerError("The embedded broker is already started.")
        classpath = await asyncio.to_thread(kafka_classpath, self._progress)
        jvm = Jvm(java_executable(), tuple(classpath), self._heap)
        directory = self._data_dir or Path(tempfile.mkdtemp(prefix="metricland-broker-"))
        self._watchdog = Watchdog(None if self._data_dir else directory)
        places = _places(directory, self._count, self._port)
        cluster_id = read_cluster_id(places[0]) or new_id()
        self._nodes = {place.node: Node(place, jvm) for place in places}
        for each in self._nodes.values():
            await asyncio.to_thread(each.prepare, places, cluster_id, self._settings)
        return list(self._nodes.values())

    async def _ready(self, node: Node, brokers: int) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + START_DEADLINE
        while not await answers(node.place, brokers):
            if not node.pid:
                raise BrokerError(f"Kafka ended while it started; {node.place.log} says:\n{node.complaint()}")
            if loop.time() > end:
                said = f"{node.place.log} says:\n{node.complaint()}"
                raise BrokerError(f"Kafka was not ready after {START_DEADLINE:.0f} s; {said}")
            await asyncio.sleep(0.05)

    def _tell_watchdog(self) -> None:
        if self._watchdog:
            self._watchdog.watch(list(self.pids.values()))


async def _end(node: Node) -> None:
    node.signal(signal.SIGTERM)
    node.signal(signal.SIGCONT)  # a paused one would never hear of it
    if not await node.exited(STOP_DEADLINE):
        log.warning("Kafka node %d did not stop within %.0f s, killed", node.place.node, STOP_DEADLINE)
        node.signal(signal.SIGKILL)
        await node.exited(KILL_DEADLINE)


def _places(directory: Path, nodes: int, port: int) -> list[Place]:
    kept = len(list(directory.glob("node-*")))
    if kept not in (0, nodes):
        raise BrokerError(f"{directory} holds a cluster of {kept} nodes, expected {nodes}.")
    if port and not _is_free(port):
        raise BrokerError(f"Port {port} of {LOOPBACK} is taken; choose another, or 0 for a free one.")
    free = iter(_free_ports(2 * nodes))
    return [
        Place(node, port if port and node == 1 else next(free), next(free), directory / f"node-{node}")
        for node in range(1, nodes + 1)
    ]


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        if _is_free(port := random.choice(FREE_PORTS)):
            ports.add(port)
    return list(ports)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Kafka's: TIME_WAIT doesn't hold it
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
