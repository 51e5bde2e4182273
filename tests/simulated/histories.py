"""Histories: messy events, told in pieces to a cluster that fetches, writes and crashes as chance has it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.state.partition import Plan
from streams.windows.panes import KINDS, PUBLISHED, Calendar, Retention
from tests.oracle.figures import figures as oracle_figures
from tests.oracle.stories import START, events
from tests.promise import Figures, Json, MetricsLog
from tests.simulated.cluster import Cluster

METRICS = frozenset(metric.name for metric in CATALOGUE.metrics)


@dataclass(frozen=True)
class History:
    """One run; everything in it follows from the seed."""

    seed: int
    partitions: int = 4
    zone: str = "UTC"
    minutes: bool = False
    size: int = 12
    "Tickets, and as many answer sheets."
    start: datetime = START
    days: float = 12.0
    retention: Retention = Retention()
    admitted: int = 10_000

    @cached_property
    def events(self) -> list[Json]:
        return events(self.seed, self.size, self.size, self.start, self.days)

    @property
    def plan(self) -> Plan:
        return Plan(
            CATALOGUE,
            "v1",
            self.partitions,
            "told",
            calendar=Calendar(ZoneInfo(self.zone)),
            retention=self.retention,
            admitted=self.admitted,
            published=KINDS if self.minutes else PUBLISHED,
        )

    def play(self) -> Cluster:
        """The cluster after all is consumed and written."""
        cluster, chance = Cluster(self.plan, self.seed), random.Random(f"history {self.seed}")
        for piece in pieces(self.events, chance):
            cluster.produce(piece)
            for _ in range(chance.randint(0, 6)):
                cluster.step()
        cluster.drain()
        return cluster

    def batch(self) -> Figures:
        batch = Batch(CATALOGUE, Calendar(ZoneInfo(self.zone)), self.retention)
        batch.take(map(msgspec.json.encode, self.events))
        assert not batch.refused
        return batch.figures()

    def oracle(self) -> dict[tuple[str, str, str, str], Json]:
        return oracle_figures(self.events, time_zone=self.zone, metrics=METRICS)


def pieces(events: Sequence[Json], chance: random.Random) -> list[Sequence[Json]]:
    found, place = [], 0
    while place < len(events):
        size = chance.choice((1, 3, 10, 40))
        found.append(events[place : place + size])
        place += size
    return found


def metrics_log(cluster: Cluster) -> MetricsLog:
    """All that the cluster ever told on the metrics topic."""
    log = MetricsLog()
    for number in range(cluster.plan.partitions):
        for record in cluster.log.topics[cluster.plan.topic("metrics"), number]:
            log.take(number, record.key, record.value)
    return log
