"""Whether Kafka answers."""

import asyncio

import pytest

from streams.errors import BrokerAway
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.reach import reach, unanswered

NOBODY = "127.0.0.1:1"


async def test_nobody_there() -> None:
    assert await unanswered(NOBODY) == "connection refused"
    with pytest.raises(BrokerAway, match=r"^Can't reach Kafka at 127\.0\.0\.1:1: connection refused$"):
        await reach(NOBODY)


async def test_no_such_host() -> None:
    assert "k.invalid" not in (await unanswered("k.invalid:9092") or "k.invalid")


async def test_a_connection_alone_is_no_answer() -> None:
    """The system accepts it for a process that stands still."""

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await unanswered(f"127.0.0.1:{port}", patience=0.2) == "no answer within 0.2 s"
    assert await unanswered(f"{NOBODY},127.0.0.1:{port}", 0.2) == "connection refused, no answer within 0.2 s"
    server.close()


async def test_somebody_who_is_no_kafka() -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    assert await unanswered(f"127.0.0.1:{port}", patience=60)
    server.close()


@pytest.mark.kafka
async def test_one_of_several_is_enough(broker: str) -> None:
    assert await unanswered(f"{NOBODY},{broker}") is None


@pytest.mark.kafka
async def test_a_broker_that_stands_still_and_one_that_is_gone() -> None:
    async with EmbeddedBroker() as own:
        assert await unanswered(own.bootstrap) is None
        own.pause(1)
        assert await unanswered(own.bootstrap, patience=1) == "no answer within 1 s"
        own.resume(1)
        assert await unanswered(own.bootstrap, patience=60) is None
        await own.kill(1)
        assert await unanswered(own.bootstrap) == "connection refused"
        await own.start(1)
        assert await unanswered(own.bootstrap) is None
