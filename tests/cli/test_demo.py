"""`demo` as a newcomer has it."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from streams.child import module_command
from tests.cli.conftest import Metricland
from tests.ports import free_ports
from tests.processes import command_lines, gone

PATIENCE = 120.0


@contextmanager
def running(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command, environment = module_command("agents", "demo", *options)
    environment |= {"PYTHONUNBUFFERED": "1", "TMPDIR": str(directory)}
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def family(pid: int) -> dict[int, str]:
    """All that a process has started, by any number of steps, with their command lines."""
    parents = {}
    for each in command_lines():
        stat = Path(f"/proc/{each}/stat")
        parents[each] = int(stat.read_text().rpartition(")")[2].split()[1]) if stat.exists() else 0
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return {each: line for each, line in command_lines().items() if each in found - {pid}}


def nothing_left(pids: dict[int, str], directory: Path) -> None:
    end = time.monotonic() + 120
    while left := [line for pid, line in pids.items() if not gone(pid)]:
        assert time.monotonic() < end, left
        time.sleep(0.05)
    assert list(directory.iterdir()) == [], "data is left"


def until_told(process: subprocess.Popen[str], what: str) -> str:
    assert process.stdout
    for line in process.stdout:
        if what in line:
            return line
    raise AssertionError(f"never told {what}: {process.communicate()}")


def test_a_port_that_is_taken_is_one_line(metricland: Metricland) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = metricland("demo", "--port", str(port))
    assert told.exit_code == 1
    assert told.stderr == f"metricland: Can't listen on port {port} of 127.0.0.1: Address already in use\n"


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.xdist_group("busy")
def test_it_ends_by_itself_with_a_summary(tmp_path: Path) -> None:
    port = free_ports(1)
    with running(tmp_path, "--seconds", "40", "--rate", "300", "--port", str(port)) as process:
        assert f"http://127.0.0.1:{port}/metrics" in until_told(process, "Figures")
        assert "--broker kafka://127.0.0.1:" in until_told(process, "Kafka")
        until_told(process, "customer satisfaction")
        started = family(process.pid)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            assert b"cx_csat_ratio{" in answer.read()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert {"java", "worker"} <= {word for line in started.values() for word in re.split(r"[/ ]", line)}
    nothing_left(started, tmp_path)
    published, processed = re.search(r"\n([\d,]+) events published, ([\d,]+) processed", out).groups()  # type: ignore[union-attr]
    assert published == processed
    assert int(published.replace(",", "")) > 40_000
    assert ", 0 dead letters" in out
    assert re.search(r"\nBacklog: [\d,]+ tickets\n", out)
    assert re.search(r"\nService level: \d\d\.\d% of [\d,]+\n", out)
    assert re.search(r"\nCustomer satisfaction: \d\d\.\d% of [\d,]+\n", out)
    assert re.search(r"\nNet promoter score: -?\d+\.\d\d points of [\d,]+\n", out)
    assert re.search(r"\nFirst response time: .+ of [\d,]+\n", out)
    assert re.search(r"\nFreshness: median \d\.\d\d s, 99th percentile \d+\.\d\d s", out)
    assert re.search(r"\nThe stream equals the batch: [\d,]+ figures, no difference\n", out)


@pytest.mark.kafka
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)], ids=["Ctrl-C", "SIGTERM"]
)
def test_an_end_that_is_asked_for_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "--port", str(free_ports(1))) as process:
        until_told(process, "live at 5 events a second")
        started = family(process.pid)
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "Stopping\n")
    assert len(started) >= 3, "broker, its watchdog, worker"
    nothing_left(started, tmp_path)


@pytest.mark.slow
@pytest.mark.kafka
def test_nothing_outlives_one_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path, "--port", str(free_ports(1))) as process:
        until_told(process, "live at 5 events a second")
        started = family(process.pid)
        process.kill()
    nothing_left(started, tmp_path)
