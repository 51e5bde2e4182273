"""`metricland broker`."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

PATIENCE = 120


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """With nothing on the path, so no Java of the system's."""
    arguments = ["broker", "--port", "0", "--data-dir", str(tmp_path / "kept")]
    process = subprocess.Popen(
        [sys.executable, "-m", "agents", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PATH": "", "JAVA_HOME": ""},
    )
    with process:
        yield process
        process.kill()


@pytest.mark.kafka
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_cleanly(
    started: subprocess.Popen[str], number: signal.Signals, tmp_path: Path
) -> None:
    assert started.stdout
    first = started.stdout.readline()
    assert re.search(r"listens on kafka://127\.0\.0\.1:\d+$", first.rstrip())
    assert "kept" in started.stdout.readline()
    started.send_signal(number)
    assert started.wait(PATIENCE) == 0
    assert (tmp_path / "kept" / "node-1" / "data" / ".kafka_cleanshutdown").exists()


def test_a_port_out_of_range_is_wrong_usage(metricland: Callable[..., Result]) -> None:
    assert metricland("broker", "--port", "70000").exit_code == 2
