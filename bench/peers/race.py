"""Runs a program until it has done the job, and sees that it has."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.measure import cpu_seconds
from bench.peers.job import Windows
from bench.peers.programs import Program
from bench.workers import PARTITIONS, Committed, free_ports
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.topics import TopicSpec, apply

POLL = 0.1
LEAST = 2.0
"Seconds without the start that tell a rate: programs commit once a second, at some moment of it."

PATIENCE = 900.0
"Seconds for one run."

PARTING = 10.0
"Seconds for a program to end when it is asked to."


class Wrong(Exception):
    """A program has not done what it was to do."""


@dataclass(frozen=True)
class Run:
    """Of a process from its start to the last event; seconds, also of CPU."""

    events: int
    seconds: float
    cpu: float
    broker: float

    def told(self, start: float) -> dict[str, float]:
        """Events a second without the seconds of its start; CPU with it. Raises Wrong."""
        if (seconds := self.seconds - start) < LEAST:
            raise Wrong(f"{self.events:,} events took {seconds:.1f} s: too few, expected {LEAST:g} s")
        return {
            "rate": self.events / seconds,
            "start_seconds": start,
            "cpu_per_million": self.cpu / self.events * 1e6,
            "broker_cpu_per_million": self.broker / self.events * 1e6,
        }


@dataclass(frozen=True)
class Input:
    prefix: str
    "Of its topic."
    events: int
    windows: Windows
    "What must come of it."

    @property
    def topic(self) -> str:
        return f"{self.prefix}tickets"


class Course:
    """One program over one input, under a name of its own."""

    def __init__(self, broker: EmbeddedBroker, program: Program, run: str, input_: Input) -> None:
        self.program = program
        self.name = f"{program.name}-{run}"
        self._broker = broker
        self._input = input_
        self._output = f"{self.name}-windows"
        self._told = program.told_on.format(name=self.name, output=self._output, prefix=input_.prefix)

    async def run(self) -> Run:
        """To the end of the input. Raises Wrong."""
        output = TopicSpec(self._output, PARTITIONS, {"cleanup.policy": "compact"})
        await apply(self._broker.bootstrap, [output])
        with tempfile.TemporaryDirectory(prefix="bench-") as directory:
            results = Results(self._broker.bootstrap, self._told, self.program)
            await results.start()
            begun = time.monotonic()
            process = Process(self.program.command(), self._environment(directory), Path(directory, "log"))
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._watch(process, results, begun)
            except (Wrong, TimeoutError) as error:
                raise Wrong(f"{self.name}: {error!r}; it said:\n{process.said()}") from error
            finally:
                process.end()
                await results.stop()

    def _environment(self, directory: str) -> Mapping[str, str]:
        """Ours reads its settings; the others their own few variables."""
        return {
            **os.environ,
            "PEER_NAME": self.name,
            "PEER_BROKER": self._broker.bootstrap,
            "PEER_INPUT": self._input.topic,
            "PEER_OUTPUT": self._output,
            "PEER_DIRECTORY": directory,
            "METRICLAND_BROKER": f"kafka://{self._broker.bootstrap}",
            "METRICLAND_APPLICATION": self.name,
            "METRICLAND_TOPICS__PREFIX": self._input.prefix,
            "METRICLAND_METRICS__PUBLISH_MINUTES": "true",
            "METRICLAND_RETENTION__MINUTE": "1d",
            "METRICLAND_WEB__PORT": str(free_ports(1)[0]),
            "METRICLAND_LOG__LEVEL": "error",
        }

    async def _watch(self, process: "Process", results: "Results", begun: float) -> Run:
        events, expected = self._input.events, self._input.windows
        committed = Committed(self._broker.bootstrap, self.name, [self._input.topic])
        await committed.start()
        before, differs = self._broker_cpu(), ""
        try:
            while True:
                ended, done = process.ended(), await committed.number()
                await results.read()
                if (self.program.ends or done >= events) and not (differs := results.differ(expected)):
                    break
                if ended:
                    raise Wrong(f"it ended with {ended} though {differs or 'not all is committed'}")
                await asyncio.sleep(POLL)
            return Run(events, time.monotonic() - begun, process.cpu(), self._broker_cpu() - before)
        finally:
            await committed.stop()

    def _broker_cpu(self) -> float:
        return sum(map(cpu_seconds, self._broker.pids.values()))


class Process:
    """A program, and what it says, in a file."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as said:
            self._process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)

    def cpu(self) -> float:
        return cpu_seconds(self._process.pid)

    def ended(self) -> str:
        """With which code; empty while it runs. Its CPU can still be read then."""
        found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return f"code {found.si_status}" if found is not None else ""

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PARTING)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Results:
    """The last record of each window in one run, as a reader of the topic has it."""

    def __init__(self, bootstrap: str, topic: str, program: Program) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
        self._tps = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        self._program = program
        self._last: dict[bytes, bytes] = {}
        self.stop = self._consumer.stop
        self._since: dict[TopicPartition, int] = {}
        self._ready = False

    async def start(self) -> None:
        """What is told already is of another run."""
        await self._consumer.start()
        if await self._is_there():
            self._since = await self._consumer.end_offsets(self._tps)

    async def read(self) -> None:
        """All that is there. Its topic may be one that the program makes."""
        if not self._ready:
            if not await self._is_there():
                return
            self._consumer.assign(self._tps)
            for tp in self._tps:
                self._consumer.seek(tp, self._since.get(tp, 0))
            self._ready = True
        while fetched := await self._consumer.getmany(timeout_ms=50):
            for records in fetched.values():
                self._last.update((record.key, record.value) for record in records)

    async def _is_there(self) -> bool:
        return self._tps[0].topic in await self._consumer.topics()

    def differ(self, expected: Windows) -> str:
        """What is otherwise than it must be; empty where nothing is."""
        if len(self._last) < len(expected):
            return f"only {len(self._last)} of {len(expected)} windows were told"
        found = dict(filter(None, (self._program.read(*told) for told in self._last.items())))
        if found == expected:
            return ""
        wrong = [name for name in expected if found.get(name) != expected[name]]
        names = [f"{name}: {found.get(name)}, expected {expected[name]}" for name in wrong[:3]]
        return f"{len(wrong)} of {len(expected)} windows differ, {len(found)} were told: {names}"
