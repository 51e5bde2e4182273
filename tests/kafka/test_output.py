"""What a checkpoint sends, without a broker."""

import asyncio
from typing import Any, cast

import pytest
from aiokafka.errors import IllegalOperation, MessageSizeTooLargeError, ProducerFenced
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.kafka.output import Batches, RecordsRefused


class Failing:
    """Its transaction fails with what the broker says of the first batch, before the second is sent."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.sent = 0

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, 0, is_transactional=True)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        if self.sent:
            raise IllegalOperation("Can't send messages while not in transaction")
        self.sent += 1
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ack.set_exception(self._error)
        return ack


@pytest.mark.parametrize(
    ("error", "told", "words"),
    [
        (ProducerFenced(), ProducerFenced, None),
        (MessageSizeTooLargeError(), RecordsRefused, "what was for a/0"),
    ],
)
async def test_a_transaction_that_fails_while_it_is_sent_says_why(
    error: Exception, told: type[Exception], words: str | None
) -> None:
    """aiokafka itself says of the next batch only that there is no transaction."""
    out = Batches(cast(Any, Failing(error)))
    out.to("a", 0)(b"k", b"v")
    out.to("b", 0)(b"k", b"v")
    with pytest.raises(told, match=words):
        await out.send()


class Taking:
    """Takes batches of two records."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, int]] = []

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(200, 0, is_transactional=True)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        self.sent.append((topic, batch.record_count()))
        ack: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        ack.set_result(None)
        return ack


async def test_no_partition_waits_for_what_another_has_too_much() -> None:
    """A second batch of a partition is taken when the first is on its way."""
    producer = Taking()
    out = Batches(cast(Any, producer))
    for _ in range(5):
        out.to("a", 0)(b"k", bytes(50))
    out.to("b", 0)(b"k", b"v")
    await out.send()
    assert producer.sent == [("a", 2), ("b", 1), ("a", 2), ("a", 1)]
    assert out.records == 6


async def test_what_nothing_is_written_to_is_no_part_of_the_transaction() -> None:
    """Else an input gets the end of each transaction, and nobody is ever at its end."""
    producer = Failing(ProducerFenced())
    out = Batches(cast(Any, producer))
    out.to("a", 0)
    await out.send()
    assert producer.sent == 0
