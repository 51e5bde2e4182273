"""When processes are started again, when not, and how they are stopped: all by a clock of the test."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from streams.asked import Asked
from streams.crash import FATAL, REFUSES, UNAVAILABLE
from streams.kafka.watch import PAUSES as AWAY_PAUSES
from streams.kafka.watch import Outage
from streams.supervisor import ECHO, PATIENCE, PAUSES, SPAN, STEADY, Supervisor

SILENCE = "no answer from Kafka since 2026-11-22T09:00:00Z"
NINE = 1_795_338_000_000_000


@dataclass
class Process:
    number: int
    pid: int
    code: int | None = None
    why: str = "no disk"
    signals: list[signal.Signals] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def exit_code(self) -> int | None:
        return self.code

    def reason(self) -> str:
        return self.why

    def signal(self, number: signal.Signals) -> None:
        self.signals.append(number)
        if number == signal.SIGKILL:
            self.code = -number

    def outage(self, word: str) -> None:
        self.words.append(word)


class Watch:
    """Kafka is away when the test says so, and that is found by the next look."""

    def __init__(self) -> None:
        self.away: Outage | None = None
        self.back_at: float | None = None
        self.looks = 1
        self.at_once = True
        "Whoever asks knows at once."

    @property
    def there(self) -> bool:
        return self.looks > 0 and self.away is None

    @property
    def silence(self) -> str:
        return SILENCE

    def ask(self) -> int:
        return self.looks if self.at_once else self.looks + 1

    def known(self, look: int) -> bool:
        return self.looks >= look or self.away is not None

    async def run(self) -> NoReturn:
        raise ZeroDivisionError

    def loses(self) -> None:
        self.looks += 1
        self.away = Outage("k:9092", NINE, "connection refused", 0, first=False)

    def finds(self, now: float) -> None:
        self.looks += 1
        self.away, self.back_at = None, now


class Desk:
    def __init__(self) -> None:
        self.answers: dict[int, Callable[[], str]] = {}

    def answer(self, number: int, reason: Callable[[], str]) -> None:
        self.answers.setdefault(number, reason)

    def leave(self, number: int) -> None:
        self.answers.pop(number, None)

    def close(self) -> None:
        self.answers.clear()

    @property
    def told(self) -> dict[int, str]:
        return {number: reason() for number, reason in self.answers.items()}


class World:
    """Processes that end when told to, and time that passes when told to."""

    def __init__(self, processes: int = 1, *, watch: Watch | None = None) -> None:
        self.now = 1000.0
        self.started: list[Process] = []
        self.watch = watch or Watch()
        self.desk = Desk()
        self.supervisor = Supervisor(
            self._start, processes, self.watch, desk=self.desk, clock=lambda: self.now
        )
        self.supervisor.look()

    def _start(self, number: int) -> Process:
        assert number not in self.desk.answers, "its port is taken"
        self.started.append(Process(number, pid=100 + len(self.started)))
        return self.started[-1]

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.look()

    def exits(self, code: int = FATAL, number: int = 0) -> None:
        process = next(each for each in reversed(self.started) if each.number == number)
        process.code = code
        self.supervisor.look()

    def loses_kafka(self) -> None:
        self.watch.loses()
        self.supervisor.look()

    def finds_kafka(self) -> None:
        self.watch.finds(self.now)
        self.supervisor.look()


def test_all_are_started_at_once() -> None:
    world = World(processes=3)
    assert [process.number for process in world.started] == [0, 1, 2]
    assert world.supervisor.pids == {0: 100, 1: 101, 2: 102}


def test_one_that_exits_is_started_again_after_a_pause() -> None:
    world = World(processes=2)
    world.exits(number=1)
    assert world.supervisor.pids == {0: 100}
    world.after(PAUSES[0] - 0.01)
    assert len(world.started) == 2
    world.after(0.01)
    assert world.supervisor.pids == {0: 100, 1: 102}


def test_pauses_grow() -> None:
    assert list(PAUSES) == sorted(set(PAUSES))
    world = World()
    for number, pause in enumerate(PAUSES, 1):
        world.exits()
        world.after(pause - 0.01)
        assert len(world.started) == number
        world.after(0.01)
        assert len(world.started) == number + 1


def test_the_fifth_exit_in_ten_minutes_is_the_last() -> None:
    world = World(processes=2)
    for pause in PAUSES:
        world.exits()
        world.after(pause)
    assert world.supervisor.failure is None
    world.exits()
    assert str(world.supervisor.failure) == (
        "Process 0 of the worker ended 5 times in 10 minutes, the last time: no disk"
    )
    assert world.started[1].signals == [signal.SIGTERM], "the others write a last checkpoint"
    world.after(PAUSES[-1] * 10)
    assert len(world.started) == 6, "no more starts"


def test_an_exit_long_ago_is_forgotten() -> None:
    world = World()
    for _ in range(50):
        world.exits()
        world.after(SPAN / 4)
        assert world.supervisor.failure is None
    assert len(world.started) == 51


def test_exits_of_different_processes_are_not_added_up() -> None:
    world = World(processes=3)
    for pause in PAUSES:
        for number in range(3):
            world.exits(number=number)
        world.after(pause)
    assert world.supervisor.failure is None


def test_one_that_refuses_is_not_started_again() -> None:
    world = World()
    world.exits(REFUSES)
    assert str(world.supervisor.failure) == "The worker refuses to work: no disk"
    world.after(SPAN)
    assert len(world.started) == 1


def test_an_exit_in_good_order_counts_too() -> None:
    world = World()
    for pause in PAUSES:
        world.exits(0)
        world.after(pause)
    world.exits(0)
    assert world.supervisor.failure is not None


def test_stopping_lets_them_write_a_checkpoint_and_starts_no_more() -> None:
    world = World(processes=2)
    world.exits(number=1)
    world.supervisor.stop()
    world.supervisor.stop()
    assert world.started[0].signals == [signal.SIGTERM]
    world.after(PAUSES[0])
    world.exits(0)
    assert world.supervisor.pids == {}
    assert world.supervisor.failure is None


def test_one_that_does_not_stop_is_killed() -> None:
    world = World()
    world.supervisor.stop()
    world.after(PATIENCE - 0.01)
    assert world.started[0].signals == [signal.SIGTERM]
    with capture_logs() as logs:
        world.after(0.01)
    assert world.started[0].signals == [signal.SIGTERM, signal.SIGKILL]
    assert logs[0]["event"] == "not stopped in time, killed"


@pytest.mark.parametrize("code, told", [(FATAL, True), (0, False), (-signal.SIGTERM, False)])
def test_a_last_checkpoint_that_fails_is_told(code: int, told: bool) -> None:
    world = World()
    world.supervisor.stop()
    with capture_logs() as logs:
        world.exits(code)
    assert bool(logs) is told


def test_nothing_is_started_before_kafka_answers() -> None:
    watch = Watch()
    watch.looks = 0
    world = World(processes=2, watch=watch)
    assert world.desk.told == {}, "nobody knows yet"
    world.loses_kafka()
    world.after(86_400)
    assert world.started == []
    assert world.desk.told == {0: SILENCE, 1: SILENCE}
    world.finds_kafka()
    assert [process.number for process in world.started] == [0, 1]
    assert world.desk.told == {}


def test_an_outage_of_a_day_uses_up_nothing() -> None:
    world = World(processes=2)
    for _ in range(50):
        world.loses_kafka()
        world.exits(number=0)
        world.exits(-signal.SIGKILL, number=1)
        world.after(86_400)
        assert world.supervisor.pids == {}
        assert world.desk.told == {0: SILENCE, 1: SILENCE}
        world.finds_kafka()
        assert len(world.supervisor.pids) == 2
        world.after(ECHO)
    assert world.supervisor.failure is None
    for pause in PAUSES:
        world.exits()
        world.after(pause)
    assert world.supervisor.failure is None, "the budget is whole"
    world.exits()
    assert world.supervisor.failure is not None


def test_one_that_ends_before_kafka_is_known_to_be_away_is_not_counted() -> None:
    """What it ended with is judged by a look that began after its end."""
    world = World()
    world.watch.at_once = False
    for _ in range(10):
        world.exits()
        world.after(PAUSES[-1] * 10)
        assert world.supervisor.pids == {}, "nobody has looked yet"
        world.loses_kafka()
        assert world.desk.told == {0: SILENCE}
        world.finds_kafka()
        assert world.supervisor.failure is None
        world.after(ECHO)
        assert len(world.supervisor.pids) == 1


def test_one_that_ends_otherwise_is_counted_once_kafka_has_answered() -> None:
    world = World()
    world.watch.at_once = False
    for _ in range(len(PAUSES) + 1):
        world.exits()
        world.watch.looks += 1
        world.after(PAUSES[-1])
        world.after(PAUSES[-1])
    assert world.supervisor.failure is not None


def test_what_an_outage_has_caught_may_end_a_little_later() -> None:
    world = World()
    world.loses_kafka()
    world.finds_kafka()
    world.after(ECHO - 1)
    with capture_logs() as logs:
        world.exits()
    assert [entry["event"] for entry in logs] == ["ended, starts again when Kafka answers"]
    world.after(AWAY_PAUSES[0])
    assert len(world.started) == 2


def test_who_finds_kafka_away_in_part_is_started_again_without_end() -> None:
    """With growing pauses: the supervisor finds it there."""
    world = World()
    for pause in (*AWAY_PAUSES, AWAY_PAUSES[-1], AWAY_PAUSES[-1], AWAY_PAUSES[-1]):
        world.exits(UNAVAILABLE)
        world.after(pause - 0.01)
        assert world.supervisor.pids == {}
        world.after(0.01)
        assert len(world.supervisor.pids) == 1
    assert world.supervisor.failure is None
    world.after(STEADY)
    world.exits(UNAVAILABLE)
    world.after(AWAY_PAUSES[0])
    assert len(world.supervisor.pids) == 1, "pauses begin anew"


def test_one_that_refuses_does_so_in_an_outage_too() -> None:
    world = World()
    world.loses_kafka()
    world.exits(REFUSES)
    assert str(world.supervisor.failure) == "The worker refuses to work: no disk"


def test_running_processes_hear_of_an_outage_once() -> None:
    world = World(processes=2)
    world.after(10)
    world.loses_kafka()
    world.after(10)
    world.finds_kafka()
    world.after(10)
    assert [process.words for process in world.started] == [[SILENCE, ""]] * 2


def test_a_process_that_waits_is_answered_for() -> None:
    world = World(processes=2)
    world.exits(number=1)
    assert world.desk.told == {1: "waits to be started again: no disk"}
    world.loses_kafka()
    assert world.desk.told == {1: SILENCE}
    world.finds_kafka()
    world.after(PAUSES[0])
    assert world.desk.told == {}


def test_stopping_in_an_outage_leaves_nothing() -> None:
    world = World()
    world.loses_kafka()
    world.exits()
    world.supervisor.stop()
    world.supervisor.look()
    assert world.desk.told == {}
    world.finds_kafka()
    assert world.supervisor.pids == {}


async def test_a_watch_that_fails_is_no_silence() -> None:
    with pytest.raises(ZeroDivisionError):
        await World().supervisor.run(Asked())


async def test_an_end_is_heeded_while_kafka_is_away() -> None:
    class Blind(Watch):
        async def run(self) -> NoReturn:
            await asyncio.Event().wait()
            raise AssertionError

    watch = Blind()
    watch.loses()
    world = World(watch=watch)
    asked = Asked()
    asked()
    await asyncio.wait_for(world.supervisor.run(asked), 60)
    assert world.started == []
