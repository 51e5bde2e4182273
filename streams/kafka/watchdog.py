"""Ends processes that outlive the one that started them, however it died."""

import os
import subprocess
import weakref
from pathlib import Path

# The end of its input is the end of the parent: also a SIGKILL closes a pipe, on any Unix. (The kernel's
# parent-death signal would follow the thread that started a process, not the process.)
SCRIPT = """
while read -r pids; do last=$pids; done
if [ -n "$last" ]; then kill -KILL $last 2>/dev/null; sleep 1; fi
if [ -n "$1" ]; then rm -rf -- "$1"; fi
"""


class Watchdog:
    """
    A small shell beside the processes, told by `watch` which they are. It also removes the throwaway
    directory, when it is dismissed as when the parent dies.
    """

    def __init__(self, throwaway: Path | None) -> None:
        command = ["/bin/sh", "-c", SCRIPT, "watchdog", str(throwaway or "")]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )
        _watchdogs.add(self)

    def watch(self, pids: list[int]) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{' '.join(map(str, pids))}\n".encode())
        self._process.stdin.flush()

    def dismiss(self) -> None:
        self.watch([])
        self.let_go()
        self._process.wait()

    def let_go(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()


_watchdogs: weakref.WeakSet[Watchdog] = weakref.WeakSet()


def _close_copies() -> None:
    """A forked child holds a copy of the pipe, which would keep the watchdog waiting for it as well."""
    for watchdog in _watchdogs:
        watchdog.let_go()


os.register_at_fork(after_in_child=_close_copies)
