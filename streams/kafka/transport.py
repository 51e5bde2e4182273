"""Faust's consumer, made to hand over what a fetch brought of a partition as one message.

Offsets are committed by checkpoints alone; Faust's own commit is the last checkpoint of a revoke.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from streams.crash import crash
from streams.kafka.left import missing, rebuild
from streams.kafka.records import fetch_plain_records

UNTIL_ASKED = 0.01
"Seconds between looks whether agents have begun."


class Batch:
    """All records of one partition from `start` up to `end`; `epoch` tells the seek that it follows."""

    __slots__ = ("end", "epoch", "records", "start")

    def __init__(self, start: int, end: int, records: list[Any], epoch: dict[TP, int]) -> None:
        self.start = start
        self.end = end
        self.records = records
        self.epoch = epoch

    def after(self, number: int) -> "Batch":
        """What is left of it after so many records, which are not all."""
        return Batch(self.records[number].offset, self.end, self.records[number:], self.epoch)

    def pieces(self, size: int) -> Iterator["Batch"]:
        """The same in batches of so many records."""
        start, records = self.start, self.records
        for place in range(size, len(records), size):
            end = records[place].offset
            yield Batch(start, end, records[place - size : place], self.epoch)
            start = end
        yield Batch(start, self.end, records[(len(records) - 1) // size * size :], self.epoch)


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Runs in a thread of its own, with its own event loop."""

    epoch: dict[TP, int] | None = None
    "The offset after the last batch handed over, since the last seek; None before there was one."
    heartbeat: float | None = None
    "When the coordinator last answered a heartbeat, on the monotonic clock."

    async def on_start(self) -> None:
        await super().on_start()
        coordinator = self._consumer._coordinator
        beat = coordinator._do_heartbeat

        async def observed() -> bool:
            answered: bool = await beat()
            if answered:
                self.heartbeat = time.monotonic()
            return answered

        coordinator._do_heartbeat = observed

    def _create_worker_consumer(self, transport: Any) -> AIOKafkaConsumer:
        fetch_plain_records()
        consumer = super()._create_worker_consumer(transport)
        fetch = self.app.settings.fetch
        # Faust has no settings for these: it reads committed records only under its own exactly-once, and
        # hard-codes fetches of one byte and 1.5 s.
        consumer._isolation_level = "read_committed"
        consumer._fetch_min_bytes = fetch.min_bytes
        consumer._fetch_max_wait_ms = int(fetch.max_wait * 1000)
        return consumer

    async def on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        """Nothing may be fetched before the state is there, changelogs never: Faust's pause isn't enough."""
        self.epoch = None
        self.heartbeat = time.monotonic()  # a joining member sends none, and has just been answered
        self._consumer.pause(*self._consumer.assignment())
        await super().on_partitions_assigned(assigned, generation_id)

    async def start_at(self, offsets: Mapping[TP, int]) -> None:
        """Seek and let go. Runs in the thread."""
        for tp, offset in offsets.items():
            self._consumer.seek(TopicPartition(*tp), offset)
        self.epoch = dict(offsets)
        self._consumer.resume(*(TopicPartition(*tp) for tp in offsets))

    async def committed(self, tps: Iterable[TP]) -> Any:
        """What is committed, with its metadata. Runs in the thread."""
        return await self._consumer._coordinator.fetch_committed_offsets([TopicPartition(*tp) for tp in tps])

    async def kept(self, tps: Iterable[TP]) -> dict[TP, tuple[int, int]]:
        """The offsets of the first record that is there, and after the last one. Runs in the thread."""
        wanted = [TopicPartition(*tp) for tp in tps]
        first = await self._consumer.beginning_offsets(wanted)
        end = await self._consumer.end_offsets(wanted)
        return {TP(tp.topic, tp.partition): (first[tp], end[tp]) for tp in wanted}

    def handed_over(self, tp: TP) -> tuple[int, bool]:
        """The end of the last batch of a partition, and whether that is all there is to read."""
        epoch, state = self.epoch, self._consumer._subscription.subscription
        if epoch is None or tp not in epoch or state is None:
            return -1, False
        place = state.assignment.state_value(TopicPartition(*tp))
        if place is None or place.lso is None or not place.has_valid_position:
            return epoch[tp], False
        return epoch[tp], place.position >= place.lso

    def end_offset(self, tp: TP) -> int | None:
        """The end of what may be read of a partition, as far as the last fetch told."""
        state = self._consumer._subscription.subscription
        place = state and state.assignment.state_value(TopicPartition(*tp))
        return place.lso if place is not None else None

    async def _fetch_records(
        self, consumer: Any, active_partitions: Any, timeout: Any = None, max_records: Any = None
    ) -> dict[TP, list[Batch]]:
        before = self.epoch
        try:
            fetched = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        except (OffsetOutOfRangeError, NoOffsetForPartitionError) as error:
            await self._gone(error)
            return {}
        epoch = self.epoch
        if epoch is None:
            return {}
        if epoch is not before:
            # It has waited through a rebalance: Faust would drop what it brought, so that comes again.
            for tp in fetched:
                consumer.seek(tp, epoch[tp])
            return {}
        batches = {}
        for tp, records in fetched.items():
            end = consumer._subscription.subscription.assignment.state_value(tp).position
            if records[0].offset < epoch[tp]:
                crash(
                    f"{tp.topic}/{tp.partition} gave offset {records[0].offset}, expected {epoch[tp]} or a "
                    "later one: what was read already would be taken twice"
                )
            batches[tp] = [Batch(epoch[tp], end, records, epoch)]
            epoch[tp] = end
        return batches

    async def _gone(self, error: OffsetOutOfRangeError | NoOffsetForPartitionError) -> None:
        """End the process where there is nothing at the offset of an input that is to be read next.

        An error may be of a changelog, which is never fetched: nothing is committed of it, as the client
        notices when it gets the partition.
        """
        (of,) = error.args
        tp, offset = next(iter(of.items())) if isinstance(of, dict) else (of, None)
        if (epoch := self.epoch) is None or TP(*tp) not in epoch:
            return
        kept = await self.kept([TP(*tp)])
        if epoch is self.epoch:
            plan, expected = self.app.plan, epoch[TP(*tp)] if offset is None else offset
            crash(f"{missing(plan, f'{tp.topic}/{tp.partition}', expected, kept[TP(*tp)])} {rebuild(plan)}")


class Consumer(driver.Consumer):
    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        last = record.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            (),
            None,
            record,
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Faust calls it on its timer and, with all agents idle, last on a revoke and on stopping."""
        self._acked.clear()
        self._acked_index.clear()
        await asyncio.shield(self.app.checkpoint_all())
        return False

    async def perform_seek(self) -> None:
        """Opening has done it; a late one would rewind a live partition."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """A batch knows where it ends; Faust would list every offset of a gap."""

    async def verify_all_partitions_active(self) -> None:
        """Faust's only logs; the app watches progress itself."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        await self.app.park()

    async def on_stop(self) -> None:
        await super().on_stop()
        await self.app.park()
        await self.app.close()


class Conductor(driver.Transport.Conductor):
    async def _update_indices(self) -> Iterable[str]:
        """What to subscribe to: not before all agents ask for their topics.

        Faust asks when it has made their tasks; on a busy machine these may not have run by then. The worker
        would then be given a part of each partition number alone, and the rest after 45 s at the soonest.
        """
        wanted = {name for agent in self.app.agents.values() for name in agent.get_topic_names()}
        while wanted - {name for channel in self._topics for name in channel.topics}:  # noqa: ASYNC110
            await asyncio.sleep(UNTIL_ASKED)
        names: Iterable[str] = await super()._update_indices()
        return names


class Transport(driver.Transport):
    Conductor = Conductor
    Consumer = Consumer


class BatchSchema(faust.Schema):
    """Hands batches to agents as they are: what is in them is decoded there."""

    def compile(
        self,
        app: Any,
        *,
        on_key_decode_error: Any = None,
        on_value_decode_error: Any = None,
        default_propagate: bool = False,
    ) -> Any:
        async def decode(message: Any, *, propagate: bool = default_propagate) -> Any:
            return app.create_event(None, message.value, (), message)

        return decode
