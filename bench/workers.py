"""Workers of one application, each a process without its supervisor, so that its CPU is its own."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.measure import cpu_seconds, memory

PREFIX = "bench."
PARTITIONS = 4
LOOK = 0.02
"Seconds between looks whether a worker is ready."

PATIENCE = 120.0
"Seconds until workers are ready, at most."

PARTING = 30.0
"Seconds for a last checkpoint."


class Workers:
    """So many processes, of some metrics (see `bench.selection`)."""

    def __init__(
        self,
        bootstrap: str,
        application: str,
        *,
        number: int = 1,
        metrics: str = "",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = {
            **os.environ,
            "METRICLAND_BROKER": f"kafka://{bootstrap}",
            "METRICLAND_APPLICATION": application,
            "METRICLAND_TOPICS__PREFIX": PREFIX,
            "METRICLAND_LOG__LEVEL": "error",
            **(settings or {}),
        }
        self._command = (sys.executable, "-m", "bench.process", metrics)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ports = free_ports(number)

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            await asyncio.to_thread(process.wait, PARTING)

    def _start(self) -> None:
        for port in self._ports:
            environment = {**self._environment, "METRICLAND_WEB__PORT": str(port)}
            self._processes.append(subprocess.Popen(self._command, env=environment))

    def cpu(self) -> float:
        """Seconds of CPU since their start. Exits where one has ended."""
        for process in self._processes:
            if process.poll() is not None:
                raise SystemExit(f"A worker ended with {process.returncode}.")
        return sum(cpu_seconds(process.pid) for process in self._processes)

    async def ready(self) -> None:
        """Wait until each has its partitions and their state: now it takes events. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            for port in self._ports:
                while not await asyncio.to_thread(is_ready, port):
                    self.cpu()
                    await asyncio.sleep(LOOK)

    def ask(self, path: str) -> bytes:
        """What the first one answers."""
        with urlopen(f"http://127.0.0.1:{self._ports[0]}{path}", timeout=120) as answer:
            content: bytes = answer.read()
        return content

    def memory(self) -> int:
        return sum(memory(process.pid) for process in self._processes)


def is_ready(port: int) -> bool:
    """Whether the worker whose web pages are there has its partitions and their state."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def free_ports(number: int) -> list[int]:
    """Of this moment: nobody else may take them until the workers do."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in sockets]


class Committed:
    """How much of some topics a group has committed; always 0 of one that commits nothing."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str]) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
        )
        self._tps = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        self.start, self.stop = self._consumer.start, self._consumer.stop

    async def number(self) -> int:
        return sum([await self._consumer.committed(tp) or 0 for tp in self._tps])
