"""Keeps a worker's processes running, and gives up where that is of no use.

An outage of Kafka is no such case, however long it takes: what ends because of it is not counted, and is
started again when Kafka answers. Nothing is started while it is away.
"""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import structlog

from streams.asked import Asked
from streams.crash import REFUSES, UNAVAILABLE
from streams.errors import MetricLandError
from streams.kafka.watch import PAUSES as AWAY_PAUSES
from streams.kafka.watch import Outage

PAUSES = (1.0, 5.0, 15.0, 45.0)
"Seconds before a process that has exited is started again: together a minute, as a broker's restart takes."

SPAN = 600.0
"Seconds after which an exit is forgotten."

STEADY = 60.0
"Seconds after which one that ran has nothing to do with the pauses before."

ECHO = 60.0
"Seconds after an outage in which what ends is put down to it: a transaction may have been caught by it."

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

    def outage(self, word: str) -> None: ...


class Watch(Protocol):
    """Over Kafka."""

    @property
    def away(self) -> Outage | None: ...

    @property
    def there(self) -> bool: ...

    @property
    def back_at(self) -> float | None: ...

    @property
    def silence(self) -> str: ...

    def ask(self) -> int: ...

    def known(self, look: int) -> bool: ...

    async def run(self) -> NoReturn: ...


class Desk(Protocol):
    """Answers where a process would."""

    def answer(self, number: int, reason: Callable[[], str]) -> None: ...

    def leave(self, number: int) -> None: ...

    def close(self) -> None: ...


class NoDesk:
    def answer(self, number: int, reason: Callable[[], str]) -> None:
        pass

    def leave(self, number: int) -> None:
        pass

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class End:
    """Of a process; whether Kafka is away is known later."""

    code: int
    reason: str
    at: float
    look: int


@dataclass
class Seat:
    """The place of one process."""

    number: int
    due: float
    process: Process | None = None
    started: float = 0.0
    word: str = ""
    "What the process was told last of an outage."
    end: End | None = None
    "Of the last process, as long as it isn't known what to do about it."
    why: str = ""
    "Why none runs, after one did."
    exits: deque[float] = field(default_factory=deque)
    "When its processes exited, of late."
    away: int = 0
    "How many in a row found Kafka away."


class Supervisor:
    """`start` starts the process of a number. Nothing here waits: `look` is called again and again."""

    def __init__(
        self,
        start: Callable[[int], Process],
        processes: int,
        watch: Watch,
        *,
        desk: Desk | None = None,
        clock: Callable[[], float] = time.monotonic,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._start = start
        self._watch = watch
        self._desk = desk or NoDesk()
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
        watching = asyncio.create_task(self._watch.run())
        try:
            while not (self.stopping and not self.pids):
                if asked.times:
                    self.stop()
                if asked.times > 1:
                    self.kill()
                self.look()
                await asyncio.wait([watching], timeout=POLL)
                if watching.done():
                    watching.result()
        finally:
            self.kill()
            self._desk.close()
            watching.cancel()
        if self.failure is not None:
            raise self.failure

    def look(self) -> None:
        """Notice who has exited, start who is due."""
        now = self._clock()
        for seat in self._seats:
            self._look(seat, now)
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

    def _look(self, seat: Seat, now: float) -> None:
        if seat.process is not None and (code := seat.process.exit_code()) is not None:
            seat.end = End(code, seat.process.reason(), now, self._watch.ask())
            seat.why = f"waits to be started again: {seat.end.reason}"
            seat.process = None
        if (end := seat.end) is not None and (self.stopping or self._watch.known(end.look)):
            seat.end = None
            self._ended(seat, end)
        if seat.process is not None:
            self._pass_on(seat, seat.process)
        elif self.stopping:
            self._desk.leave(seat.number)
        elif seat.end is None and now >= seat.due and self._watch.there:
            self._desk.leave(seat.number)
            seat.process, seat.started, seat.word = self._start(seat.number), now, ""
        elif seat.why or self._watch.away is not None:
            self._desk.answer(seat.number, lambda: self._why(seat))

    def _pass_on(self, seat: Seat, process: Process) -> None:
        word = "" if (outage := self._watch.away) is None else outage.silence
        if word != seat.word:
            process.outage(word)
            seat.word = word

    def _why(self, seat: Seat) -> str:
        """No process runs, and nothing is ready."""
        return self._watch.silence if self._watch.away is not None else seat.why

    def _ended(self, seat: Seat, end: End) -> None:
        if self.stopping:
            if end.code not in (0, -signal.SIGTERM, -signal.SIGKILL):
                log.warning("did not stop in good order", process=seat.number, reason=end.reason)
            return
        if end.code == REFUSES:
            self._give_up(f"{self._name(seat)} refuses to work: {end.reason}")
        elif self._by_an_outage(end):
            self._wait(seat, end)
        else:
            self._count(seat, end)

    def _by_an_outage(self, end: End) -> bool:
        back_at = self._watch.back_at
        recent = back_at is not None and end.at - back_at < ECHO
        return end.code == UNAVAILABLE or self._watch.away is not None or recent

    def _wait(self, seat: Seat, end: End) -> None:
        """Where the supervisor finds Kafka there it may be so in part: then with growing pauses."""
        if end.at - seat.started >= STEADY:
            seat.away = 0
        pause = 0.0 if self._watch.away is not None else AWAY_PAUSES[min(seat.away, len(AWAY_PAUSES) - 1)]
        seat.away += 1
        seat.due = end.at + pause
        log.info("ended, starts again when Kafka answers", process=seat.number, reason=end.reason)

    def _count(self, seat: Seat, end: End) -> None:
        seat.away = 0
        seat.exits.append(end.at)
        while seat.exits[0] <= end.at - SPAN:
            seat.exits.popleft()
        if len(seat.exits) > len(self._pauses):
            times = f"{len(seat.exits)} times in {SPAN / 60:.0f} minutes"
            self._give_up(f"{self._name(seat)} ended {times}, the last time: {end.reason}")
            return
        pause = self._pauses[len(seat.exits) - 1]
        seat.due = end.at + pause
        log.warning("ended, starts again", process=seat.number, reason=end.reason, pause=pause)

    def _give_up(self, why: str) -> None:
        self.failure = MetricLandError(why)
        self.stop()

    def _name(self, seat: Seat) -> str:
        return "The worker" if len(self._seats) == 1 else f"Process {seat.number} of the worker"

    def _signal(self, number: signal.Signals) -> None:
        for seat in self._seats:
            if seat.process is not None:
                seat.process.signal(number)
