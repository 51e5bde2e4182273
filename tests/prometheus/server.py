"""A Prometheus of a test's own, on loopback."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import yaml  # type: ignore[import-untyped]

from tests.ports import free_ports

CONFIG = Path(__file__).parents[2] / "prometheus" / "prometheus.yml"
RULES = CONFIG.parent / "rules"
PATIENCE = 300.0


class Sample(NamedTuple):
    labels: dict[str, str]
    value: float


class Prometheus:
    def __init__(self, url: str) -> None:
        self._url = url

    def query(self, expr: str) -> list[Sample]:
        """The samples of an instant query, now."""
        result = self._get("query", query=expr)["result"]
        return [Sample(each["metric"], float(each["value"][1])) for each in result]

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, place: str, **asked: str) -> Any:
        with urlopen(f"{self._url}/api/v1/{place}?{urlencode(asked)}") as answer:
            return json.load(answer)["data"]


def until(holds: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, f"not within {patience} s: {what}"
        time.sleep(0.2)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def prometheus(
    directory: Path, targets: list[str], rules: Path = RULES, alertmanager: str = ""
) -> Iterator[Prometheus]:
    """Runs with the committed configuration, but often, and on other targets; alerts go to `host:port`."""
    binary, port = shutil.which("prometheus"), free_ports()
    assert binary is not None
    command = [
        binary,
        f"--config.file={_configuration(directory, targets, rules, alertmanager)}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",  # the first may come before Alertmanager is found
    ]
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}/-/ready"), "Prometheus is ready")
        yield Prometheus(url)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _configuration(directory: Path, targets: list[str], rules: Path, alertmanager: str) -> Path:
    config = yaml.safe_load(CONFIG.read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(rules / "*.yml")]
    (told,) = config["alerting"]["alertmanagers"]
    told["static_configs"] = [{"targets": [alertmanager] if alertmanager else []}]
    (scrape,) = config["scrape_configs"]
    scrape["static_configs"] = [{"targets": targets}]
    file = directory / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    return file
