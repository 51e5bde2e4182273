"""Histories: messy events, told in pieces to a cluster that fetches, writes and crashes as chance has it."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.settings import load
from streams.state.partition import Partition
from streams.state.plan import Plan
from streams.windows.panes import KINDS, PUBLISHED, Calendar, Retention
from tests.oracle.events import microseconds
from tests.oracle.figures import figures as oracle_figures
from tests.oracle.stories import START, events
from tests.promise import LEVELS, Figures, Json, MetricsLog, unequal
from tests.simulated.cluster import Cluster

KEPT = Retention()
MINUTES = load().minute_sets()
EVERY_SET = frozenset(frozenset(names) for family in CATALOGUE.families for names in family.sets)
METRICS = frozenset(metric.name for metric in CATALOGUE.metrics) - LEVELS
"""Levels are apart: they have figures of every hour, and so need histories of their own."""


def without_levels(catalogue: Catalogue) -> Catalogue:
    return replace(catalogue, metrics=tuple(m for m in catalogue.metrics if m.name not in LEVELS))


WITHOUT_LEVELS = without_levels(CATALOGUE)


class Watched(Cluster):
    """A cluster that counts its crashes."""

    crashes = 0

    def _open(self, number: int) -> Partition:
        self.crashes += 1
        return super()._open(number)

    def __init__(self, plan: Plan, seed: int = 0) -> None:
        super().__init__(plan, seed)
        self.crashes = 0

    def inputs(self) -> list[bytes]:
        """The values of all input records that are no facts of ours, in the order of their log."""
        places = [(topic, number) for topic in self.plan.inputs for number in range(self.plan.partitions)]
        records = (record for place in places for record in self.log.topics[place])
        return [record.value for record in records if record.value and b"/metricland" not in record.value]

    def idle(self, clock: int) -> None:
        """Partitions with nothing to read have their watermark moved by the clock."""
        for partition in self.partitions:
            for topic in self.plan.inputs:
                if partition.next.get(topic, 0) == len(self.log.topics[topic, partition.number]):
                    partition.idle(topic, clock)


@dataclass(frozen=True)
class History:
    """One run; everything in it follows from the seed."""

    seed: int
    partitions: int = 4
    zone: str = "UTC"
    minutes: bool = False
    size: int = 8
    "Tickets, and as many answer sheets and calls."
    start: datetime = START
    days: float = 12.0
    retention: Retention = KEPT
    hidden: frozenset[str] = frozenset()
    "Dimensions without figures."
    idle: bool = False
    "Whether the clock moves watermarks of what is idle, now and then and at the end."
    levels: bool = False
    "Whether levels are told too."

    @cached_property
    def events(self) -> list[Json]:
        return events(self.seed, self.size, self.size, self.start, self.days, calls=self.size)

    @cached_property
    def catalogue(self) -> Catalogue:
        """As settings adjust it, or with minutes of all sets."""
        catalogue = CATALOGUE if self.levels else WITHOUT_LEVELS
        return catalogue.adjusted(self.hidden, EVERY_SET if self.minutes else MINUTES)

    @property
    def plan(self) -> Plan:
        return Plan(
            self.catalogue,
            "v1",
            self.partitions,
            "told",
            calendar=Calendar(ZoneInfo(self.zone)),
            retention=self.retention,
            published=KINDS if self.minutes else PUBLISHED,
        )

    @property
    def end(self) -> int:
        """The highest event time."""
        return max(microseconds(event["time"]) for event in self.events)

    def play(self, look: Callable[[Watched], Any] = lambda cluster: None) -> Watched:
        """The cluster after all is consumed and written; `look` sees it after each piece."""
        cluster, chance = Watched(self.plan, self.seed), random.Random(f"history {self.seed}")
        for piece in pieces(self.events, chance):
            cluster.produce(piece)
            for _ in range(chance.randint(0, 6)):
                cluster.step()
            if self.idle and chance.random() < 0.2:
                cluster.idle(microseconds(piece[-1]["time"]))
            look(cluster)
        cluster.drain(self.end + 32 * 86_400_000_000 if self.idle else None)
        return cluster

    def batch(self, at: int | None = None, beside: Iterable[str] = ()) -> Figures:
        batch = Batch(self.catalogue, Calendar(ZoneInfo(self.zone)), self.retention)
        batch.take(map(msgspec.json.encode, self.events))
        assert not batch.refused
        return batch.figures(at, beside)

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


def unequal_to_batch(history: History, cluster: Cluster) -> list[str]:
    return unequal(history.batch(), metrics_log(cluster).figures)
