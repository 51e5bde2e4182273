"""A worker process: how its supervisor starts it, speaks to it and hears of it, and how it heeds its end.

Its standard input brings it one line with its settings, then one at each change with what the supervisor says
of an outage of Kafka (an empty one when it is over). The end of that pipe is the supervisor's end, which also
a SIGKILL brings about.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from io import FileIO
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
from pydantic import SecretStr

from streams.crash import crash
from streams.last_words import LastWords
from streams.settings import Settings

HEARD_WITHIN = 2.0
"Seconds for the last output of a process that has ended."


class Child:
    """A process with these settings; what it says, on either output, is handed on line by line."""

    def __init__(
        self,
        command: Sequence[str],
        settings: Settings,
        heard: Callable[[str], None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._words = LastWords()
        self._heard = heard
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is the supervisor's to handle
        )
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._write(told(settings))

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative of the signal that ended it."""
        return self._process.poll()

    def reason(self) -> str:
        """Why it ended, in one line."""
        code = self._process.wait()
        self._listener.join(HEARD_WITHIN)
        if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        return (self._words.told if code else "") or f"exit code {code}"

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def outage(self, word: str) -> None:
        """Let it know that Kafka is away, or, with an empty word, that it no longer is."""
        self._write(word.encode())

    def _write(self, line: bytes) -> None:
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            text = line.decode(errors="backslashreplace").rstrip("\n")
            self._words.hear(text)
            with suppress(OSError, ValueError):  # nobody to tell, but a pipe that isn't read would stop it
                self._heard(text)


def module_command(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Runs the very module that is running here, wherever that is from, and no namesake in the directory."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    root = str(Path(spec.origin).parents[module.count(".") + 1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return [sys.executable, "-P", "-m", module, *arguments], {"PYTHONPATH": path}


def told(settings: Settings) -> bytes:
    """Settings in one line."""
    return msgspec.json.encode(settings.model_dump(by_alias=True), enc_hook=_revealed)


def _revealed(value: Any) -> str:
    """Secrets go through the pipe, which nobody else reads."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"{type(value).__name__} in settings")


class Word:
    """What the supervisor said last of an outage of Kafka."""

    def __init__(self) -> None:
        self._text = ""

    def __call__(self) -> str:
        return self._text

    def heed(self, line: bytes) -> None:
        self._text = line.decode().strip()


word = Word()
"In this process."


def begin(model: type[Settings] = Settings) -> Settings:
    """In the child: what the supervisor told, after which its words are heeded, and its end is our end."""
    # Unbuffered: a thread that waits in a buffer's lock could not be ended with the process.
    pipe = os.fdopen(0, "rb", buffering=0, closefd=False)
    settings = model.model_validate(msgspec.json.decode(pipe.readline()))
    Thread(target=_heed, args=(pipe,), daemon=True).start()
    return settings


def _heed(pipe: FileIO) -> None:
    while (line := pipe.readline()).endswith(b"\n"):
        word.heed(line)
    crash("the supervisor has gone")
