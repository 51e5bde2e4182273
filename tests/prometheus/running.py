"""A worker as a process, on events of the last hours."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from agents.catalogue import CATALOGUE
from agents.simulator import Simulation
from streams.kafka.produce import Record, publish
from streams.kafka.topics import apply
from streams.settings import Settings
from streams.settings.toml import effective
from streams.topics import input_topic, specs
from tests.oracle.telling import event
from tests.prometheus.server import PATIENCE, answers, until

ROOT = Path(__file__).parents[2]

HISTORY = timedelta(hours=20)
"A window of 24 hours holds at least the last 23."

RATE = 0.5
"Events a second."


def recent(settings: Settings, now: datetime) -> list[Record]:
    """A working day of a support organisation; one ticket closed, one resolved too early, a caller who waits;
    no event at all."""
    simulation = Simulation(seed=3, start=now - HISTORY, rate=RATE, morning=now)
    told = [
        (input_topic(settings, domain), subject.encode(), value)
        for domain, subject, value in simulation.until(now)
    ]
    told.append(_ticket(settings, "created", now - timedelta(hours=3), of="U"))
    told.append(_ticket(settings, "closed", now - timedelta(hours=2), of="U"))
    told.append(_ticket(settings, "resolved", now - timedelta(hours=9)))
    told.append(_ticket(settings, "created", now - timedelta(hours=8)))
    told.append(_call(settings, "offered", now - timedelta(minutes=4), queue="returns", team="service"))
    return [*told, (input_topic(settings, "tickets"), b"T", b"no event")]


def correction(settings: Settings, now: datetime) -> list[Record]:
    """What takes something back, of a time whose minutes are no longer kept too."""
    return [_ticket(settings, "removed", now)]


def _ticket(settings: Settings, kind: str, time: datetime, of: str = "T") -> Record:
    return _record(settings, "tickets", f"ticket.{kind}", time, of)


def _call(settings: Settings, kind: str, time: datetime, of: str = "K", **data: str) -> Record:
    return _record(settings, "calls", f"call.{kind}", time, of, **data)


def _record(settings: Settings, domain: str, kind: str, time: datetime, of: str, **data: str) -> Record:
    told = event(kind, time.isoformat(), of, data, {})
    return input_topic(settings, domain), of.encode(), msgspec.json.encode(told)


def fill(settings: Settings, records: list[Record]) -> None:
    async def fill() -> None:
        await apply(settings.bootstrap, specs(CATALOGUE, settings))
        await publish(settings.broker, records)

    with ThreadPoolExecutor(1) as thread:  # this one may have an event loop, pytest-asyncio's
        thread.submit(asyncio.run, fill()).result()


@contextmanager
def worker(settings: Settings, directory: Path) -> Iterator[list[str]]:
    """`host:port` of each process of a worker, when all are ready."""
    with supervised(settings, directory) as (targets, _):
        yield targets


@contextmanager
def supervised(settings: Settings, directory: Path) -> Iterator[tuple[list[str], Callable[[], None]]]:
    """The same, and what kills its processes: they are started again."""
    config = directory / "metricland.toml"
    config.write_text(effective(settings))
    command = [sys.executable, "-m", "agents", "worker", "--config", str(config)]
    with (directory / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=_environment(), stdout=log, stderr=log)
    ports = range(settings.web.port, settings.web.port + settings.processes)
    targets = [f"{settings.web.host}:{port}" for port in ports]
    try:
        for target in targets:
            until(lambda at=target: answers(f"http://{at}/health/ready"), "the worker is ready")  # type: ignore[misc]
        yield targets, lambda: _kill_children(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(2 * PATIENCE)


def _kill_children(pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def _environment() -> dict[str, str]:
    """Without settings: they would win over the file's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("METRICLAND_")}


def now() -> datetime:
    return datetime.now(UTC)
