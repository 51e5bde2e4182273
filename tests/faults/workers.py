"""Workers of a deployment: processes that a supervisor keeps running, as the product's command does."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from streams.asked import Asked
from streams.child import Child, module_command
from streams.crash import FATAL, UNAVAILABLE
from streams.kafka.watch import Watch, sentence
from streams.settings import Settings
from streams.supervisor import Supervisor
from tests.faults.failpoints import NEVER, Failpoint, arm
from tests.faults.process import CLOCK, FILE, SLOW

PATIENCE = 180.0
"""Seconds after which what has not come will not come. Nothing is slow enough on any machine to take that."""

POLL = 0.05

PAUSES = (0.5,) * 50
"""Faults may end a worker more often than a supervisor of the product would stand."""


@dataclass(frozen=True)
class Rig:
    """What makes processes fail: the file of their failpoints, and by how much their clock is wrong."""

    file: Path
    clock: float = 0.0


class Worker:
    """One seat of the processor: whatever ends its process, the supervisor starts another."""

    def __init__(self, settings: Settings, rig: Rig | None = None) -> None:
        self.said: list[str] = []
        "By all its processes."
        self.news: list[str] = []
        "Of its supervisor: how Kafka is."
        self.children: list[Child] = []
        self._settings = settings
        self._rig = rig
        self._asked = Asked()
        watch = Watch(settings.bootstrap, lambda news, outage: self.news.append(sentence(news, outage)))
        self._supervisor = Supervisor(self._start, 1, watch, pauses=PAUSES)
        self._readiness = 0
        self._run = asyncio.create_task(self._supervisor.run(self._asked))

    def _start(self, number: int) -> Child:
        module = "agents" if self._rig is None else "tests.faults.process"
        command, environment = module_command(module, "worker", "--process", str(number))
        if self._rig is not None:
            environment |= {FILE: str(self._rig.file), CLOCK: str(self._rig.clock)}
        self._readiness = self._count_ready()
        self.children.append(Child(command, self._settings, self.said.append, environment))
        return self.children[-1]

    @property
    def running(self) -> bool:
        """It has not been stopped, and did not give up."""
        return not self._run.done()

    @property
    def port(self) -> int:
        return self._settings.web.port

    @property
    def pids(self) -> list[int]:
        """Of the process, unless it is about to be started again."""
        return list(self._supervisor.pids.values())

    @property
    def exits(self) -> list[int]:
        """Codes of the processes that have ended, in order; negative those of a signal."""
        codes = (child.exit_code() for child in self.children)
        return [code for code in codes if code is not None]

    @property
    def reasons(self) -> list[str]:
        """Why processes ended that no signal had ended."""
        return [child.reason() for child in self.children if (child.exit_code() or 0) > 0]

    async def ready(self) -> None:
        """The running process has partitions and their state, or waits for some."""
        await self._until(lambda: self._count_ready() > self._readiness, "ready")

    async def owns(self, number: int) -> None:
        """The running process has got so many partitions."""
        await self._until(lambda: len(owned(self)) == number, f"owner of {number}")

    async def caught_up(self) -> None:
        """The running process says so itself."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while lag := [
            each for each in await self.metrics() if each[0].startswith("cx_consumer_lag") and each[1]
        ]:
            assert asyncio.get_running_loop().time() < end, f"still to be read: {lag}"
            await asyncio.sleep(POLL)

    def kill(self) -> bool:
        """The process, if one runs; its supervisor starts another."""
        self._readiness = self._count_ready()
        return self._signal(signal.SIGKILL)

    def pause(self) -> bool:
        return self._signal(signal.SIGSTOP)

    def resume(self) -> bool:
        return self._signal(signal.SIGCONT)

    async def fail(self, failpoint: Failpoint, patience: float = 10.0) -> bool:
        """Until a process has failed there, if it comes to that step within this time."""
        assert self._rig is not None
        fired = arm(self._rig.file, failpoint)
        end = asyncio.get_running_loop().time() + patience
        while not fired.exists() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
            await asyncio.sleep(POLL)
        return fired.exists()

    def slow(self) -> None:
        """Until it is to be calm."""
        assert self._rig is not None
        self._rig.file.with_suffix(SLOW).touch()

    def calm(self) -> None:
        """Nothing fails any more, nor is slow."""
        if self._rig is not None:
            arm(self._rig.file, NEVER)
            self._rig.file.with_suffix(SLOW).unlink(missing_ok=True)
        self.resume()

    async def stop(self) -> bool:
        """In good order, if a process runs."""
        ran = bool(self.pids)
        self._asked()
        await self._run
        assert self.exits[-1] in (0, -signal.SIGTERM, FATAL, UNAVAILABLE), self.words()
        return ran

    async def vanish(self) -> bool:
        """Process and supervisor at once, as when their machine goes; whether a process ran."""
        self._asked()
        self._asked()
        ran = self.resume()
        await asyncio.wait([self._run])
        return ran

    async def refused(self) -> str:
        """Why the supervisor gave up."""
        await self._until(lambda: self._run.done(), "given up")
        return str(self._run.exception())

    async def metrics(self) -> list[tuple[str, float]]:
        """What its process says of itself: series and values."""
        lines = (await asyncio.to_thread(_read, f"http://127.0.0.1:{self.port}/metrics")).splitlines()
        told = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return [(series, float(value)) for series, _, value in told]

    def words(self) -> str:
        return "\n".join(self.said[-40:])

    def _count_ready(self) -> int:
        return sum(" ready " in line for line in self.said)

    def _signal(self, number: signal.Signals) -> bool:
        """Whether there was a process to tell."""
        for pid in self.pids:
            os.kill(pid, number)
        return bool(self.pids)

    async def _until(self, holds: Callable[[], bool], what: str) -> None:
        end = asyncio.get_running_loop().time() + PATIENCE
        while not holds():
            late = asyncio.get_running_loop().time() > end
            assert not late and (self.running or holds()), f"the worker is not {what}:\n{self.words()}"
            await asyncio.sleep(POLL)


def _read(url: str) -> str:
    with urlopen(url, timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
    return text


def owned(worker: Worker) -> list[int]:
    """The partitions that a worker said it has, the last time."""
    said = next((line for line in reversed(worker.said) if " ready " in line), "partitions=[]")
    listed = said.split("partitions=[")[1].split("]")[0]
    return [int(number) for number in listed.split(",") if number.strip()]
