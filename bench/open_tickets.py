"""What an event costs, and how much memory a ticket takes, with few and with many open tickets.

    python -m bench.open_tickets [--tickets 10000,1000000,2000000] [--runs 3] [--metrics basic]
                                 [--store rocksdb] [--json]

One partition in memory takes so many tickets with two events each; then one further reply to each of 10,000
of them, from all over, is measured. Each number has a process of its own. The events that a ticket keeps for
refolding are told apart from all else that it takes. With RocksDB the rows of tickets are in
`.metricland` meanwhile, and what it has in files is told as well.
"""

import argparse
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from bench.events import open_tickets
from bench.measure import machine, memory, spread
from bench.memory import CHECKPOINT, Memory
from bench.selection import selected
from streams import moments
from streams.settings.sections import State
from streams.state.disk import Disk
from streams.worker import tame_garbage_collector

AFTER = 10_000
"Events that are measured."

SCRATCH = Path(".metricland")
"Where RocksDB has its files: on a disk, which a directory for temporary files need not be."

Runs = dict[int, list[dict[str, float]]]


def main() -> None:
    options = _options()
    numbers = [int(number) for number in options.tickets.split(",")]
    runs: Runs = {number: [] for number in numbers}
    context = multiprocessing.get_context("spawn")
    for _ in range(options.runs):
        for number in numbers:
            with context.Pool(1) as pool:
                runs[number].append(pool.apply(measure, (number, options.metrics, options.store)))
    _tell(runs, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tickets", default="10000,100000,1000000,2000000", metavar="NUMBERS")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--metrics", default="", metavar="NAMES")
    parser.add_argument("--store", choices=("memory", "rocksdb"), default="memory")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measure(number: int, metrics: str, store: str) -> dict[str, float]:
    if store == "memory":
        return _measure(number, metrics, None)
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        return _measure(number, metrics, Disk(Path(directory), State().cache))


def _measure(number: int, metrics: str, disk: Disk | None) -> dict[str, float]:
    now = time.time_ns() // 1000
    held, process = Memory(selected(metrics), disk), os.getpid()
    tame_garbage_collector()
    events, opening = open_tickets(number, now), 0.0
    while some := list(islice(events, CHECKPOINT)):
        opening += held.take(some)
    entities = held.partition.rows["tickets"]
    sample = _sample(entities.walk(), number)
    kept = [len(entity.kept) for entity in map(entities.peek, sample) if entity is not None]
    size = memory(process)
    return {
        "microseconds": held.take(_replies(sample, now)) / len(sample) * 1e6,
        "microseconds_opening": opening / number / 2 * 1e6,
        "bytes": size,
        "bytes_of_events": sum(kept) / len(kept),
        "bytes_on_disk": disk.size() if disk is not None else 0,
    }


def _sample(tickets: Iterator[str], number: int) -> list[str]:
    """Evenly from all over, in any order."""
    found = list(islice(tickets, 0, None, max(1, number // AFTER)))[:AFTER]
    random.Random(1).shuffle(found)
    return found


def _replies(tickets: list[str], now: int) -> Iterator[tuple[bytes, bytes]]:
    for place, ticket in enumerate(tickets):
        event = {
            "specversion": "1.0",
            "id": f"again-{place}",
            "source": "/helpdesk/demo",
            "type": "ticket.replied",
            "time": moments.text(now + 120 * moments.SECOND),
            "subject": ticket,
            "data": {"author": "agent", "agent_id": f"agent-{place % 200}"},
        }
        yield ticket.encode(), msgspec.json.encode(event)


def _tell(runs: Runs, options: argparse.Namespace) -> None:
    if options.json:
        told = {"runs": runs, "metrics": options.metrics, "machine": machine()}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    few = min(runs)
    base = statistics.median(run["bytes"] for run in runs[few])
    for number, each in runs.items():
        cost = spread((run["microseconds"] for run in each), 1)
        line = f"{number:>10,} open tickets: {cost} CPU microseconds an event"
        if number > few:
            size = spread(((run["bytes"] - base) / (number - few) for run in each), 0)
            kept = spread((run["bytes_of_events"] for run in each), 0)
            line += f", {size} bytes a ticket"
            line += f", {kept} of them for the events kept" if options.store == "memory" else ""
        if options.store == "rocksdb":
            resident, disk = (
                spread((run[of] / 2**20 for run in each), 0) for of in ("bytes", "bytes_on_disk")
            )
            line += f"; {resident} MiB resident in all, {disk} MiB on disk"
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{machine()}\n")


if __name__ == "__main__":
    main()
