"""Ticket events a second through worker processes, on the embedded Kafka, with everything durable.

    python -m bench.throughput [--events 1000000] [--runs 3] [--metrics basic] [--processes 1,2,4] [--json]

All metrics of the catalogue, or those named: `--metrics tickets_created,nps`; `basic` stands for eight. The
events are in their topic before the workers start. The rate is taken from when all workers are ready to when
all is committed; CPU is that of their processes, from their start, and without it.
"""

import argparse
import asyncio
import json
import sys
import time

from bench.events import ticket_events
from bench.measure import machine, spread
from bench.selection import selected
from bench.workers import PARTITIONS, PREFIX, Committed, Workers
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.kafka.topics import apply
from streams.settings import load
from streams.topics import specs

TOPIC = f"{PREFIX}tickets"
POLL = 0.2

Runs = dict[int, list[dict[str, float]]]
"By how many processes."


async def main() -> None:
    options = _options()
    numbers = [int(number) for number in options.processes.split(",")]
    if max(numbers) > PARTITIONS:
        sys.exit(f"--processes is {options.processes}, expected at most {PARTITIONS}, one for each partition")
    catalogue = selected(options.metrics)
    async with EmbeddedBroker() as broker:
        settings = load(None, {"broker": f"kafka://{broker.bootstrap}", "topics.prefix": PREFIX})
        await apply(broker.bootstrap, [s for s in specs(catalogue, settings) if s.name.startswith(PREFIX)])
        await publish(broker.bootstrap, ((TOPIC, key, value) for key, value in ticket_events(options.events)))
        runs: Runs = {number: [] for number in numbers}
        for place in range(options.runs):
            for number in numbers:
                run = await _run(broker, f"bench-{number}-{place}", number, options)
                runs[number].append(run)
    _tell(runs, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--metrics", default="", metavar="NAMES")
    parser.add_argument("--processes", default="1", metavar="NUMBERS")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


async def _run(
    broker: EmbeddedBroker, application: str, number: int, options: argparse.Namespace
) -> dict[str, float]:
    """Workers under a name of their own, from nothing to the end of the topic."""
    committed = Committed(broker.bootstrap, application, [TOPIC])
    await committed.start()
    try:
        async with Workers(broker.bootstrap, application, number=number, metrics=options.metrics) as workers:
            await workers.ready()
            # The first that is ready has the partitions of all, and hands them over with a checkpoint.
            started, begun, first = time.monotonic(), workers.cpu(), await committed.number()
            while await committed.number() < options.events:
                workers.cpu()
                await asyncio.sleep(POLL)
            seconds, events = time.monotonic() - started, options.events - first
            return {
                "rate": events / seconds,
                "cpu_per_million": workers.cpu() / options.events * 1e6,
                "cpu_per_million_after_start": (workers.cpu() - begun) / events * 1e6,
                "megabytes": workers.memory() / 1e6,
            }
    finally:
        await committed.stop()


def _tell(runs: Runs, options: argparse.Namespace) -> None:
    metrics = [metric.name for metric in selected(options.metrics).metrics]
    if options.json:
        told = {"events": options.events, "runs": runs, "metrics": metrics, "machine": machine()}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for number, each in runs.items():
        rate = spread((run["rate"] for run in each), 0)
        cpu = spread((run["cpu_per_million"] for run in each), 1)
        after = spread((run["cpu_per_million_after_start"] for run in each), 1)
        size = spread((run["megabytes"] for run in each), 0)
        sys.stdout.write(
            f"{number} processes: {rate} events/s, {cpu} CPU s per million "
            f"({after} without the start), {size} MB\n"
        )
    sys.stdout.write(f"{options.events:,} events, {len(metrics)} metrics; {machine()}\n")


if __name__ == "__main__":
    asyncio.run(main())
