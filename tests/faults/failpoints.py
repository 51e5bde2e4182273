"""Faults inside a worker's process, at a step of its next checkpoints: a file arms them from outside."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

KILL, STALL, FREEZE = ACTIONS = ("kill", "stall", "freeze")
"""End as by a power cut; wait for ever in this one call; stop as a whole until somebody lets it go on."""


FIRED = ".fired"


@dataclass
class Failpoint:
    step: str
    action: str
    skip: int = 0
    "How often the step is passed before."

    def text(self) -> str:
        return f"{self.step} {self.action} {self.skip}"


NEVER = Failpoint("none", KILL)


def arm(file: Path, failpoint: Failpoint) -> Path:
    """The process takes the file away when it has seen it, and makes the one returned when it fails."""
    half, fired = file.with_suffix(".half"), file.with_suffix(FIRED)
    fired.unlink(missing_ok=True)
    half.write_text(failpoint.text())
    half.rename(file)
    return fired


class Failpoints:
    """What a process calls at each step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._armed: Failpoint | None = None

    async def __call__(self, step: str) -> None:
        if self._file.exists():
            name, action, skip = self._file.read_text().split()
            self._file.unlink()
            self._armed = Failpoint(name, action, int(skip))
        if self._armed is None or self._armed.step != step:
            return
        if self._armed.skip:
            self._armed.skip -= 1
            return
        action, self._armed = self._armed.action, None
        self._file.with_suffix(FIRED).touch()
        await _act(action)


async def _act(action: str) -> None:
    if action == STALL:
        await asyncio.sleep(3600)
    os.kill(os.getpid(), signal.SIGKILL if action == KILL else signal.SIGSTOP)
