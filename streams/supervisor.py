"""Keeps a worker's processes running, and gives up where that is of no use."""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from streams.asked import Asked
from streams.crash import REFUSES
from streams.errors import MetricLandError

PAUSES = (1.0, 5.0, 15.0, 45.0)
"Seconds before a process that has exited is started again: together a minute, as a broker's restart takes."

SPAN = 600.0
"Seconds after which an exit is forgotten."

PATIENCE = 30.0
"Seconds for the last checkpoint."

POLL = 0.05

log = structlog.get_logger()


class Process(Protocol):
    @property
    def pid(self) -> int: ...

    def exit_code(self) -> int | None: ...

    def reason(self) -> str: ...

    def signal(self, number: signal.Signals) -> None: ...


@dataclass
class Seat:
    """The place of one process."""

    number: int
    due: float
    process: Process | None = None
    exits: deque[float] = field(default_factory=deque)
    "When its processes exited, of late."


class Supervisor:
    """`start` starts the process of a number. Nothing here waits: `look` is called again and again."""

    def __init__(
        self,
        start: Callable[[int], Process],
        processes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._start = start
        self._clock = clock
        self._pauses = pauses
        self._seats = [Seat(number, due=clock()) for number in range(processes)]
        self._killed_at: float | None = None
        self.failure: MetricLandError | None = None

    @property
    def pids(self) -> dict[int, int]:
        """The running processes."""
        return {seat.number: seat.process.pid for seat in self._seats if seat.process is not None}

    @property
    def stopping(self) -> bool:
        return self._killed_at is not None

    async def run(self, asked: Asked) -> None:
        """Until an end is asked for. Raises what made it give up, when all processes have ended."""
        try:
            while not (self.stopping and not self.pids):
                if asked.times:
                    self.stop()
                if asked.times > 1:
                    self.kill()
                self.look()
                await asyncio.sleep(POLL)
        finally:
            self.kill()
        if self.failure is not None:
            raise self.failure

    def look(self) -> None:
        """Notice who has exited, start who is due."""
        now = self._clock()
        for seat in self._seats:
            if seat.process is not None and (code := seat.process.exit_code()) is not None:
                process, seat.process = seat.process, None
                self._exited(seat, process, code, now)
            if seat.process is None and not self.stopping and now >= seat.due:
                seat.process = self._start(seat.number)
        if self._killed_at is not None and self.pids and now >= self._killed_at:
            log.warning("not stopped in time, killed", processes=sorted(self.pids), seconds=PATIENCE)
            self.kill()

    def stop(self) -> None:
        """Let the processes write a last checkpoint."""
        if not self.stopping:
            self._killed_at = self._clock() + PATIENCE
            self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._killed_at = self._clock() + PATIENCE
        self._signal(signal.SIGKILL)

    def _exited(self, seat: Seat, process: Process, code: int, now: float) -> None:
        reason = process.reason()
        if self.stopping:
            if code not in (0, -signal.SIGTERM, -signal.SIGKILL):
                log.warning("did not stop in good order", process=seat.number, reason=reason)
            return
        seat.exits.append(now)
        while seat.exits[0] <= now - SPAN:
            seat.exits.popleft()
        if code == REFUSES:
            self._give_up(f"{self._name(seat)} refuses to work: {reason}")
        elif len(seat.exits) > len(self._pauses):
            times = f"{len(seat.exits)} times in {SPAN / 60:.0f} minutes"
            self._give_up(f"{self._name(seat)} ended {times}, the last time: {reason}")
        else:
            pause = self._pauses[len(seat.exits) - 1]
            seat.due = now + pause
            log.warning("ended, starts again", process=seat.number, reason=reason, pause=pause)

    def _give_up(self, why: str) -> None:
        self.failure = MetricLandError(why)
        self.stop()

    def _name(self, seat: Seat) -> str:
        return "The worker" if len(self._seats) == 1 else f"Process {seat.number} of the worker"

    def _signal(self, number: signal.Signals) -> None:
        for seat in self._seats:
            if seat.process is not None:
                seat.process.signal(number)
