"""`worker` as an operator has it: real processes."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.catalogue import CATALOGUE
from streams.asked import Asked
from streams.child import module_command
from streams.cli.worker import supervisor_of
from streams.errors import MetricLandError
from streams.kafka.admin import Admin
from streams.kafka.topics import TopicSpec, apply
from streams.settings import load
from streams.topics import specs
from tests.cli.conftest import Metricland
from tests.ports import free_ports
from tests.processes import gone

PATIENCE = 120.0


@contextmanager
def running(broker: str, name: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    command, environment = module_command("agents", "worker", "--broker", f"kafka://{broker}", *options)
    settings = {
        "METRICLAND_APPLICATION": name,
        "METRICLAND_TOPICS__PREFIX": f"{name}.",
        "METRICLAND_CONSUMER__SESSION_TIMEOUT": "6s",
    }
    process = subprocess.Popen(
        command,
        env=os.environ | environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def children(process: subprocess.Popen[str]) -> set[int]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return {int(pid) for pid in found.split() if not gone(int(pid))}


def health(port: int) -> tuple[bool, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
    except OSError:
        return False, ""
    return told["ready"], told["reason"]


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "too late"
        time.sleep(0.05)


def test_a_port_that_is_taken_is_one_line(metricland: Metricland) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        told = metricland("worker", "--processes", "2", "--port", str(port))
    assert told.exit_code == 1
    assert told.stderr == f"metricland: Can't listen on port {port} of 127.0.0.1: Address already in use\n"


def test_more_processes_than_ports(metricland: Metricland) -> None:
    told = metricland("worker", "--processes", "3", "--port", "65534")
    assert told.stderr == "metricland: 3 processes as of port 65534 need ports up to 65536\n"


@pytest.mark.kafka
@pytest.mark.slow
async def test_five_failed_starts_are_told_in_one_line(broker: str) -> None:
    """Of a port that is taken after the supervisor has begun."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = load(None, {"broker": f"kafka://{broker}", "web.port": port})
        heard: list[str] = []
        supervisor = supervisor_of("agents", settings, heard.append, pauses=(0.0, 0.0, 0.0, 0.0))
        with pytest.raises(MetricLandError) as raised:
            await asyncio.wait_for(supervisor.run(Asked()), PATIENCE)
    told, reason = str(raised.value).split(", the last time: ")
    assert told == "The worker ended 5 times in 10 minutes"
    assert reason == f"Can't listen on port {port} of 127.0.0.1: Address already in use"
    assert len([line for line in heard if "giving up" in line]) == 5


@pytest.mark.kafka
def test_it_refuses_what_a_person_has_to_solve(broker: str) -> None:
    settings = load(None, {"topics.prefix": "refused.", "application": "refused"})
    wrong = next(iter(specs(CATALOGUE, settings)))
    asyncio.run(apply(broker, [TopicSpec(wrong.name, 3, wrong.config)]))
    with running(broker, "refused", "--port", str(free_ports(1))) as process:
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert told.splitlines()[-1] == (
        f"metricland: The worker refuses to work: Kafka at {broker}: "
        "topic refused.tickets has 3 partitions, wants 4"
    )


def prepared(broker: str, name: str, changed: dict[str, dict[str, str]]) -> None:
    """All topics of a worker, as they must be but for some settings."""
    settings = load(None, {"topics.prefix": f"{name}.", "application": name})

    async def prepare() -> None:
        await apply(broker, specs(CATALOGUE, settings))
        async with Admin(broker) as admin:
            await admin.set_configs(changed)

    asyncio.run(prepare())


@pytest.mark.kafka
def test_it_refuses_topics_that_lose_data(broker: str, metricland: Metricland) -> None:
    changed = {
        "losing-tickets-changelog": {"cleanup.policy": "delete"},
        "losing.tickets": {"retention.ms": "86400000", "message.timestamp.type": "CreateTime"},
        "losing.surveys": {"cleanup.policy": "compact", "retention.bytes": "1000000"},
        "losing.contributions": {"retention.ms": "3600000"},
        "losing.metrics": {"cleanup.policy": "delete"},
    }
    prepared(broker, "losing", changed)
    with running(broker, "losing", "--port", str(free_ports(1))) as process:
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    last = told.splitlines()[-1]
    assert last.startswith(
        f"metricland: The worker refuses to work: Kafka at {broker}: topic losing.tickets has"
    )
    for words in (
        "topic losing-tickets-changelog has cleanup.policy delete, expected compact",
        "topic losing.tickets has retention.ms 86400000, expected -1",
        "topic losing.tickets has message.timestamp.type CreateTime, expected LogAppendTime",
        "topic losing.surveys has cleanup.policy compact, expected delete",
        "topic losing.surveys has retention.bytes 1000000, expected -1",
        "topic losing.contributions has retention.ms 3600000, expected at least 604800000",
        "Mend it by `metricland topics apply`",
        "a rebuild under a new application name",
    ):
        assert words in last
    assert "losing.metrics" not in last
    # As it says, so it can be mended.
    env = {"METRICLAND_APPLICATION": "losing", "METRICLAND_TOPICS__PREFIX": "losing."}
    shown = metricland("topics", "plan", "--broker", f"kafka://{broker}", env=env)
    assert "! losing-tickets-changelog  cleanup.policy: has delete, wants compact" in shown.stdout
    assert "~ losing.metrics  cleanup.policy: has delete, wants compact" in shown.stdout
    assert "no worker starts" in shown.stderr
    done = metricland("topics", "apply", "--broker", f"kafka://{broker}", env=env)
    assert "comes back by a rebuild alone" in done.stderr
    assert "as they must be" in metricland("topics", "plan", "--broker", f"kafka://{broker}", env=env).stdout


@pytest.mark.kafka
def test_it_refuses_topics_that_were_made_by_others_without_settings(broker: str) -> None:
    """The cluster's defaults are in force then: they delete what is older than a week."""
    asyncio.run(apply(broker, [TopicSpec("default.calls", 4)]))
    with running(broker, "default", "--port", str(free_ports(1))) as process:
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    last = told.splitlines()[-1]
    assert "topic default.calls has retention.ms 604800000, expected -1" in last
    assert "topic default.calls has message.timestamp.type CreateTime, expected LogAppendTime" in last


@pytest.mark.kafka
@pytest.mark.slow
def test_what_loses_nothing_is_a_warning(broker: str) -> None:
    changed = {
        "harmless.metrics": {"cleanup.policy": "delete"},
        "harmless.contributions": {"retention.ms": "-1"},
        "harmless.dead-letters": {"retention.ms": "3600000"},
    }
    prepared(broker, "harmless", changed)
    port = free_ports(1)
    with running(broker, "harmless", "--port", str(port)) as process:
        until(lambda: health(port)[0], process)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    (warning,) = [line for line in told.splitlines() if "topics differ from what" in line]
    assert all(topic in warning for topic in changed)


@pytest.mark.kafka
@pytest.mark.slow
def test_a_process_that_is_killed_is_back_and_all_stop_together(broker: str) -> None:
    port = free_ports(2)
    with running(broker, "killed", "--port", str(port), "--processes", "2") as process:
        until(lambda: all(health(each)[0] for each in (port, port + 1)), process)
        before = children(process)
        assert len(before) == 2
        os.kill(max(before), signal.SIGKILL)
        until(lambda: len(children(process) - before) == 1, process)
        until(lambda: all(health(each)[0] for each in (port, port + 1)), process)
        after = children(process)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert "ended by SIGKILL" in told
    assert all(gone(pid) for pid in before | after)
