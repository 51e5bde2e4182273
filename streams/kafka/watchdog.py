"""Ends processes that outlive the one that started them, however it died."""

import fcntl
import os
import subprocess
import weakref
from pathlib import Path

from streams.errors import BrokerError

# The end of its input is the end of the parent: also a SIGKILL closes a pipe, on any Unix. (The kernel's
# parent-death signal would follow the thread that started a process, not the process.)
# What stops a whole group of processes stops it as well, so it heeds nothing else.
SCRIPT = """
trap '' HUP INT TERM
while read -r pids; do last=$pids; done
if [ -n "$last" ]; then kill -KILL $last 2>/dev/null; sleep 1; fi
if [ -n "$1" ]; then rm -rf -- "$1"; fi
"""


class Watchdog:
    """
    A small shell beside the processes, told by `watch` which they are. It holds their directory's lock, and
    removes the directory if it is a throwaway one, when it is dismissed as when the parent dies.
    """

    def __init__(self, directory: Path, *, throwaway: bool) -> None:
        lock = _lock(directory)
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", SCRIPT, "watchdog", str(directory) if throwaway else ""],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath},
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C in the terminal is not meant for it
            )
        finally:
            os.close(lock)
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


def _lock(directory: Path) -> int:
    """Kafka's own lock comes too late: a second one has then already written to the first one's log."""
    lock = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise BrokerError(f"Data directory {directory} is in use by another broker.") from error
    return lock


_watchdogs: weakref.WeakSet[Watchdog] = weakref.WeakSet()


def _close_copies() -> None:
    """A forked child holds a copy of the pipe, which would keep the watchdog waiting for it as well."""
    for watchdog in _watchdogs:
        watchdog.let_go()


os.register_at_fork(after_in_child=_close_copies)
