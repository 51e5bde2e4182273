"""What Faust and aiokafka do today that `streams/kafka` replaces or rests on: an upgrade may change it.

Where one of the first kind fails, what replaces it may have become superfluous; where one of the second does,
what we put in its place may no longer take effect.
"""

import asyncio
import inspect
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import TopicPartitionState
from faust.assignor.partition_assignor import PartitionAssignor
from faust.stores.memory import Store
from faust.tables.base import Collection
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer
from faust.transport.drivers import aiokafka as driver
from faust.transport.producer import ProducerBuffer
from faust.types.tuples import TP
from intervaltree import IntervalTree

from streams.app import App
from streams.kafka import recovery, transport
from streams.kafka.assignor import Assignor

PLACE = TP("topic", 0)


def source(of: Callable[..., Any]) -> str:
    return inspect.getsource(of)


def consumer(acked: list[int], committed: int | None = None) -> Any:
    """As much of Faust's as its commit needs."""
    found: Any = object.__new__(driver.Consumer)
    found._acked = {PLACE: list(acked)}
    found._acked_index = {PLACE: set(acked)}
    found._gap = {PLACE: IntervalTree()}
    found._committed_offset = {PLACE: committed}
    return found


async def test_a_flush_gives_up_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 100 ms without progress it returns, and the offsets of what is still pending are committed."""
    monkeypatch.setattr(ProducerBuffer, "state", "running")
    buffer: Any = ProducerBuffer()
    buffer.app = SimpleNamespace(conf=SimpleNamespace(producer_threaded=False))
    buffer.pending.put_nowait("unsent")
    assert await asyncio.wait_for(buffer.flush(), 30) is None
    assert buffer.size == 1


def test_an_offset_is_forgotten_before_it_is_committed() -> None:
    one = consumer([1, 2, 3])
    assert one._new_offset(PLACE) == 4
    assert one._acked[PLACE] == []
    assert one._new_offset(PLACE) is None


async def test_a_gap_covers_the_message_behind_it() -> None:
    """So offset 10 counts as done, though only 4 and 11 are."""
    one = consumer([4, 11], committed=4)
    await one._add_gap(PLACE, 5, 10)
    assert one._new_offset(PLACE) == 12


def test_a_revoke_forgets_what_it_should_commit() -> None:
    """Which is then taken again, on top of a state that has it."""
    told = source(Consumer.on_partitions_revoked)
    assert told.index("_acked.pop") < told.index("self._on_partitions_revoked,")


def test_exactly_once_commits_what_is_not_flushed() -> None:
    transactional, other = source(Consumer._commit_offsets).split("if self.in_transaction:")[1].split("else:")
    assert "flush" not in transactional
    assert "producer.flush()" in other


def test_state_in_memory_has_no_offset() -> None:
    """So every rebalance replays whole changelogs, one record at a time."""
    assert Store.persisted_offset(object.__new__(Store), PLACE) is None


def test_windows_expire_by_the_wall_clock() -> None:
    """A replay of old events is wiped while it is counted; and nothing tells the changelog."""
    told = source(Collection._del_old_keys)
    assert "time.time()" in told
    assert "self.data.pop(" in told


def test_a_topic_that_is_not_seen_is_left_out() -> None:
    """And the members are content with what remains, be it nothing."""
    unseen = SimpleNamespace(partitions_for_topic=lambda topic: None)
    assert PartitionAssignor._get_copartitioned_groups({"cx.tickets"}, unseen, {"a": {"cx.tickets"}}) == {}


def test_fetches_have_settings_of_their_own() -> None:
    """And nothing but exactly-once reads what is committed only."""
    told = source(driver.AIOKafkaConsumerThread._create_worker_consumer)
    assert "fetch_max_wait_ms=1500" in told
    assert "isolation_level=isolation_level" in told


def test_what_is_not_looked_for_keeps_its_errors() -> None:
    """Nothing is committed of changelogs: without a reset the client notes that as an error of each."""
    told = source(Fetcher._update_fetch_positions)
    assert "if self._default_reset_strategy != OffsetResetStrategy.NONE" in told
    assert "self._set_error(tp, err)" in told
    assert "if partitions and tp not in partitions" in source(Fetcher.fetched_records)
    assert "del self._records[tp]" in source(Fetcher.seek_to)


OVERRIDDEN = {
    (App, faust.App): "_new_transport _create_directories",
    (transport.Transport, driver.Transport): "Consumer",
    (transport.Consumer, driver.Consumer): (
        "_new_consumer_thread _to_message commit perform_seek _add_gap verify_all_partitions_active "
        "on_partitions_revoked on_stop"
    ),
    (transport.ConsumerThread, driver.AIOKafkaConsumerThread): (
        "on_start _create_worker_consumer on_partitions_assigned _fetch_records"
    ),
    (transport.BatchSchema, faust.Schema): "compile",
    (recovery.Recovery, Recovery): "on_partitions_revoked _restart_recovery _slurp_changelogs _publish_stats",
    (recovery.TableManager, TableManager): "recovery",
    (Assignor, PartitionAssignor): "_perform_assignment",
}


@pytest.mark.parametrize(("ours", "theirs"), OVERRIDDEN, ids=lambda kind: kind.__qualname__)
def test_what_is_overridden_is_there(ours: type, theirs: type) -> None:
    for name in OVERRIDDEN[ours, theirs].split():
        assert name in vars(ours), f"{ours} doesn't override {name}"
        was, now = getattr(theirs, name), getattr(ours, name)
        if isinstance(now, FunctionType):
            assert len(inspect.signature(was).parameters) == len(inspect.signature(now).parameters), name


def test_what_is_reached_into_is_there() -> None:
    assert inspect.iscoroutinefunction(GroupCoordinator._do_heartbeat)
    assert "self._do_heartbeat()" in source(GroupCoordinator._heartbeat_routine)
    assert inspect.iscoroutinefunction(GroupCoordinator.fetch_committed_offsets)
    told = source(AIOKafkaConsumer)
    for name in (
        "_isolation_level",
        "_fetch_min_bytes",
        "_fetch_max_wait_ms",
        "_coordinator",
        "_subscription",
    ):
        assert f"self.{name} = " in told, name
    for name in ("lso", "position", "has_valid_position"):
        assert hasattr(TopicPartitionState, name) or f"self.{name} = " in source(TopicPartitionState), name
    assert {"create_batch", "send_batch", "send_offsets_to_transaction"} <= vars(AIOKafkaProducer).keys()
