"""Workers that share the partitions of a world: they crash, hand over, are given up and come back as zombies.

A checkpoint has two ends, as on Kafka: what it writes is fixed first, and happens when it commits. Between
them its owner goes on taking records, and others do what they do.
"""

from dataclasses import dataclass
from typing import NamedTuple

from streams.state.checkpoint import Half
from streams.state.partition import Partition
from streams.state.plan import Plan
from tests.simulated.cluster import Pending
from tests.stock import Store


class Flight(NamedTuple):
    """A checkpoint that has not committed."""

    pending: Pending
    offsets: dict[str, tuple[int, str]]


@dataclass
class Held:
    """A partition in the memory of a worker, and the fence that it came with."""

    partition: Partition
    epoch: int
    flight: Flight | None = None


class Group(Store):
    """`partitions` are those of the rightful owners."""

    def __init__(self, plan: Plan, workers: int = 3) -> None:
        super().__init__(plan)
        self.clock = 0
        "Microseconds."
        self.skews = [0] * workers
        "By how much the workers' clocks are wrong."
        self.epochs = [0] * plan.partitions
        self.holders = [number % workers for number in range(plan.partitions)]
        self.memory = [dict[int, Held]() for _ in range(workers)]
        for number, partition in enumerate(self.partitions):
            self.memory[self.holders[number]][number] = Held(partition, 0)
        self.harm = {"crashes": 0, "aborted": 0, "fenced": 0, "moves": 0, "kept": 0}

    def fetch(self, number: int, most: int) -> None:
        self._fetch(number, most)

    def write(self, number: int, only: Half | None = None) -> None:
        """A checkpoint begins; another one waits for it to end."""
        held = self._held(number)
        if held.flight is None and held.partition.unwritten:
            held.flight = self._flight(held, self._time(number), only)

    def commit(self, number: int) -> None:
        self._commit(number, self._held(number))

    def crash(self, worker: int, heir: int) -> None:
        """What it had in flight is gone, or has just happened; its partitions are the heir's."""
        self.harm["crashes"] += 1
        held, self.memory[worker] = self.memory[worker], {}
        self.harm["aborted"] += sum(each.flight is not None for each in held.values())
        for number in [number for number, holder in enumerate(self.holders) if holder == worker]:
            self._take_over(number, heir)

    def move(self, number: int, worker: int) -> None:
        """In good order: a last checkpoint; who had it keeps it in memory, in case that it comes back."""
        self.commit(number)
        self.write(number)
        self.commit(number)
        self.harm["moves"] += 1
        kept = self.memory[worker].get(number)
        if kept is not None and kept.epoch == self.epochs[number]:
            self.harm["kept"] += 1
            self.holders[number], self.partitions[number] = worker, kept.partition
            return
        if kept is not None:  # its proof fails: somebody has owned it meanwhile
            self.harm["fenced"] += 1
            self.crash(worker, worker)
        self._take_over(number, worker)

    def give_up(self, number: int, worker: int) -> None:
        """Who has it is silent for too long: it is taken away, and what is in flight can't commit."""
        self._take_over(number, worker)

    def awake(self, worker: int, number: int, most: int) -> None:
        """A worker that has lost a partition goes on with it, until its next commit shows that."""
        held = self.memory[worker].get(number)
        if held is None or self.holders[number] == worker:
            return
        for topic in (*self.plan.inputs, self.plan.contributions):
            start = held.partition.next.get(topic, 0)
            if records := self.log.topics[topic, number][start : start + most]:
                held.partition.take(topic, start + len(records), records)
        if held.epoch != self.epochs[number]:
            if held.flight is None:
                held.flight = self._flight(held, self.clock)
            self._commit(number, held)
            self.crash(worker, worker)

    def idle(self, number: int) -> None:
        """What has nothing to read follows its owner's clock."""
        partition = self.partitions[number]
        for topic in self.plan.inputs:
            if partition.next.get(topic, 0) == len(self.log.topics[topic, number]):
                partition.idle(topic, self._time(number))

    def finish(self, at: int) -> None:
        """All is consumed and written, and the clock has come to a time."""
        self.skews = [0] * len(self.skews)
        for number in range(self.plan.partitions):
            self.commit(number)
        self.drain(at)

    def _held(self, number: int) -> Held:
        return self.memory[self.holders[number]][number]

    def _time(self, number: int) -> int:
        return self.clock + self.skews[self.holders[number]]

    def _flight(self, held: Held, now: int, only: Half | None = None) -> Flight:
        pending = Pending()
        return Flight(pending, held.partition.write(pending, now, only))

    def _commit(self, number: int, held: Held) -> None:
        flight, held.flight = held.flight, None
        if flight is None:
            return
        if held.epoch != self.epochs[number]:
            self.harm["fenced"] += 1
            return
        for topic, to, key, value in flight.pending.records:
            self.log.append(topic, to, key, value, self.now)
        for topic, (offset, metadata) in flight.offsets.items():
            self.log.committed[topic, number] = offset, metadata
        held.partition.committed()

    def _take_over(self, number: int, worker: int) -> None:
        """Fence, then read what is committed."""
        self.epochs[number] += 1
        self.holders[number] = worker
        self.partitions[number] = self._open(number)
        self.memory[worker][number] = Held(self.partitions[number], self.epochs[number])
