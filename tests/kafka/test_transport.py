"""What a fetch brings is handed over without gaps, also across a rebalance."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP

from streams.kafka.transport import Batch, Conductor, ConsumerThread

PLACE = TP("cx.tickets", 1)


class Consumer:
    """As much of aiokafka's as handing over needs."""

    def __init__(self, position: int) -> None:
        self.sought: list[tuple[Any, int]] = []
        state = SimpleNamespace(position=position)
        assignment = SimpleNamespace(state_value=lambda tp: state)
        self._subscription = SimpleNamespace(subscription=SimpleNamespace(assignment=assignment))

    def seek(self, tp: Any, offset: int) -> None:
        self.sought.append((tuple(tp), offset))


class Channel:
    internal, acks = False, True

    def __init__(self, *topics: str) -> None:
        self.topics = topics


def thread(monkeypatch: pytest.MonkeyPatch, *, before: Any, after: Any) -> ConsumerThread:
    """One whose fetch waits, while its places become others."""
    found: ConsumerThread = object.__new__(ConsumerThread)
    found.epoch = before

    async def fetch(self: ConsumerThread, *arguments: Any) -> dict[TP, list[str]]:
        self.epoch = after
        return {PLACE: ["one", "two"]}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", fetch)
    return found


async def handed_over(thread: ConsumerThread, consumer: Consumer) -> dict[TP, list[Batch]]:
    return await thread._fetch_records(consumer, set())


async def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {PLACE: 40}
    one = thread(monkeypatch, before=places, after=places)
    (batch,) = (await handed_over(one, Consumer(position=43)))[PLACE]
    assert (batch.start, batch.end, batch.records) == (40, 43, ["one", "two"])
    (batch,) = (await handed_over(one, Consumer(position=50)))[PLACE]
    assert (batch.start, batch.end) == (43, 50)


def test_a_batch_is_taken_piece_by_piece() -> None:
    """A piece ends where the next begins, though there are offsets without a record between them."""
    records = [SimpleNamespace(offset=offset) for offset in (40, 41, 44, 47, 48)]
    batch = Batch(39, 50, records, {PLACE: 50})
    for size, places in (
        (2, [(39, 44, 2), (44, 48, 2), (48, 50, 1)]),
        (5, [(39, 50, 5)]),
        (1000, [(39, 50, 5)]),
    ):
        pieces = list(batch.pieces(size))
        assert [(piece.start, piece.end, len(piece.records)) for piece in pieces] == places
        assert [each for piece in pieces for each in piece.records] == records
        assert all(piece.epoch is batch.epoch for piece in pieces)


async def test_what_waited_through_a_rebalance_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust drops it, since the partitions were not its own when it began to wait."""
    consumer, after = Consumer(position=43), {PLACE: 40}
    one = thread(monkeypatch, before={TP("cx.tickets", 3): 7}, after=after)
    assert await handed_over(one, consumer) == {}
    assert consumer.sought == [(PLACE, 40)]
    assert after == {PLACE: 40}


async def test_nothing_is_handed_over_before_the_state_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = Consumer(position=43)
    assert await handed_over(thread(monkeypatch, before={PLACE: 40}, after=None), consumer) == {}
    assert consumer.sought == []


async def test_nothing_is_subscribed_to_before_all_agents_ask_for_their_topics() -> None:
    """Else a worker would be given some topics of a partition number without the others."""
    agents = {
        name: SimpleNamespace(get_topic_names=lambda name=name: [name]) for name in ("calls", "tickets")
    }
    conductor = Conductor(SimpleNamespace(agents=agents, client_only=False))
    conductor._topics.update((Channel("rows-changelog"), Channel("calls")))
    asked = asyncio.create_task(conductor._update_indices())
    await asyncio.sleep(0.05)
    assert not asked.done()
    conductor._topics.add(Channel("tickets"))
    assert sorted(await asked) == ["calls", "rows-changelog", "tickets"]
