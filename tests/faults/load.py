"""Load on real Kafka: `python -m tests.faults.load --seconds 300`.

1. A worker that is slow, and a producer that is ten times faster. Then the worker is itself again.
2. The same worker at a rate that it can bear, and a broker that mostly stands still.

All the while a consumer of the figures takes part in a group and reads nothing. Memory must stay within its
bound, the group without a rebalance, the lag told in seconds; all must be consumed in the end, and counted.
The exit code is 1 where that fails.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from aiokafka import AIOKafkaConsumer

from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import Record, publish
from tests.faults.harness import Deployment
from tests.faults.meanwhile import meanwhile
from tests.faults.process import PACE
from tests.faults.workers import Worker

FASTER = 10
"Times as much as the slow worker takes."

BEARABLE = 2000
"Events a second that the worker takes easily."

STANDS, MOVES = 0.2, 0.05
"Seconds of a slow broker."

WAITING = 192 << 20
"""Bytes: the bound of what waits in memory. Of each partition at most one fetch, of each topic eight more
batches (`stream_buffer_maxsize`): 12 MiB as Kafka sends them, which as Python objects take some four times
that. Beside them up to 100,000 records (`ROOM`) of each partition whose contributions and figures are not
yet written."""

DRAINED = 1800.0
"Seconds after which what is still to be consumed will not be."

MIB = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=300.0)
    asked = parser.parse_args()
    quiet()
    sys.exit(bool(asyncio.run(_run(asked.seconds))))


async def _run(seconds: float) -> list[str]:
    """What went wrong."""
    with tempfile.TemporaryDirectory(prefix="load-") as directory:
        async with (
            EmbeddedBroker() as broker,
            Deployment(broker.bootstrap, directory=Path(directory)) as deployment,
            standing_still(deployment),
        ):
            worker = await deployment.start(rigged=True)
            return await Load(deployment, worker).run(broker, seconds)


@dataclass
class Sample:
    """Of a worker, as it says itself and as the machine sees it."""

    events: float
    lag: float
    late: float
    "Seconds."
    memory: int


@dataclass
class Load:
    deployment: Deployment
    worker: Worker
    told: int = 0
    samples: list[Sample] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def run(self, broker: EmbeddedBroker, seconds: float) -> list[str]:
        at_rest = (await self.sample()).memory
        async with self.watched():
            began = len(self.samples)
            self.worker.slow()
            await self.produce(FASTER * PACE, seconds)
            behind = self.samples[-1]
            self.worker.calm()
            drained = await self.drained()
            overload = self.samples[began:]
            began = len(self.samples)
            async with slowed(broker):
                await self.produce(BEARABLE, seconds / 5)
            calm = await self.drained()
            crawl = self.samples[began:]
        await self.check()
        waiting = self.waiting(at_rest)
        say("produced", f"{self.told:,} events, at first {FASTER * PACE:,.0f} a second")
        say("taken meanwhile", f"{behind.events:,.0f} events")
        say("lag", f"{max(s.lag for s in overload):,.0f} records, {max(s.late for s in overload):.0f} s")
        say("drained", f"{drained:.0f} s after the worker was itself again")
        say("memory", f"{at_rest / MIB:.0f} MiB at rest, {self.samples[-1].memory / MIB:.0f} MiB in the end")
        say("waiting in memory", f"{waiting / MIB:.0f} MiB at most, bound {WAITING / MIB:.0f} MiB")
        say("a slow broker", f"lag of {max(s.late for s in crawl):.0f} s at most, drained after {calm:.0f} s")
        say("rebalances, ends", f"{self.rebalances}, {len(self.worker.exits)}")
        for reason in self.worker.reasons:
            say("a process ended", reason)
        if waiting > WAITING:
            self.wrong.append("more waited in memory than the bound")
        if self.rebalances or self.worker.exits:
            self.wrong.append("the worker didn't stay what it was")
        say("wrong", "; ".join(self.wrong) or "nothing")
        return self.wrong

    async def produce(self, rate: float, seconds: float) -> None:
        first, self.told = self.told, self.told + int(rate * seconds) // 4 * 4
        records = events(f"{self.deployment.prefix}tickets", first // 4, self.told // 4)
        await publish(self.deployment.settings.bootstrap, records, rate=rate)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        async def watch() -> None:
            while True:
                self.samples.append(await self.sample())
                await asyncio.sleep(0.5)

        async with meanwhile(watch()):
            yield

    async def drained(self) -> float:
        """Seconds until all that was produced has been taken."""
        started = time.monotonic()
        while not self.samples or self.samples[-1].events < self.told or self.samples[-1].lag:
            assert not self.worker.exits, self.worker.reasons
            assert time.monotonic() - started < DRAINED, self.samples[-1:]
            await asyncio.sleep(0.5)
        return time.monotonic() - started

    async def sample(self) -> Sample:
        told = await self.worker.metrics()
        late = [value for name, value in told if name.startswith("cx_event_time_lag") and ".tickets" in name]
        folded = sum(
            value for name, value in told if name.startswith("cx_events_total") and 'outcome="folded"' in name
        )
        lag = sum(value for name, value in told if name.startswith("cx_consumer_lag"))
        return Sample(folded, lag, max(late, default=0.0), resident(*self.worker.pids))

    def waiting(self, at_rest: int) -> float:
        """The most memory beyond what the state of so many events takes in the end, in bytes."""
        last = self.samples[-1]
        each = (last.memory - at_rest) / last.events
        return max(sample.memory - at_rest - each * sample.events for sample in self.samples)

    @property
    def rebalances(self) -> int:
        return sum(" ready " in line for line in self.worker.said) - 1

    async def check(self) -> None:
        """Everything was counted once."""
        await self.deployment.settled(DRAINED)
        tickets = self.told // 4
        for metric in ("tickets_created", "tickets_resolved", "replies"):
            figure = self.deployment.figures.get(f"{metric}||total|", {"count": 0})
            if figure["count"] != tickets:
                self.wrong.append(f"{metric} is {figure['count']:,}, expected {tickets:,}")


def events(topic: str, first: int, last: int) -> Iterator[Record]:
    """Tickets of four events each, at the moment when they are asked for."""
    for number in range(first, last):
        ticket, channel = f"T{number:08d}", ("email", "chat", "web", "phone")[number % 4]
        at = time.time_ns() // 1000
        for place, (kind, data) in enumerate(
            (
                ("created", {"channel": channel, "customer_id": f"C{number % 1000}"}),
                ("replied", {"author": "customer"}),
                ("replied", {"author": "agent", "agent_id": f"agent-{number % 50}"}),
                ("resolved", {"agent_id": f"agent-{number % 50}"}),
            )
        ):
            event = {
                "specversion": "1.0",
                "id": f"{ticket}-{place}",
                "source": "/helpdesk/load",
                "type": f"ticket.{kind}",
                "time": moments.text(at + place),
                "subject": ticket,
                "data": data,
            }
            yield topic, ticket.encode(), json.dumps(event).encode()


@asynccontextmanager
async def standing_still(deployment: Deployment) -> AsyncIterator[None]:
    """A consumer of the figures that has joined a group and never reads."""
    metrics = f"{deployment.prefix}metrics"
    async with AIOKafkaConsumer(
        metrics,
        bootstrap_servers=deployment.settings.bootstrap,
        group_id=f"{metrics}-reader",
        auto_offset_reset="earliest",
    ):
        yield


@asynccontextmanager
async def slowed(broker: EmbeddedBroker) -> AsyncIterator[None]:
    """Its process stands still most of the time."""
    (node,) = broker.pids

    async def crawl() -> None:
        while True:
            broker.pause(node)
            try:
                await asyncio.sleep(STANDS)
            finally:
                broker.resume(node)
            await asyncio.sleep(MOVES)

    async with meanwhile(crawl()):
        yield


def quiet() -> None:
    """What clients log of each attempt is no news here."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def resident(pid: int) -> int:
    """Bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def say(what: str, text: str) -> None:
    sys.stdout.write(f"{what:20} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
