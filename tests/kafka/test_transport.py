"""What a fetch brings is handed over without gaps, also across a rebalance."""

import asyncio
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP

from streams.kafka import transport
from streams.kafka.transport import Batch, Conductor, ConsumerThread
from tests.parcels import plan

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


RECORDS = [SimpleNamespace(offset=41), SimpleNamespace(offset=42)]


class Channel:
    internal, acks = False, True

    def __init__(self, *topics: str) -> None:
        self.topics = topics


def thread(monkeypatch: pytest.MonkeyPatch, *, before: Any, after: Any) -> ConsumerThread:
    """One whose fetch waits, while its places become others."""
    found: ConsumerThread = object.__new__(ConsumerThread)
    found.epoch = before

    async def fetch(self: ConsumerThread, *arguments: Any) -> dict[TP, list[Any]]:
        self.epoch = after
        return {PLACE: RECORDS}

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", fetch)
    return found


async def handed_over(thread: ConsumerThread, consumer: Consumer) -> dict[TP, list[Batch]]:
    return await thread._fetch_records(consumer, set())


async def test_batches_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {PLACE: 40}
    one = thread(monkeypatch, before=places, after=places)
    (batch,) = (await handed_over(one, Consumer(position=43)))[PLACE]
    assert (batch.start, batch.end, batch.records) == (40, 43, RECORDS)
    monkeypatch.setattr(RECORDS[0], "offset", 45)
    (batch,) = (await handed_over(one, Consumer(position=50)))[PLACE]
    assert (batch.start, batch.end) == (43, 50)


class Gone(Exception):
    pass


@pytest.fixture
def crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(reason: str) -> NoReturn:
        raise Gone(reason)

    monkeypatch.setattr(transport, "crash", crash)


async def test_what_was_read_is_not_taken_again(monkeypatch: pytest.MonkeyPatch, crashes: None) -> None:
    places = {PLACE: 42}
    with pytest.raises(Gone, match=r"cx\.tickets/1 gave offset 41, expected 42 or a later one"):
        await handed_over(thread(monkeypatch, before=places, after=places), Consumer(position=43))


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, places: Any) -> ConsumerThread:
    """One whose fetch fails; of each partition offsets 90 to 120 are kept."""
    found: ConsumerThread = object.__new__(ConsumerThread)
    found.epoch = places
    found.app = SimpleNamespace(plan=plan())

    async def fetch(self: ConsumerThread, *arguments: Any) -> NoReturn:
        raise error

    async def kept(self: ConsumerThread, tps: list[TP]) -> dict[TP, tuple[int, int]]:
        return dict.fromkeys(tps, (90, 120))

    monkeypatch.setattr(driver.AIOKafkaConsumerThread, "_fetch_records", fetch)
    monkeypatch.setattr(ConsumerThread, "kept", kept)
    return found


@pytest.mark.parametrize(
    "error", [OffsetOutOfRangeError({PLACE: 43}), NoOffsetForPartitionError(PLACE)], ids=["range", "none"]
)
async def test_nothing_is_passed_over_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, crashes: None, error: Exception
) -> None:
    words = "cx.tickets/1 was read up to offset 43 by 'post', and is kept from 90 to 120 now.* new name"
    with pytest.raises(Gone, match=words):
        await handed_over(failing(monkeypatch, error, {PLACE: 43}), Consumer(position=43))


@pytest.mark.parametrize("places", [None, {TP("cx.tickets", 0): 7}], ids=["not opened", "another"])
async def test_what_is_said_of_others_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, crashes: None, places: Any
) -> None:
    """Of changelogs nothing is committed, which is as it must be."""
    failed = failing(monkeypatch, NoOffsetForPartitionError(PLACE), places)
    assert await handed_over(failed, Consumer(position=43)) == {}


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


def test_what_is_left_of_a_batch_follows_what_was_taken_of_it() -> None:
    records = [SimpleNamespace(offset=offset) for offset in (40, 41, 44, 47)]
    batch = Batch(39, 50, records, {PLACE: 50})
    left = batch.after(2)
    assert (left.start, left.end, left.records) == (44, 50, records[2:])
    assert left.epoch is batch.epoch


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
