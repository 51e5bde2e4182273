"""A scrape of many series: how long it takes, and how long the worker does nothing else meanwhile.

    python -m bench.scrape [--values 100] [--runs 5] [--json]

Tickets of the last minutes have so many channels, priorities, teams and agents. While the worker is scraped,
its /health/live, which the same loop answers, is asked again and again: the longest answer is the stall.
"""

import argparse
import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator

import msgspec

from bench.measure import machine, spread
from bench.selection import selected
from bench.workers import PREFIX, Committed, Workers
from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.kafka.topics import apply
from streams.settings import load
from streams.topics import specs

TOPIC = f"{PREFIX}tickets"
TICKETS_A_VALUE = 5
QUIET = 3.0
"Seconds without events before a scrape, and of asking without one."


async def main() -> None:
    options = _options()
    async with EmbeddedBroker() as broker:
        settings = load(None, {"broker": f"kafka://{broker.bootstrap}", "topics.prefix": PREFIX})
        topics = [s for s in specs(selected(""), settings) if s.name.startswith(PREFIX)]
        await apply(broker.bootstrap, topics)
        events = list(many_values(options.values, time.time_ns() // 1000))
        await publish(broker.bootstrap, ((TOPIC, key, value) for key, value in events))
        async with Workers(broker.bootstrap, "bench-scrape") as workers:
            await _consumed(broker.bootstrap, len(events))
            await asyncio.sleep(QUIET)
            runs = [await asyncio.to_thread(_scrape, workers) for _ in range(options.runs)]
            without = await asyncio.to_thread(_longest, workers, lambda: time.sleep(QUIET))
    _tell(runs, without, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--values", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def many_values(values: int, now: int) -> Iterator[tuple[bytes, bytes]]:
    """A life within four minutes for each ticket."""
    for number in range(values * TICKETS_A_VALUE):
        place, ticket = number % values, f"T{number}"
        opened = {"channel": f"c{place}", "priority": f"p{place}", "team": f"t{place}"}
        agent = {"agent_id": f"a{place}"}
        reply = {"author": "agent", **agent}
        steps = (("created", opened), ("replied", reply), ("replied", reply), ("resolved", agent))
        for step, (type_, data) in enumerate(steps):
            event = {
                "specversion": "1.0",
                "id": f"{ticket}-{step}",
                "source": "/helpdesk/demo",
                "type": f"ticket.{type_}",
                "time": moments.text(now - (4 - step) * moments.MINUTE),
                "subject": ticket,
                "data": data,
            }
            yield ticket.encode(), msgspec.json.encode(event)


async def _consumed(bootstrap: str, events: int) -> None:
    committed = Committed(bootstrap, "bench-scrape", [TOPIC])
    await committed.start()
    while True:
        if await committed.number() >= events:
            break
        await asyncio.sleep(0.1)
    await committed.stop()


def _scrape(workers: Workers) -> dict[str, float]:
    found: dict[str, float] = {}

    def scrape() -> None:
        before, begun = workers.cpu(), time.monotonic()
        page = workers.ask("/metrics")
        found["seconds"] = time.monotonic() - begun
        found["cpu_seconds"] = workers.cpu() - before
        found["series"] = sum(not line.startswith(b"#") for line in page.splitlines())

    found["stall_seconds"] = _longest(workers, scrape)
    return found


def _longest(workers: Workers, act: Callable[[], None]) -> float:
    """The longest that the worker took to answer during that."""
    longest, over = 0.0, threading.Event()

    def ask_again() -> None:
        nonlocal longest
        while not over.is_set():
            begun = time.monotonic()
            workers.ask("/health/live")
            longest = max(longest, time.monotonic() - begun)
            time.sleep(0.002)

    asking = threading.Thread(target=ask_again)
    asking.start()
    time.sleep(0.2)
    longest = 0.0
    act()
    over.set()
    asking.join()
    return longest


def _tell(runs: list[dict[str, float]], without: float, options: argparse.Namespace) -> None:
    if options.json:
        told = {"runs": runs, "stall_without": without, "machine": machine()}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for name, digits in (("series", 0), ("seconds", 2), ("cpu_seconds", 2), ("stall_seconds", 3)):
        sys.stdout.write(f"{name.replace('_', ' '):16} {spread((run[name] for run in runs), digits)}\n")
    sys.stdout.write(f"{'without a scrape':16} {without:.3f}\n{machine()}\n")


if __name__ == "__main__":
    asyncio.run(main())
