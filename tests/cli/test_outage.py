"""An outage of Kafka as an operator has it: real processes, and a broker that is killed or stands still."""

import asyncio
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from streams.child import module_command
from streams.kafka.broker import EmbeddedBroker
from tests.ports import free_ports
from tests.processes import gone

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

PATIENCE = 120.0
SESSION = 6.0
MARGIN = 10.0
"Seconds: a machine may be busy."

SETTINGS = {
    "METRICLAND_CONSUMER__SESSION_TIMEOUT": f"{SESSION}s",
    "METRICLAND_CONSUMER__HEARTBEAT_INTERVAL": "0.5s",
    "METRICLAND_CHECKPOINT__TIMEOUT": "8s",
    "METRICLAND_CHECKPOINT__TRANSACTION_TIMEOUT": "16s",
    "METRICLAND_LOG__JSON": "true",
}
LOST, AGAIN, BACK = "lost Kafka at ", "still waiting for Kafka at ", "Kafka at "
NO_ANSWER = "no answer from Kafka since 20"


class Command:
    """A command of ours that runs, and what it says."""

    def __init__(self, directory: Path, name: str, broker: str, *arguments: str) -> None:
        command, environment = module_command("agents", *arguments, "--broker", f"kafka://{broker}")
        self._said = directory / f"{name}.log"
        self._shown = directory / f"{name}.out"
        with self._said.open("wb") as said, self._shown.open("wb") as shown:
            self.process = subprocess.Popen(
                command,
                env=os.environ | environment | SETTINGS,
                cwd=directory,
                stdout=shown,
                stderr=said,
                # Whoever runs the tests in the background has them, and all that they start, ignore it.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def said(self) -> list[str]:
        return self._said.read_text().splitlines()

    @property
    def shown(self) -> list[str]:
        return self._shown.read_text().splitlines()

    @property
    def log(self) -> list[dict[str, Any]]:
        """All of it is in our shape."""
        return [json.loads(line) for line in self.said]

    @property
    def children(self) -> set[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in found.split() if not gone(int(pid))}

    def news(self, beginning: str) -> list[str]:
        """What it said that begins so."""
        return [entry["event"] for entry in self.log if entry["event"].startswith(beginning)]

    async def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> float:
        """How long it took."""
        start = time.monotonic()
        while not await asyncio.to_thread(condition):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < start + patience, self.said
            await asyncio.sleep(0.05)
        return time.monotonic() - start

    async def ends(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        assert await asyncio.to_thread(self.process.wait, PATIENCE) == 0, self.said


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def is_ready(port: int) -> bool:
    return get(port, "/health/ready")[0] == 200 and get(port, "/metrics")[0] == 200


def says_no_answer(port: int) -> bool:
    ready, metrics, live = (get(port, path) for path in ("/health/ready", "/metrics", "/health/live"))
    return (
        (ready[0], metrics[0], live[0]) == (503, 503, 200)
        and json.loads(ready[1])["reason"].startswith(NO_ANSWER)
        and metrics[1].startswith(NO_ANSWER)
    )


def events(directory: Path, number: int) -> str:
    """A file of so many events."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    head = {"specversion": "1.0", "source": "/x", "type": "ticket.created", "time": now}
    names = (os.urandom(4).hex() for _ in range(number))
    lines = (json.dumps({**head, "id": name, "subject": name}) for name in names)
    file = directory / f"{number}.jsonl"
    file.write_text("\n".join(lines))
    return str(file)


async def counted(directory: Path, broker: str, number: int) -> None:
    """Until the figures have so many tickets."""
    end = time.monotonic() + PATIENCE
    while (found := await count(directory, broker)) != number:
        assert found < number and time.monotonic() < end


async def count(directory: Path, broker: str) -> float:
    with Command(
        directory, "tail", broker, "tail", "metrics", "--json", "--from-beginning", "--until-idle", "2"
    ) as tail:
        await asyncio.to_thread(tail.process.wait, PATIENCE)
        figures = [json.loads(line) for line in tail.shown]
    latest = {each["key"]: each["value"]["data"]["value"] for each in figures if each["value"]}
    return max((latest[key] for key in latest if key.startswith("tickets_created||total|")), default=0)


async def publish(directory: Path, broker: str, number: int) -> None:
    with Command(directory, "publish", broker, "publish", events(directory, number)) as publishing:
        await asyncio.to_thread(publishing.process.wait, PATIENCE)
        assert publishing.process.returncode == 0, publishing.said


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    async with EmbeddedBroker(data_dir=tmp_path / "kafka") as own:
        yield own


@asynccontextmanager
async def away(broker: EmbeddedBroker, how: str) -> AsyncIterator[None]:
    (node,) = broker.pids
    if how == "killed":
        await broker.kill(node)
    else:
        broker.pause(node)
    try:
        yield
    finally:
        if how == "killed":
            await broker.start(node)
        else:
            broker.resume(node)


@pytest.mark.parametrize("how", ["killed", "stands still"])
async def test_an_outage(broker: EmbeddedBroker, tmp_path: Path, how: str) -> None:
    port = free_ports(1)
    with Command(tmp_path, "worker", broker.bootstrap, "worker", "--port", str(port)) as worker:
        await worker.until(lambda: is_ready(port))
        await publish(tmp_path, broker.bootstrap, 3)
        await counted(tmp_path, broker.bootstrap, 3)
        assert {entry["level"] for entry in worker.log} == {"info"}, "a healthy start"
        async with away(broker, how):
            assert await worker.until(lambda: says_no_answer(port)) < SESSION + MARGIN
            await worker.until(lambda: not worker.children)
            await worker.until(lambda: says_no_answer(port))
            if how == "killed":
                await worker.until(lambda: bool(worker.news(AGAIN)))
            assert worker.children == set()
            assert says_no_answer(port)
        await worker.until(lambda: is_ready(port))
        await publish(tmp_path, broker.bootstrap, 2)
        await counted(tmp_path, broker.bootstrap, 5)
        # A broker that stood still may know of no broker for some seconds after it has answered again.
        assert len(worker.news(LOST)) == len(worker.news(BACK)) <= 2
        loud = [entry for entry in worker.log if entry["level"] in ("error", "critical")]
        assert [entry["event"] for entry in loud] == ["giving up"]
        assert len(worker.log) < 15
        (child,) = worker.children
        os.kill(child, signal.SIGKILL)
        await worker.until(lambda: bool(worker.children - {child}))
        await worker.until(lambda: is_ready(port))
        await worker.ends(signal.SIGTERM)
        assert (worker.log[-1]["event"], worker.log[-1]["reason"]) == ("worker ends", "SIGTERM")


async def test_a_first_start_without_kafka(tmp_path: Path) -> None:
    port, kafka = free_ports(2), free_ports(1)
    address = f"127.0.0.1:{kafka}"
    options = ("--port", str(port), "--processes", "2")
    with Command(tmp_path, "worker", address, "worker", *options) as worker:
        await worker.until(lambda: says_no_answer(port) and says_no_answer(port + 1))
        assert worker.children == set()
        assert worker.news("waiting for ") == [f"waiting for Kafka at {address}: connection refused"]
        async with EmbeddedBroker(port=kafka):
            await worker.until(lambda: is_ready(port) and is_ready(port + 1))
            assert [entry["level"] for entry in worker.log if entry["level"] != "info"] == ["warning"]
            starts = worker.log[0]
            assert (starts["event"], starts["broker"]) == ("worker starts", f"kafka://{address}")
            assert (starts["processes"], starts["ports"]) == (2, f"{port}-{port + 1}")
            assert {"version", "application", "definitions", "engine"} < starts.keys()
            await worker.ends(signal.SIGINT)


async def test_a_first_start_without_kafka_can_be_ended(tmp_path: Path) -> None:
    with Command(tmp_path, "worker", "127.0.0.1:1", "worker", "--port", str(free_ports(1))) as worker:
        await worker.until(lambda: bool(worker.news("waiting for ")))
        await worker.ends(signal.SIGTERM)


async def test_a_live_simulation_without_kafka_can_be_ended(tmp_path: Path) -> None:
    with Command(tmp_path, "simulate", "127.0.0.1:1", "simulate", "--rate", "1") as simulation:
        await simulation.until(lambda: bool(simulation.said))
        simulation.process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(simulation.process.wait, PATIENCE) == 1
        assert simulation.said == [
            "waiting for Kafka at 127.0.0.1:1: connection refused",
            "metricland: stopped while waiting for Kafka at 127.0.0.1:1",
        ]


async def test_tail_goes_on(broker: EmbeddedBroker, tmp_path: Path) -> None:
    address = broker.bootstrap
    with Command(tmp_path, "apply", address, "topics", "apply") as apply:
        assert await asyncio.to_thread(apply.process.wait, PATIENCE) == 0
    with Command(tmp_path, "tail", address, "tail", "tickets", "--from-beginning") as tail:
        await publish(tmp_path, address, 1)
        await tail.until(lambda: len(tail.shown) == 1)
        async with away(broker, "killed"):
            await tail.until(lambda: len(tail.said) == 1)
        await tail.until(lambda: len(tail.said) == 2)
        await publish(tmp_path, address, 2)
        await tail.until(lambda: len(tail.shown) == 3)
        assert tail.said[0] == f"lost Kafka at {address}, waiting for it: connection refused"
        assert tail.said[1].startswith(f"Kafka at {address} is back after ")
        await tail.ends(signal.SIGINT)


async def test_tail_waits_for_kafka(tmp_path: Path) -> None:
    kafka = free_ports(1)
    address = f"127.0.0.1:{kafka}"
    with Command(tmp_path, "tail", address, "tail", "tickets", "--from-beginning") as tail:
        await tail.until(lambda: tail.said == [f"waiting for Kafka at {address}: connection refused"])
        async with EmbeddedBroker(port=kafka):
            assert await asyncio.to_thread(tail.process.wait, PATIENCE) == 1
            assert tail.said[1].startswith(f"Kafka at {address} answers after ")
            assert tail.said[2] == f"metricland: Kafka at {address} has no topic tickets or cx.tickets."
