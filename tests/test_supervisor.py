"""When processes are started again, when not, and how they are stopped: all by a clock of the test."""

import signal
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from streams.crash import FATAL, REFUSES
from streams.supervisor import PATIENCE, PAUSES, SPAN, Supervisor


@dataclass
class Process:
    number: int
    pid: int
    code: int | None = None
    why: str = "no disk"
    signals: list[signal.Signals] = field(default_factory=list)

    def exit_code(self) -> int | None:
        return self.code

    def reason(self) -> str:
        return self.why

    def signal(self, number: signal.Signals) -> None:
        self.signals.append(number)
        if number == signal.SIGKILL:
            self.code = -number


class World:
    """Processes that end when told to, and time that passes when told to."""

    def __init__(self, processes: int = 1) -> None:
        self.now = 1000.0
        self.started: list[Process] = []
        self.supervisor = Supervisor(self._start, processes, clock=lambda: self.now)
        self.supervisor.look()

    def _start(self, number: int) -> Process:
        self.started.append(Process(number, pid=100 + len(self.started)))
        return self.started[-1]

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.look()

    def exits(self, code: int = FATAL, number: int = 0) -> None:
        process = next(each for each in reversed(self.started) if each.number == number)
        process.code = code
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
