"""Events at a steady rate: the CPU of an event, and how soon a figure tells of it.

    python -m bench.live [--rates 1000,5000] [--share 0.8] [--seconds 30] [--metrics basic|peers] [--json]

Tickets go through their lives at so many events a second. Ten of them a second are counted by a channel of
their partition's own, so that its count tells which of them it knows: from the broker's timestamp of the
event to a reader of committed records. `--share` adds a rate: so much of the full load, what the worker
takes while as much as it takes alone is produced beside it, on the same machine.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.measure import machine, percentile
from bench.selection import PEERS, selected
from bench.workers import PARTITIONS, PREFIX, Committed, Workers
from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.partitioning import partition_of
from streams.kafka.produce import publish
from streams.kafka.topics import apply
from streams.settings import load
from streams.topics import specs

TOPIC, FIGURES = f"{PREFIX}tickets", f"{PREFIX}metrics"
PROBE = "probe-"
PROBES = 10
"A second."

SETTLING = 10.0
"Seconds at a rate before they count."

BACKLOG = 1_000_000
"Events to catch up with first: several checkpoints of each partition."

BESIDE = 20.0
"Seconds that are produced beside it to see what it takes then."

AT_FIRST = 0.25
"Of that time no rate is told by: it is not behind yet."

LEAST_BESIDE = 0.98
"Of what is produced: if more is taken, the worker could take more still."

POLL = 0.1

PATIENCE = 120.0
"Seconds until the last figure tells of the last probe."

LAST = 0.5
"Seconds for the reader to see what was appended last."

Published = tuple[str, bytes, bytes]


class Lives:
    """Tickets that are created, answered twice and resolved, a thousand tickets apart; probes among them."""

    def __init__(self, *, answered: bool = False) -> None:
        """Probes are answered at once, where figures tell of answers alone."""
        self._numbers = count()
        self._probes = count()
        self._answered = answered

    def events(self, rate: float) -> Iterator[Published]:
        """Without end."""
        every = max(1, round(rate / PROBES))
        for place in count():
            if place % every == 0:
                number = next(self._probes)
                channel = f"{PROBE}{partition_of(f'P{number}'.encode(), PARTITIONS)}"
                created = {"channel": channel, "priority": "normal"}
                yield self._event(f"P{number}", "created", created, number)
                if self._answered:
                    yield self._event(f"P{number}", "replied", {"author": "agent"}, number)
            else:
                yield self._next()

    def without_probes(self, number: int) -> Iterator[Published]:
        return (self._next() for _ in range(number))

    def _next(self) -> Published:
        number = next(self._numbers)
        ticket, step = divmod(number, 4)
        earlier = max(0, ticket - 1000 * step)
        agent = {"agent_id": f"agent-{earlier % 200}"}
        if step == 0:
            created = {"channel": ("email", "chat", "phone", "social")[ticket % 4], "priority": "normal"}
            return self._event(f"T{ticket}", "created", created, number)
        if step == 3:
            return self._event(f"T{earlier}", "resolved", agent, number)
        return self._event(f"T{earlier}", "replied", {**agent, "author": "agent"}, number)

    def _event(self, ticket: str, type_: str, data: dict[str, str], number: int) -> Published:
        event = {
            "specversion": "1.0",
            "id": f"{type_}-{number}",
            "source": "/helpdesk/demo",
            "type": f"ticket.{type_}",
            "time": moments.text(time.time_ns() // 1000),
            "subject": ticket,
            "data": data,
        }
        return TOPIC, ticket.encode(), msgspec.json.encode(event)


class Reader:
    """When probes were appended to each partition, and when its figure counted them, in milliseconds."""

    def __init__(self, bootstrap: str, *, answered: bool) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", fetch_max_wait_ms=50
        )
        self._keys = {_key(n, answered=answered): n for n in range(PARTITIONS)}
        self._counts = "ticket.replied" if answered else "ticket.created"
        self._appended: list[list[float]] = [[] for _ in range(PARTITIONS)]
        self._told: list[list[float]] = [[] for _ in range(PARTITIONS)]

    async def run(self) -> None:
        await self._consumer.start()
        tps = [TopicPartition(topic, n) for topic in (TOPIC, FIGURES) for n in range(PARTITIONS)]
        self._consumer.assign(tps)
        await self._consumer.seek_to_end(*tps)
        try:
            while True:
                fetched = await self._consumer.getmany(timeout_ms=1000)
                now = time.time() * 1000
                for tp, records in fetched.items():
                    for record in records:
                        self._take(tp, record, now)
        finally:
            await self._consumer.stop()

    def waited(self) -> list[list[float]]:
        """Of each partition, in the order of its probes; empty while one is not told yet."""
        if any(map(lambda at, told: len(told) < len(at), self._appended, self._told)):
            return []
        return [
            [told - at for at, told in zip(*both, strict=False)]
            for both in zip(self._appended, self._told, strict=True)
        ]

    def _take(self, tp: TopicPartition, record: Any, now: float) -> None:
        if tp.topic == TOPIC:
            if record.key.startswith(b"P") and msgspec.json.decode(record.value)["type"] == self._counts:
                self._appended[tp.partition].append(record.timestamp)
        elif (number := self._keys.get(record.key)) is not None and record.value is not None:
            told = self._told[number]
            told.extend([now] * (msgspec.json.decode(record.value)["data"]["count"] - len(told)))


def _key(number: int, *, answered: bool) -> bytes:
    """Of the figure that counts the probes of a partition."""
    if answered:
        return f"first_response|channel={PROBE}{number},priority=normal|total|".encode()
    return f"tickets_created|channel={PROBE}{number}|total|".encode()


async def main() -> None:
    options = _options()
    answered = options.metrics == PEERS
    catalogue = selected(options.metrics)
    async with EmbeddedBroker() as broker:
        settings = load(None, {"broker": f"kafka://{broker.bootstrap}", "topics.prefix": PREFIX})
        await apply(broker.bootstrap, [s for s in specs(catalogue, settings) if s.name.startswith(PREFIX)])
        lives = Lives(answered=answered)
        await publish(broker.bootstrap, lives.without_probes(BACKLOG))
        async with Workers(broker.bootstrap, "bench-live", metrics=options.metrics) as workers:
            alone = await _catch_up(broker.bootstrap, workers)
            rates = [float(rate) for rate in options.rates.split(",")]
            full = None
            if options.share:
                full = await _full(broker.bootstrap, workers, lives, alone)
                rates.append(options.share * full)
            reader = Reader(broker.bootstrap, answered=answered)
            reading = asyncio.create_task(reader.run())
            told = [
                await _at(broker.bootstrap, workers, lives, reader, rate, options.seconds) for rate in rates
            ]
            reading.cancel()
            await asyncio.wait([reading])
    _tell(told, alone, full, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", default="1000,5000", metavar="NUMBERS")
    parser.add_argument("--share", type=float, default=0.8)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--metrics", default="", metavar="NAMES")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


async def _catch_up(bootstrap: str, workers: Workers) -> float:
    """The rate at which the backlog is taken, with nothing else to do for the machine."""
    await workers.ready()
    begun = time.monotonic()
    async with Progress(bootstrap, workers) as progress:
        await progress.reach(BACKLOG)
        return BACKLOG / (time.monotonic() - begun)


async def _full(bootstrap: str, workers: Workers, lives: Lives, alone: float) -> float:
    """The rate at which events are taken while as many are produced as are taken without."""
    events = lives.without_probes(round(alone * BESIDE))
    async with Progress(bootstrap, workers) as progress:
        begun = time.monotonic()
        written = await publish(bootstrap, events, rate=alone)
        produced, full = written / (time.monotonic() - begun), progress.rate()
        await progress.reach(BACKLOG + written)
    if full > LEAST_BESIDE * produced:
        sys.stderr.write(f"All of {produced:,.0f} events/s were taken: the producer bounds the full load.\n")
    return full


class Progress:
    """What a group has committed, looked at all the time."""

    def __init__(self, bootstrap: str, workers: Workers) -> None:
        self._committed = Committed(bootstrap, "bench-live", [TOPIC])
        self._workers = workers
        self._seen: list[tuple[float, int]] = []
        "When it was looked at, and how much was committed."

    async def __aenter__(self) -> Self:
        await self._committed.start()
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        await asyncio.wait([self._looking])
        await self._committed.stop()

    async def reach(self, events: int) -> None:
        """Wait until so many are committed."""
        while self._done < events:
            if self._looking.done():
                self._looking.result()
            await asyncio.sleep(POLL)

    def rate(self) -> float:
        """By regression: while a worker is behind, much is committed at a time, and seldom."""
        since = self._seen[0][0] + AT_FIRST * (self._seen[-1][0] - self._seen[0][0])
        seen = [(at, done) for at, done in self._seen if at >= since]
        return statistics.linear_regression(*zip(*seen, strict=True)).slope

    @property
    def _done(self) -> int:
        return self._seen[-1][1] if self._seen else 0

    async def _look(self) -> None:
        while True:
            self._workers.cpu()
            number = await self._committed.number()
            self._seen.append((time.monotonic(), number))
            await asyncio.sleep(POLL)


async def _at(
    bootstrap: str, workers: Workers, lives: Lives, reader: Reader, rate: float, seconds: float
) -> dict[str, float]:
    await publish(bootstrap, islice(lives.events(rate), round(rate * SETTLING)), rate=rate)
    settled = [len(each) for each in await _all_told(reader)]
    before, begun = workers.cpu(), time.monotonic()
    written = await publish(bootstrap, islice(lives.events(rate), round(rate * seconds)), rate=rate)
    took, cpu = time.monotonic() - begun, workers.cpu() - before
    found = await _all_told(reader)
    waited = [each for first, probes in zip(settled, found, strict=True) for each in probes[first:]]
    return {
        "rate": written / took,
        "cpu_microseconds": cpu / written * 1e6,
        "milliseconds_median": percentile(waited, 50),
        "milliseconds_99th": percentile(waited, 99),
        "probes": len(waited),
    }


async def _all_told(reader: Reader) -> list[list[float]]:
    """How long each probe waited, once figures tell of all that were appended."""
    await asyncio.sleep(LAST)
    async with asyncio.timeout(PATIENCE):
        while True:
            if waited := reader.waited():
                return waited
            await asyncio.sleep(0.05)


def _tell(
    told: list[dict[str, float]], alone: float, full: float | None, options: argparse.Namespace
) -> None:
    if options.json:
        found = {
            "alone": alone,
            "full": full,
            "rates": told,
            "metrics": options.metrics,
            "machine": machine(),
        }
        sys.stdout.write(json.dumps(found) + "\n")
        return
    sys.stdout.write(f"{alone:>10,.0f} events/s while catching up, nothing beside it\n")
    if full is not None:
        sys.stdout.write(f"{full:>10,.0f} events/s while as many as that are produced: full load\n")
    for each in told:
        sys.stdout.write(
            f"{each['rate']:>10,.0f} events/s: {each['cpu_microseconds']:.0f} CPU microseconds an event; "
            f"figures after {each['milliseconds_median']:.0f} ms, 99th {each['milliseconds_99th']:.0f} ms "
            f"({each['probes']} probes)\n"
        )
    sys.stdout.write(f"{machine()}\n")


if __name__ == "__main__":
    asyncio.run(main())
