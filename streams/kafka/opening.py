"""Opening partition numbers: what must hold of them, where they were left, and their state."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any

import structlog
from aiokafka import TopicPartition
from faust.types.tuples import TP

from streams.crash import REFUSES, crash
from streams.kafka.left import (
    Place,
    Range,
    beginning,
    rebuild,
    shortened,
    skipped,
    unfit,
    unreadable,
    without_offsets,
)
from streams.kafka.owner import Owner
from streams.kafka.recovery import read_state
from streams.kafka.transport import ConsumerThread
from streams.settings import Settings
from streams.state.plan import Plan

log = structlog.get_logger()

POLL = 0.2


class Opening:
    """Reads back what the last owners of partition numbers wrote; they have been fenced by then."""

    def __init__(self, plan: Plan, settings: Settings, thread: ConsumerThread) -> None:
        self._plan = plan
        self._settings = settings
        self._thread = thread
        self._topics = (*plan.inputs, plan.contributions)
        self._changelogs = {plan.changelog(table): table for table in plan.tables}

    def numbers(self, assignment: Iterable[TP]) -> set[int]:
        """The numbers that were assigned: of each all topics, or the process ends."""
        topics: dict[int, set[str]] = defaultdict(set)
        for tp in assignment:
            topics[tp.partition].add(tp.topic)
        every = {*self._topics, *self._changelogs}
        if odd := {number: sorted(every ^ names) for number, names in topics.items() if names != every}:
            crash(f"All topics of a partition number must be assigned together, but these were not: {odd}")
        if beyond := [number for number in topics if number >= self._plan.partitions]:
            crash(
                f"There are partitions {beyond}, expected {self._plan.partitions} in each topic "
                "(setting topics.partitions).",
                code=REFUSES,
            )
        return set(topics)

    async def restore(self, owners: list[Owner]) -> None:
        """Put owners where their numbers were left, with the state of that place.

        Who has nothing to own yet must refuse as well what it couldn't take over later.
        """
        places = await self._places()
        for number, left in places.items():
            self._refuse(unfit(self._plan, number, left))
        if not owners:
            return
        partitions = [owner.partition for owner in owners]
        kept = await self._check_readable({each.number: places[each.number] for each in partitions})
        takers = {
            TopicPartition(topic, partition.number): partial(partition.restore, table)
            for partition in partitions
            for topic, table in self._changelogs.items()
        }
        await read_state(self._settings.bootstrap, takers, self._settings.checkpoint.timeout)
        late: dict[str, int] = {}
        for partition in partitions:
            left, there = places[partition.number], kept[partition.number]
            self._refuse(without_offsets(partition, left))
            late |= skipped(self._plan.inputs, partition.number, left, there)
            partition.resume(beginning(left, there))
            partition.restored()
            await asyncio.sleep(0)
        if late:
            log.warning("inputs lack their beginning: what was deleted there is in no figure", begins=late)

    async def _places(self) -> dict[int, dict[str, Place]]:
        """Where all numbers were left: topic -> offset and metadata."""
        tps = [TP(topic, number) for number in range(self._plan.partitions) for topic in self._topics]
        async with asyncio.timeout(self._settings.checkpoint.timeout):
            committed: dict[Any, Any] = await self._thread.call_thread(self._thread.committed, tps)
        places: dict[int, dict[str, Place]] = defaultdict(dict)
        for tp in tps:
            at = committed.get(tp)
            places[tp.partition][tp.topic] = (max(at.offset, 0), at.metadata) if at is not None else (0, "")
        return places

    async def _check_readable(self, places: dict[int, dict[str, Place]]) -> dict[int, dict[str, Range]]:
        """What is kept of all topics of these numbers: from where each was left on everything.

        A new leader may know for a moment of less than its followers have: that is waited for.
        """
        topics = (*self._topics, *self._changelogs)
        tps = [TP(topic, number) for number in places for topic in topics]
        end = time.monotonic() + self._settings.checkpoint.timeout
        while True:
            async with asyncio.timeout(self._settings.checkpoint.timeout):
                found = await self._thread.call_thread(self._thread.kept, tps)
            kept: dict[int, dict[str, Range]] = defaultdict(dict)
            for tp, range_ in found.items():
                kept[tp.partition][tp.topic] = range_
            wrong = [self._lost(number, left, kept[number]) for number, left in places.items()]
            if not any(wrong):
                return kept
            if time.monotonic() > end:
                self._refuse(next(filter(None, wrong)))
            await asyncio.sleep(POLL)

    def _lost(self, number: int, left: dict[str, Place], kept: dict[str, Range]) -> str | None:
        return unreadable(self._plan, number, left, kept) or shortened(self._changelogs, number, kept)

    def _refuse(self, reason: str | None) -> None:
        if reason is not None:
            crash(f"{reason} {rebuild(self._plan)}", code=REFUSES)
