"""The Faust app: one agent for each input topic, plain tables, checkpoints as transactions."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING

import faust
import structlog
from faust.types.tuples import TP

from streams import child
from streams.crash import REFUSES, crash
from streams.errors import TooManyRefused
from streams.kafka.assignor import Assignor
from streams.kafka.broker_clock import BrokerClock
from streams.kafka.conf import faust_settings
from streams.kafka.contact import Contact
from streams.kafka.opening import Opening
from streams.kafka.owner import Owner
from streams.kafka.partitioning import partition_of
from streams.kafka.recovery import TableManager
from streams.kafka.standstill import Standstill
from streams.kafka.steps import OPENED, At, pass_by
from streams.kafka.transport import Batch, BatchSchema, ConsumerThread, Transport
from streams.memory import give_back
from streams.outlets.histograms import Histograms
from streams.outlets.tally import Tally
from streams.settings import Settings
from streams.state.partition import Partition
from streams.state.plan import Plan
from streams.state.tables import Table
from streams.windows.cells import Pane
from streams.windows.kinds import Slots
from streams.windows.trailing import Trailing

if TYPE_CHECKING:
    from streams.state.disk import Disk

log = structlog.get_logger()

TICK = 5.0
"Seconds between looks at idle partitions and at progress."

CLOCK_TICK = 0.5
"Seconds between looks at the clock for what entities wait for."

AT_ONCE = 256
"Records taken before a checkpoint that is being written gets its turn: a machine may be slow, or busy."


class App(faust.App):
    """Owns partition numbers: all topics' partitions of one number go to one worker together."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        now: Callable[[], int],
        at: At = pass_by,
        disk: "Disk | None" = None,
    ) -> None:
        """On the `disk`, if there is one, are the rows of entities: of all else there is less."""
        self.plan = plan
        self.settings = settings
        self._wall = now
        self.broker_clock = BrokerClock()
        self._was_wrong = False
        self._at = at
        self._disk = disk
        self.owners: dict[int, Owner] = {}
        self.parked: dict[int, Owner] = {}
        self._opened: list[Owner] = []
        self.trailing: dict[int, Trailing] = {}
        "The exported windows of the owned partitions. The exporter looks at this very mapping."
        self.histograms = Histograms(plan.catalogue, settings.exported_sets(), settings.dimensions.shown)
        self.tally = Tally()
        "What partitions that have left had counted."
        self.contact = Contact(settings.consumer, child.word)
        self._standstill = Standstill()
        self._arrived: dict[TP, int] = {}
        "Events from outside at the last look."
        classes = {"Table": Table, "TableManager": TableManager, "PartitionAssignor": Assignor}
        super().__init__(plan.application, **classes, **faust_settings(settings))
        self._declare()

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Nothing is kept on this machine: all state is in Kafka."""

    def now(self) -> int:
        """The time in microseconds: the broker's, as records are judged by it, once that is known."""
        known = self.broker_clock.now()
        return self._wall() if known is None else known

    @property
    def clock_error(self) -> float:
        """By how many seconds this machine's clock is ahead of the broker's, or behind it: less than 0.

        0 while it is less than half of what an event may be ahead.
        """
        ahead = self.broker_clock.ahead(self._wall()) / 1e6
        return ahead if abs(ahead) > self.settings.events.in_future / 2 else 0.0

    @property
    def thread(self) -> ConsumerThread:
        thread: ConsumerThread = self.consumer._thread
        return thread

    @property
    def heartbeat(self) -> float | None:
        """When the group's coordinator last answered, on the monotonic clock; None before it did."""
        return self.thread.heartbeat if self._consumer is not None else None

    @property
    def silence(self) -> str | None:
        """Since when Kafka hasn't answered, where that is too long."""
        return self.contact.silence(self.heartbeat, joining=self.rebalancing)

    def exit_code(self) -> int:
        """Of a process that can't go on now."""
        return self.contact.exit_code(self.heartbeat, joining=self.rebalancing)

    @property
    def opening(self) -> tuple[int, ...]:
        """The numbers whose state is being read."""
        return tuple(owner.partition.number for owner in self._opened)

    def lag(self, topic: str, number: int) -> int | None:
        """Records that are still to be taken of an owned partition, as far as the last fetch told.

        The end of a transaction takes an offset as well: none where only such are left.
        """
        tp, offset = TP(topic, number), self.owners[number].partition.next[topic]
        if (end := self.thread.end_offset(tp)) is None:
            return None
        return 0 if self._caught_up(tp, offset) else max(0, end - offset)

    def move_windows(self) -> None:
        """Let trailing windows reach up to now."""
        wall = self.now() // 1_000_000
        for number, trailing in self.trailing.items():
            trailing.move(self.owners[number].partition.reached(wall))

    @property
    def ready(self) -> bool:
        return bool(self.owners) and not self.rebalancing and not self.in_recovery

    def _declare(self) -> None:
        """An agent for each input, a table for each kind of row."""
        entities = {domain.name for domain in self.plan.catalogue.domains}
        for table in self.plan.tables:
            declared = self.Table(table, partitions=self.plan.partitions)
            declared.row_type = self.plan.row_type(table)
            declared.disk = self._disk if table in entities else None
        for topic in (*self.plan.inputs, self.plan.contributions):
            channel = self.topic(topic, schema=BatchSchema(), partitions=self.plan.partitions)
            self.agent(channel, name=topic)(self._consume)
        self.timer(TICK)(self._tick)
        if any(domain.deadlines is not None for domain in self.plan.catalogue.domains):
            self.timer(CLOCK_TICK)(self._tick_clock)

    async def _consume(self, batches: AsyncIterator[Batch]) -> None:
        async for event in batches.events():  # type: ignore[attr-defined]
            tp, batch = TP(event.message.topic, event.message.partition), event.value
            for piece in batch.pieces(AT_ONCE):
                left: Batch | None = piece
                while left is not None:
                    await self._room(tp.partition)
                    left = self._take(tp, left)
                if piece.end != batch.end:
                    await asyncio.sleep(0)

    async def _room(self, number: int) -> None:
        for each in [*self.owners.values()]:
            await each.in_time()
        if (owner := self.owners.get(number)) is not None:
            await owner.room()

    def _take(self, tp: TP, batch: Batch) -> Batch | None:
        """What is left of it, where so much is unwritten that a checkpoint has to come first.

        Without an await inside: the offset moves with the state, and an error ends the process.
        """
        if batch.epoch is not self.thread.epoch:
            return None  # fetched before a rebalance: it will come again
        owner = self.owners.get(tp.partition)
        if owner is None or owner.partition.next[tp.topic] != batch.start:
            at = owner and owner.partition.next
            crash(f"{tp} hands over offset {batch.start}, expected {at}")
        try:
            taken = owner.partition.take(tp.topic, batch.end, batch.records, self.settings.checkpoint.bytes)
        except TooManyRefused as error:
            crash(str(error), code=REFUSES)
        except BaseException as error:
            log.exception("a batch could not be taken")
            crash(f"{tp} from offset {batch.start} could not be taken: {error!r}")
        owner.taken()
        return batch.after(taken) if taken < len(batch.records) else None

    async def checkpoint_all(self) -> None:
        await asyncio.gather(*(owner.checkpoint() for owner in self.owners.values()))

    async def open_partitions(self) -> None:
        """Fence, then see where the former owner stopped, then read its state; no event is seen before."""
        opening = Opening(self.plan, self.settings, self.thread)
        inputs = opening.numbers(self.consumer.assignment())
        kept = {number: owner for number, owner in self.parked.items() if number in inputs}
        patience = self.settings.checkpoint.timeout
        async with asyncio.timeout(patience * 3):
            await self.close(keep=kept)
            # What comes back needs no reading if nobody has owned it meanwhile, which a commit proves: any
            # other owner would have fenced this producer.
            await asyncio.shield(asyncio.gather(*(owner.checkpoint(prove=True) for owner in kept.values())))
            self._opened = [self._new_owner(number) for number in sorted(inputs - kept.keys())]
            await asyncio.gather(*(owner.fence() for owner in self._opened))
        await opening.restore(self._opened)
        give_back()
        async with asyncio.timeout(patience):
            await self._at(OPENED)
        opened = {owner.partition.number: owner for owner in self._opened}
        self._opened, self.parked, self.owners = [], {}, {**kept, **opened}
        self.trailing.update({number: self._export(owner.partition) for number, owner in self.owners.items()})
        self._standstill.begin()
        self._arrived.clear()
        async with asyncio.timeout(patience):
            await self.thread.call_thread(self.thread.start_at, self._places())

    def start_owners(self) -> None:
        """The first checkpoint follows at once: what is acknowledged says what time it is at the broker."""
        for owner in self.owners.values():
            owner.partition.announce()
            owner.run()
            owner.taken()

    async def park(self) -> None:
        """After the last checkpoint of a revoke: all is written, and what comes back needs no reading."""
        if (opening := self.tables.recovery.opening) is not None:
            await asyncio.wait([opening])
        await asyncio.gather(*(owner.park() for owner in self.owners.values()))
        self.parked.update(self.owners)
        self.owners = {}
        self.trailing.clear()

    async def close(self, keep: dict[int, Owner] | None = None) -> None:
        """Drop the state and the producers of what is no longer owned."""
        kept = keep or {}
        gone = [*(owner for number, owner in self.parked.items() if number not in kept), *self._opened]
        self.parked, self._opened = dict(kept), []
        await self._release(gone)
        if gone:
            gone.clear()
            gc.collect()  # so that what is opened next finds room in the place of what has gone

    async def _release(self, gone: list[Owner]) -> None:
        for owner in gone:
            self.tally.add(owner.partition)
            for table in self.tables.values():
                table.drop(owner.partition.number)
        await asyncio.gather(*(owner.close() for owner in gone), return_exceptions=True)

    def _export(self, partition: Partition) -> Trailing:
        """Keep the exported windows of a partition's series."""
        rollup, sets = partition.rollup, self.settings.exported_sets()
        trailing = Trailing(
            self.plan.catalogue, self.plan.calendar, sets, rollup.slots, partition.standings.standing
        )
        trailing.move(partition.reached(self.now() // 1_000_000))
        trailing.restore(rollup.series())

        def added(name: str, pane: Pane, slots: Slots) -> None:
            trailing.added(name, pane, slots)
            self.histograms.added(name, pane, slots)

        rollup.watch = added
        return trailing

    def _new_owner(self, number: int) -> Owner:
        tables = self.tables
        partition = Partition(self.plan, number, lambda name: tables[name].open(number), partition_of)
        behind = partial(self._behind, partition)
        return Owner(partition, self.settings, self.now, behind, self._at, self.broker_clock, self.exit_code)

    def _places(self) -> dict[TP, int]:
        return {
            TP(topic, number): offset
            for number, owner in self.owners.items()
            for topic, offset in owner.partition.next.items()
        }

    def _caught_up(self, tp: TP, offset: int) -> bool:
        """All has been read, and taken up to this offset."""
        return self.thread.handed_over(tp) == (offset, True)

    def _behind(self, partition: Partition) -> bool:
        """More is left to read of a topic than a checkpoint takes: something is left at any steady rate."""
        ends = (
            (offset, self.thread.end_offset(TP(topic, partition.number)))
            for topic, offset in partition.next.items()
        )
        most = self.settings.checkpoint.events
        return any(end is not None and end - offset > most for offset, end in ends)

    async def _tick(self) -> None:
        """Let the watermarks of what is idle follow the clock; stop where nothing moves though it should."""
        self._watch_the_clock()
        if not self.ready:
            return
        for number, owner in self.owners.items():
            for topic in (*self.plan.inputs, self.plan.contributions):
                self._look(TP(topic, number), owner)

    async def _tick_clock(self) -> None:
        """Let pass what entities of caught-up inputs wait for: by the broker's clock, or not yet."""
        clock = self.broker_clock.now()
        if not self.ready or clock is None:
            return
        for number, owner in self.owners.items():
            for topic in self.plan.inputs:
                caught_up = self._caught_up(TP(topic, number), owner.partition.next[topic])
                if caught_up and owner.partition.tick(topic, clock):
                    owner.taken()

    def _watch_the_clock(self) -> None:
        """Log when this machine's clock turns out to be wrong, and when it is right again."""
        error = self.clock_error
        if error and not self._was_wrong:
            log.warning("this machine's clock is wrong", seconds_ahead=round(error, 1))
        elif self._was_wrong and not error:
            log.info("this machine's clock is right again")
        self._was_wrong = bool(error)

    def _look(self, tp: TP, owner: Owner) -> None:
        offset = owner.partition.next[tp.topic]
        caught_up = self._caught_up(tp, offset)
        if (seconds := self._standstill.seconds(tp, offset, caught_up)) is not None:
            stood = f"{tp} has stood at offset {offset} for {seconds:.0f} s with records to read"
            crash(stood, code=self.exit_code())
        if tp.topic != self.plan.contributions:
            arrived = owner.partition.entities[tp.topic].arrived
            clock = self.broker_clock.now()
            if caught_up and arrived == self._arrived.get(tp) and clock is not None:
                owner.partition.idle(tp.topic, clock)
                owner.taken()
            self._arrived[tp] = arrived
