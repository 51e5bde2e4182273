"""One Kafka node: a JVM of its own."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from streams.kafka.jvm import Jvm
from streams.kafka.places import Place

LINES_QUOTED = 12
POLL_SECONDS = 0.02


class Node:
    def __init__(self, place: Place, jvm: Jvm) -> None:
        self.place = place
        self._jvm = jvm
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """None when it isn't running. It is reaped here only, so the number can't have become another's."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def spawn(self) -> None:
        self._log_start = self.place.log.stat().st_size if self.place.log.exists() else 0
        command = self._jvm.command("kafka.Kafka", str(self.place.properties), logging=self.place.logging)
        with self.place.console.open("wb") as console:
            self._process = subprocess.Popen(
                command,
                env=self._jvm.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is ours to handle: clients go first
            )

    def signal(self, number: signal.Signals) -> None:
        if self._process and self.pid:
            self._process.send_signal(number)

    def pause(self) -> None:
        """Returns when all its threads stand still: one of them may go on for a moment after the signal."""
        if pid := self.pid:
            self.signal(signal.SIGSTOP)
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    async def exited(self, deadline: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + deadline
        while self.pid:
            if loop.time() >= end:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def complaint(self) -> str:
        """The first error since it was spawned and what follows it, else the last lines; no stack traces."""
        said = _lines(self.place.log, self._log_start) + _lines(self.place.console, 0)
        lines = [line for line in said if not line.startswith("\tat ")]
        first = next((n for n, line in enumerate(lines) if " ERROR " in line or " FATAL " in line), None)
        quoted = lines[-LINES_QUOTED:] if first is None else lines[first : first + LINES_QUOTED]
        return "\n".join(f"  {line}" for line in quoted)


def _lines(file: Path, start: int) -> list[str]:
    if not file.exists():
        return []
    content = file.read_bytes()
    since = content[start:] if start <= len(content) else content  # shorter: the log has been rolled
    return since.decode(errors="replace").splitlines()
