"""A soak on real Kafka: `python -m tests.faults.soak --minutes 20`.

One worker stays, and takes a steady stream of events on a fixed number of tickets; others join it and are
killed, stopped or paused, again and again. In the end all figures must be the batch's, and the memory of the
one that stayed hardly larger than it was; the exit code is 1 where that isn't so.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, cycle
from pathlib import Path
from statistics import linear_regression

import msgspec

from streams import moments
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import Record, publish
from tests.faults.harness import PARTITIONS, SESSION, Deployment
from tests.faults.load import MIB, quiet, resident, say
from tests.faults.meanwhile import meanwhile
from tests.faults.workers import Worker, owned

TICKETS = 1000
KEPT = 16
"The last events that a ticket keeps: few, so that its record soon stays as large as it is."

WARM_UP = 1 / 3
"Of the time, in which memory may grow."

GROWTH = 32 * MIB
"The most by which it may grow in the rest of the time."

LOOK = 2.0
"Seconds between looks at the worker that stays, and reads of what it tells."

LIFE = (
    ("created", {"channel": "email"}),
    ("replied", {"author": "customer"}),
    ("replied", {"author": "agent", "agent_id": "ana"}),
    ("resolved", {"agent_id": "ana"}),
    ("reopened", {}),
    ("resolved", {"agent_id": "ana"}),
)
"Of a ticket."

WORK = (("handled", {"agent_id": "ana", "seconds": 90}), ("replied", {"author": "customer"}))
"""What then happens to it again and again. Figures change with it, but the ticket's record stays as large as
it is: with replies and resolves it would grow, and memory with it."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=500.0, metavar="R", help="events a second")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of what happens")
    asked = parser.parse_args()
    quiet()
    sys.exit(bool(asyncio.run(_run(asked.minutes * 60, asked.rate, asked.seed))))


async def _run(seconds: float, rate: float, seed: int) -> list[str]:
    """What went wrong."""
    with tempfile.TemporaryDirectory(prefix="soak-") as directory:
        async with (
            EmbeddedBroker() as broker,
            Deployment(broker.bootstrap, Path(directory), **{"events.kept": KEPT}) as deployment,
        ):
            return await Soak(deployment, await deployment.start(), random.Random(seed)).run(seconds, rate)


@dataclass
class Sample:
    """Of the worker that stays, while it owns all."""

    at: float
    pid: int
    memory: int
    rows: float


@dataclass
class Soak:
    deployment: Deployment
    worker: Worker
    chance: random.Random
    told: list[bytes] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)

    async def run(self, seconds: float, rate: float) -> list[str]:
        """What went wrong."""
        started = time.monotonic()
        records = self.events(f"{self.deployment.prefix}tickets", started + seconds)
        async with meanwhile(self.watch()):
            feeding = asyncio.create_task(publish(self.deployment.settings.broker, records, rate=rate))
            while time.monotonic() < started + seconds:
                await self.disturb()
            await feeding
            await self.deployment.settled()
        wrong = self.compare()
        say("lasted", f"{seconds / 60:g} minutes, {len(self.told):,} events")
        say("others", ", ".join(f"{what} {self.happened.count(what)}" for what in sorted(set(self.happened))))
        say("ends of who stayed", "; ".join(self.worker.reasons) or "none")
        if self.grown(started + WARM_UP * seconds) > GROWTH:
            wrong.append(f"memory grew by more than {GROWTH / MIB:.0f} MiB")
        say("wrong", "; ".join(wrong) or "nothing")
        return wrong

    async def disturb(self) -> None:
        """Another joins, for a while; it goes in one way or another."""
        await asyncio.sleep(self.chance.uniform(10, 40))
        other = await self.deployment.start()
        await asyncio.sleep(self.chance.uniform(3, 15))
        way = self.chance.choice(("killed", "stopped", "paused", "vanished"))
        if way == "killed":
            other.kill()
            await other.ready()
        elif way == "paused":
            other.pause()
            await asyncio.sleep(1.5 * SESSION)
            other.resume()
            await asyncio.sleep(self.chance.uniform(0, 5))
        elif way == "stopped":
            await other.stop()
        await other.vanish()
        self.happened.append(way)
        await self.worker.owns(PARTITIONS)

    async def watch(self) -> None:
        while True:
            await self.deployment.observer.read()
            if len(owned(self.worker)) == PARTITIONS and self.worker.pids:
                (pid,) = self.worker.pids
                told = await self.worker.metrics()
                rows = sum(value for series, value in told if series.startswith("cx_table_rows"))
                self.samples.append(Sample(time.monotonic(), pid, resident(pid), rows))
            await asyncio.sleep(LOOK)

    def compare(self) -> list[str]:
        """What differs from the batch."""
        try:
            self.deployment.check(self.told)
        except AssertionError as error:
            return [f"{error}"]
        return []

    def grown(self, since: float) -> float:
        """By how many bytes the process has grown that lived the longest: by the line through its samples."""
        lives: dict[int, list[Sample]] = {}
        for sample in self.samples:
            lives.setdefault(sample.pid, []).append(sample)
        samples = [sample for sample in max(lives.values(), key=len) if sample.at > since]
        slope, start = linear_regression([each.at for each in samples], [each.memory for each in samples])
        first, last = samples[0], samples[-1]
        grown, minutes = slope * (last.at - first.at), (last.at - first.at) / 60
        say(
            "memory",
            f"{grown / MIB:+.1f} MiB in {minutes:.0f} minutes by {len(samples)} looks, "
            f"from {(start + slope * first.at) / MIB:.0f} MiB; "
            f"{first.rows:,.0f} to {last.rows:,.0f} rows",
        )
        return grown

    def events(self, topic: str, end: float) -> Iterator[Record]:
        """Until a time: one on each ticket in turn, at the moment when it is asked for."""
        lives = chain(LIFE, cycle(WORK))
        kind, data = next(lives)
        number = 0
        while time.monotonic() < end:
            ticket = f"T{number % TICKETS:04}"
            event = {
                "specversion": "1.0",
                "id": f"{number}",
                "source": "/helpdesk/soak",
                "type": f"ticket.{kind}",
                "time": moments.text(time.time_ns() // 1000),
                "subject": ticket,
                "data": data,
            }
            self.told.append(msgspec.json.encode(event))
            yield topic, ticket.encode(), self.told[-1]
            number += 1
            if number % TICKETS == 0:
                kind, data = next(lives)


if __name__ == "__main__":
    main()
