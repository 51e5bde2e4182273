import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.errors import BrokerError
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.topics import TopicSpec, apply

pytestmark = pytest.mark.kafka

PATIENCE = 120.0


async def produce(bootstrap: str, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def consume(bootstrap: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(PATIENCE):
        return [(await consumer.getone()).value for _ in range(count)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - it is about other processes
            await asyncio.sleep(0.05)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def contents(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def failure(attempt: Awaitable[object]) -> str:
    with pytest.raises(BrokerError) as raised:
        await attempt
    return str(raised.value)


async def test_what_is_produced_is_consumed(broker: str) -> None:
    await apply(broker, [TopicSpec("broker-test", 1)])
    await produce(broker, "broker-test", b"one", b"two")
    assert await consume(broker, "broker-test", 2) == [b"one", b"two"]


async def test_topics_are_never_made_by_using_them(broker: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker, request_timeout_ms=1000)
    async with producer:
        with pytest.raises(Exception, match="UnknownTopicOrPartition"):
            await producer.send_and_wait("broker-test-unknown", b"lost")


async def test_a_large_record_passes(broker: str) -> None:
    await apply(broker, [TopicSpec("broker-test-large", 1)])
    size = 12 * 1024 * 1024
    async with AIOKafkaProducer(bootstrap_servers=broker, max_request_size=16 * 1024 * 1024) as producer:
        await producer.send_and_wait("broker-test-large", b"x" * size)
    (value,) = await consume(broker, "broker-test-large", 1)
    assert len(value) == size


async def test_thrown_away_data_and_processes_are_gone_after_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with EmbeddedBroker() as embedded:
        (pid,) = embedded.pids.values()
        assert contents(tmp_path)
    assert not runs(pid)
    assert not contents(tmp_path)


async def test_a_kept_directory_survives_a_restart_and_serves_one_broker_at_a_time(tmp_path: Path) -> None:
    async with EmbeddedBroker(data_dir=tmp_path) as embedded:
        await apply(embedded.bootstrap, [TopicSpec("kept", 1)])
        await produce(embedded.bootstrap, "kept", b"before")
        assert "is in use by another broker" in await failure(EmbeddedBroker(data_dir=tmp_path).start())
    async with EmbeddedBroker(data_dir=tmp_path) as embedded:
        await produce(embedded.bootstrap, "kept", b"after")
        assert await consume(embedded.bootstrap, "kept", 2) == [b"before", b"after"]
    assert "of a cluster of 1 nodes, expected 3" in await failure(
        EmbeddedBroker(data_dir=tmp_path, nodes=3).start()
    )


async def test_it_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import asyncio\n"
        "from streams.kafka.broker import EmbeddedBroker\n"
        "async def main():\n"
        "    async with EmbeddedBroker() as embedded:\n"
        "        print(*embedded.pids.values(), flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TMPDIR": str(tmp_path), "PATH": ""},
    )
    assert parent.stdout
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 60))
    assert contents(tmp_path)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    await until(lambda: not runs(pid) and not contents(tmp_path))


async def test_an_occupied_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 is taken" in await failure(EmbeddedBroker(port=port).start())


async def test_a_failed_start_quotes_the_log() -> None:
    embedded = EmbeddedBroker(settings={"num.io.threads": "many"})
    assert "num.io.threads: Not a number" in await failure(embedded.start())
    assert not embedded.pids


async def test_a_node_that_ends_by_itself_is_noticed() -> None:
    async with EmbeddedBroker() as embedded:
        (pid,) = embedded.pids.values()
        os.kill(pid, signal.SIGKILL)
        assert "ended by itself" in await failure(asyncio.wait_for(embedded.crashed(), PATIENCE))


@pytest.fixture
async def cluster() -> AsyncIterator[EmbeddedBroker]:
    async with EmbeddedBroker(nodes=3, heap="256m") as three:
        yield three


@pytest.mark.slow
async def test_a_killed_node_is_back_soon_with_its_data(tmp_path: Path) -> None:
    async with EmbeddedBroker(data_dir=tmp_path) as embedded:
        await apply(embedded.bootstrap, [TopicSpec("killed", 1)])
        await produce(embedded.bootstrap, "killed", b"before")
        await embedded.kill(1)
        async with asyncio.timeout(PATIENCE):
            await embedded.start(1)
        assert await consume(embedded.bootstrap, "killed", 1) == [b"before"]


@pytest.mark.slow
async def test_three_nodes_do_without_one(cluster: EmbeddedBroker) -> None:
    await apply(cluster.bootstrap, [TopicSpec("replicated", 1, replication=3)])
    await produce(cluster.bootstrap, "replicated", b"by three")
    await cluster.kill(2)
    assert sorted(cluster.pids) == [1, 3]
    left = ",".join(address for n, address in enumerate(cluster.bootstrap.split(","), 1) if n != 2)
    await produce(left, "replicated", b"by two")
    await cluster.start(2)
    cluster.pause(3)
    cluster.resume(3)
    assert await consume(cluster.bootstrap, "replicated", 2) == [b"by three", b"by two"]
