"""An Alertmanager of a test's own on loopback, and what it notifies of."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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

    def wait_for(self, beginning: str) -> str:
        until(lambda: self._found(beginning), f"{beginning} is notified of")
        return self._found(beginning)[0]

    def _found(self, beginning: str) -> list[str]:
        return [line for line in self.lines() if line.startswith(beginning)]


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


@contextmanager
def alertmanager(directory: Path, receiver: str) -> Iterator[str]:
    """`host:port`. It runs with the committed configuration, but tells at once, and another receiver."""
    port = free_ports()
    assert BINARY is not None
    command = [
        BINARY,
        f"--config.file={_configuration(directory, receiver)}",
        f"--storage.path={directory / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (directory / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/-/ready"), "Alertmanager is ready")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


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
