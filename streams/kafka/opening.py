"""Opening partition numbers: what must hold of them, where they were left, and their state."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aiokafka import TopicPartition
from faust.types.tuples import TP

from streams.crash import REFUSES, crash
from streams.kafka.owner import Owner
from streams.kafka.recovery import read_state
from streams.kafka.transport import ConsumerThread
from streams.settings import Settings
from streams.state.partition import Partition, Plan, read_metadata

Place = tuple[int, str]
"What is committed of a partition: offset and metadata."


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
        """Put owners where their numbers were left, with the state of that place."""
        if not owners:
            return
        places = await self._places(owners)
        numbers = [owner.partition.number for owner in owners]
        tps = [TopicPartition(topic, number) for topic in self._changelogs for number in numbers]
        state = await read_state(self._settings.bootstrap, tps, self._settings.checkpoint.timeout)
        for owner in owners:
            partition = owner.partition
            for topic, table in self._changelogs.items():
                partition.restore(table, state[TopicPartition(topic, partition.number)])
            self._check_state(partition, places[partition.number])
            partition.resume(places[partition.number])
            partition.restored()
            await asyncio.sleep(0)

    async def _places(self, owners: list[Owner]) -> dict[int, dict[str, Place]]:
        """Where the numbers were left: topic -> offset and metadata."""
        tps = [TP(topic, owner.partition.number) for owner in owners for topic in self._topics]
        committed: dict[Any, Any] = await self._thread.call_thread(self._thread.committed, tps)
        places: dict[int, dict[str, Place]] = defaultdict(dict)
        for tp in tps:
            at = committed.get(tp)
            offset, metadata = (max(at.offset, 0), at.metadata) if at is not None else (0, "")
            self._check_metadata(tp, metadata)
            places[tp.partition][tp.topic] = offset, metadata
        return places

    def _check_metadata(self, tp: TP, metadata: str) -> None:
        if not metadata:
            return
        left = read_metadata(metadata)
        if left.version != self._plan.version:
            crash(
                f"The state of {self._plan.application!r} was written by definitions {left.version}, "
                f"these are {self._plan.version}. {self._rebuild()}",
                code=REFUSES,
            )
        if left.topic_id != self._plan.topic_ids.get(tp.topic):
            crash(
                f"Topic {tp.topic} was deleted and made anew since the state of {self._plan.application!r} "
                f"was written: its offsets mean other records now. {self._rebuild()}",
                code=REFUSES,
            )

    def _check_state(self, partition: Partition, places: dict[str, Place]) -> None:
        """State without offsets would take everything twice: Kafka forgets offsets of idle groups."""
        if any(partition.rows.values()) and not any(metadata for _, metadata in places.values()):
            crash(
                f"Partition {partition.number} of {self._plan.application!r} has state but no committed "
                f"offsets (offsets.retention.minutes of the broker has passed?). {self._rebuild()}",
                code=REFUSES,
            )

    def _rebuild(self) -> str:
        name = self._plan.application
        return (
            "Start under a new name to rebuild the state from the log: "
            f'application = "{name}-2" (METRICLAND_APPLICATION).'
        )
