"""An Alertmanager of a test's own on loopback, and what it notifies of."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import yaml  # type: ignore[import-untyped]

from tests.ports import free_ports
from tests.prometheus.server import PATIENCE, answers, until

HOME = Path(__file__).parents[2] / "alertmanager"
BINARY = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
"Debian calls it by the second name."


class Notifications:
    """The lines that `notifications.py` has printed."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def lines(self) -> list[str]:
        return self._file.read_text().splitlines()

    def wait_for(self, beginning: str, after: int = 0) -> str:
        """The first that begins so, `after` so many lines."""
        until(lambda: self._found(beginning, after), f"{beginning} is notified of")
        return self._found(beginning, after)[0]

    def _found(self, beginning: str, after: int) -> list[str]:
        return [line for line in self.lines()[after:] if line.startswith(beginning)]


@contextmanager
def notifications(directory: Path) -> Iterator[tuple[str, Notifications]]:
    """Where it listens, and what comes."""
    port, file = free_ports(), directory / "notifications.txt"
    with file.open("wb") as out:
        process = subprocess.Popen([sys.executable, HOME / "notifications.py", str(port)], stdout=out)
    try:
        yield f"127.0.0.1:{port}", Notifications(file)
    finally:
        process.terminate()
        process.wait(PATIENCE)


class Alertmanager:
    """It runs with the committed configuration, but tells at once, and another receiver; it may be away."""

    def __init__(self, directory: Path, receiver: str) -> None:
        assert BINARY is not None
        self.address = f"127.0.0.1:{free_ports()}"
        self._log = directory / "alertmanager.log"
        self._command = [
            BINARY,
            f"--config.file={_configuration(directory, receiver)}",
            f"--storage.path={directory / 'alertmanager'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until(lambda: answers(f"http://{self.address}/-/ready"), "Alertmanager is ready")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def labels(self, alert: str) -> list[dict[str, str]]:
        """Of each alert of this name that it knows and that is not over."""
        with urlopen(f"http://{self.address}/api/v2/alerts") as answer:
            found = [each["labels"] for each in json.load(answer)]
        return [labels for labels in found if labels["alertname"] == alert]


@contextmanager
def alertmanager(directory: Path, receiver: str) -> Iterator[Alertmanager]:
    manager = Alertmanager(directory, receiver)
    try:
        manager.start()
        yield manager
    finally:
        manager.stop()


def _configuration(directory: Path, receiver: str) -> Path:
    config = yaml.safe_load((HOME / "alertmanager.yml").read_text())
    _hasten(config["route"])
    for each in config["receivers"]:
        for webhook in each["webhook_configs"]:
            webhook["url"] = webhook["url"].replace("notifications:8080", receiver)
    file = directory / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config))
    return file


def _hasten(route: dict[str, Any]) -> None:
    route |= {"group_wait": "0s", "group_interval": "1s"}
    for inner in route.get("routes", ()):
        _hasten(inner)
