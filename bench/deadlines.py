"""Many deadlines in one second: how soon each breach is told, and what that does to the others.

    python -m bench.deadlines [--crowd 5000] [--json]

So many silent tickets have the same deadline, others one every tenth of a second around it. From a deadline
to the reader of committed records on `cx.sla`, by one worker under its supervisor.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from aiokafka import AIOKafkaConsumer

from bench.measure import machine, percentile
from bench.workers import free_ports, is_ready
from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.moments import SECOND

PREFIX = "bench."
WAIT = 30
"Seconds from a creation to its deadline."

AROUND = 10
"Seconds before and after the crowd's deadline in which the others' are."

OTHERS = 20 * AROUND + 1
PATIENCE = 120.0
POLICY = f"""
[[definitions.sla.policies]]
name = "bench"
targets = {{ default = {{ first_response = "{WAIT}s" }} }}
"""
Published = tuple[str, bytes, bytes]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowd", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    broker = EmbeddedBroker()
    await broker.start()
    try:
        crowd, others = await _measured(broker.bootstrap, options.crowd)
    finally:
        await broker.stop()
    found = {"crowd": _told(crowd), "others": _told(others), "machine": machine()}
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    for name in ("crowd", "others"):
        each = found[name]
        sys.stdout.write(
            f"{each['number']:>6,} {name}: told after {each['median']:.2f} s, "
            f"99th {each['high']:.2f} s, at most {each['most']:.2f} s\n"
        )
    sys.stdout.write(f"{found['machine']}\n")


async def _measured(bootstrap: str, number: int) -> tuple[list[float], list[float]]:
    """Seconds from each deadline of the crowd, and of the others, until it is told."""
    with TemporaryDirectory() as directory:
        config = Path(directory) / "metricland.toml"
        config.write_text(POLICY)
        port = free_ports(1)[0]
        command = (sys.executable, "-m", "agents", "worker", "--config", str(config), "--port", str(port))
        environment = {
            **os.environ,
            "METRICLAND_BROKER": f"kafka://{bootstrap}",
            "METRICLAND_TOPICS__PREFIX": PREFIX,
            "METRICLAND_LOG__LEVEL": "error",
        }
        worker = subprocess.Popen(command, env=environment)  # noqa: ASYNC220
        try:
            await asyncio.to_thread(_until_ready, port)
            return await _waited(bootstrap, number)
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait, PATIENCE)


def _until_ready(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while not is_ready(port):
        if time.monotonic() > end:
            raise SystemExit(f"The worker was not ready within {PATIENCE:g} s.")
        time.sleep(0.2)


async def _waited(bootstrap: str, number: int) -> tuple[list[float], list[float]]:
    consumer = AIOKafkaConsumer(
        f"{PREFIX}sla",
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=50,
    )
    await consumer.start()
    # Another ten seconds, so that all are taken well before the first of them is due.
    created = time.time_ns() // 1000 - (WAIT - 2 * AROUND - 10) * SECOND
    step = SECOND // 10
    told = [_ticket(f"C{place}", created) for place in range(number)]
    told += [_ticket(f"O{place}", created + (place - OTHERS // 2) * step) for place in range(OTHERS)]
    await publish(f"kafka://{bootstrap}", told)
    crowd: dict[bytes, float] = {}
    others: dict[bytes, float] = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while len(crowd) < number or len(others) < OTHERS:
                fetched = await consumer.getmany(timeout_ms=1000)
                now = time.time()
                for record in (record for records in fetched.values() for record in records):
                    event = msgspec.json.decode(record.value)
                    if event["type"] == "sla.overdue":
                        deadline = moments.parse(event["data"]["deadline"]) / SECOND
                        (crowd if record.key.startswith(b"C") else others)[record.key] = now - deadline
    finally:
        await consumer.stop()
    return [*crowd.values()], [*others.values()]


def _ticket(subject: str, at: int) -> Published:
    event = {
        "specversion": "1.0",
        "id": subject,
        "source": "/helpdesk/demo",
        "type": "ticket.created",
        "time": moments.text(at),
        "subject": subject,
        "data": {"channel": "email", "priority": "normal"},
    }
    return f"{PREFIX}tickets", subject.encode(), msgspec.json.encode(event)


def _told(waited: list[float]) -> dict[str, float]:
    return {
        "number": len(waited),
        "median": percentile(waited, 50),
        "high": percentile(waited, 99),
        "most": max(waited),
    }


if __name__ == "__main__":
    asyncio.run(main())
