"""Ticket events a second through one worker process, on the embedded Kafka, with everything durable.

    python -m bench.throughput [--events 1000000] [--runs 3] [--metrics basic] [--json]

All metrics of the catalogue, or those named: `--metrics tickets_created,nps`; `basic` stands for eight.
The events are in their topic before the worker starts. The rate is taken from the first committed offset
that is seen to the last; CPU is that of the worker's process, from its start.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.events import ticket_events
from bench.selection import selected
from streams.catalogue import Catalogue
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.kafka.topics import apply
from streams.settings import load
from streams.topics import specs

PARTITIONS = 4
PREFIX = "bench."
TICKS = os.sysconf("SC_CLK_TCK")


async def main() -> None:
    options = _options()
    catalogue = selected(options.metrics)
    async with EmbeddedBroker() as broker:
        settings = load(None, {"broker": f"kafka://{broker.bootstrap}", "topics.prefix": PREFIX})
        await apply(broker.bootstrap, [s for s in specs(catalogue, settings) if s.name.startswith(PREFIX)])
        events = ((f"{PREFIX}tickets", key, value) for key, value in ticket_events(options.events))
        await publish(broker.bootstrap, events)
        runs = [await _run(broker.bootstrap, options, number) for number in range(options.runs)]
    _tell(runs, options, catalogue)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--metrics", default="", metavar="NAMES")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


async def _run(bootstrap: str, options: argparse.Namespace, number: int) -> dict[str, float]:
    """One worker under a name of its own, from nothing to the end of the topic."""
    application = f"bench-{number}"
    environment = {
        **os.environ,
        "METRICLAND_BROKER": f"kafka://{bootstrap}",
        "METRICLAND_APPLICATION": application,
        "METRICLAND_TOPICS__PREFIX": PREFIX,
        "METRICLAND_WEB__PORT": str(26_066 + number),
        "METRICLAND_LOG__LEVEL": "error",
    }
    command = (sys.executable, "-m", "bench.process", options.metrics)
    worker = await asyncio.create_subprocess_exec(*command, env=environment)
    measured = asyncio.create_task(_measure(bootstrap, application, options.events, worker.pid))
    ended = asyncio.create_task(worker.wait())
    await asyncio.wait((measured, ended), return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        measured.cancel()
        sys.exit(f"The worker ended with {worker.returncode} before it had taken all.")
    worker.terminate()
    await ended
    return await measured


async def _measure(bootstrap: str, application: str, events: int, pid: int) -> dict[str, float]:
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=application, enable_auto_commit=False)
    await reader.start()
    try:
        first, started = 0, 0.0
        while (done := await _committed(reader)) < events:
            if done and not first:
                first, started = done, time.monotonic()
            await asyncio.sleep(0.2)
        seconds = time.monotonic() - started
        return {"rate": (done - first) / seconds, "cpu_per_million": _cpu(pid) / done * 1e6}
    finally:
        await reader.stop()


async def _committed(reader: AIOKafkaConsumer) -> int:
    tps = [TopicPartition(f"{PREFIX}tickets", number) for number in range(PARTITIONS)]
    return sum([await reader.committed(tp) or 0 for tp in tps])


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _tell(runs: list[dict[str, float]], options: argparse.Namespace, catalogue: Catalogue) -> None:
    told: dict[str, Any] = {
        "events": options.events,
        "runs": runs,
        "median_rate": statistics.median(run["rate"] for run in runs),
        "median_cpu_seconds_per_million": statistics.median(run["cpu_per_million"] for run in runs),
        "metrics": [metric.name for metric in catalogue.metrics],
    }
    if options.json:
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for run in runs:
        sys.stdout.write(f"{run['rate']:>10,.0f} events/s  {run['cpu_per_million']:.1f} CPU s per million\n")
    metrics = f"{len(catalogue.metrics)} metrics of {len(catalogue.domains)} domains"
    sys.stdout.write(f"median {told['median_rate']:,.0f} events/s over {len(runs)} runs, {metrics}\n")


if __name__ == "__main__":
    asyncio.run(main())
