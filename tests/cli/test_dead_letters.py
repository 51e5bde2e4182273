"""`metricland dead-letters`, on Kafka: what it lists, shows and sends again."""

import asyncio
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from streams.errors import Refused
from streams.kafka.partitioning import partition_of
from streams.kafka.read import read_all
from streams.outlets.dead_letters import AGAIN, dead_letter
from tests.bad_records import encoded, ticket
from tests.cli.conftest import Metricland
from tests.faults.harness import PARTITIONS, Deployment
from tests.outlets.test_dead_letters import Given

pytestmark = pytest.mark.kafka

AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
GOOD = encoded(ticket("created", AT, channel="chat"))
RIGHT = partition_of(b"B1", PARTITIONS)
WRONG = (RIGHT + 1) % PARTITIONS


def lost(deployment: Deployment) -> list[str]:
    """The places of a record that isn't JSON, and of a good one in a partition that isn't its key's."""
    prefix = deployment.prefix
    return [f"{prefix}tickets/{RIGHT}/0", f"{prefix}tickets/{WRONG}/0"]


async def bad(deployment: Deployment) -> None:
    await deployment.start()
    await deployment.put("tickets", [(b"B1", b"{not json\x1b")], RIGHT)
    await deployment.put("tickets", [(b"B1", GOOD)], WRONG)
    await deployment.settled()


async def test_they_are_listed_shown_and_sent_again(
    broker: str, metricland: Metricland, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Deployment(broker) as deployment:
        monkeypatch.setenv("METRICLAND_BROKER", deployment.settings.broker)
        monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", deployment.prefix)

        async def run(*arguments: str, code: int = 0) -> str:
            told = await asyncio.to_thread(metricland, "dead-letters", *arguments)
            assert told.exit_code == code, told.stderr
            return told.stdout + told.stderr

        assert await run("list") == ""
        await bad(deployment)
        broken, stray = lost(deployment)
        listed = (await run("list")).splitlines()
        assert sorted(line.split("  ")[0] for line in listed) == sorted([broken, stray])
        assert [line.split("  ")[2].split(":")[0] for line in listed if stray in line] == ["wrong_partition"]
        (only,) = (await run("list", "--reason", "wrong_partition", "--json")).splitlines()
        assert json.loads(only)["value"] == GOOD.decode()
        shown = await run("show", broken)
        assert "reason     not_json\n" in shown
        assert "value      {not json\\x1b\n" in shown
        assert "there is no dead letter cx.none/0/0" in await run("show", "cx.none/0/0", code=1)
        assert "name places" in await run("resubmit", code=2)

        ends = dict(deployment.observer.ends)
        told = await run("resubmit", "--all", "--dry-run")
        assert told.endswith("2 records would be sent again; nothing was\n")
        await deployment.settled()
        assert (deployment.observer.ends, len(deployment.observer.letters)) == (ends, 2)

        for _ in range(2):  # however often it is sent, it counts once
            assert await run("resubmit", stray) == "1 records sent again\n"
        assert await run("resubmit", "--reason", "not_json") == "1 records sent again\n"
        await deployment.settled()
        assert deployment.figures["tickets_created||total|"]["value"] == 1
        again = [letter for letter in deployment.observer.letters if letter["offset"]]
        assert [letter["reason"] for letter in again] == ["not_json"]
        assert [name for name, _ in again[0]["headers"]] == ["metricland-resubmitted"]
        # What is refused again is still one record, at its last place.
        (last,) = (await run("list", "--reason", "not_json")).splitlines()
        assert last.split("  ")[0] == f"{again[0]['topic']}/{again[0]['partition']}/{again[0]['offset']}"
        assert await run("resubmit", "--reason", "not_json") == "1 records sent again\n"
        await deployment.settled()
        assert len((await run("list", "--reason", "not_json")).splitlines()) == 1
        assert deployment.observer.log.breaches == []


async def test_a_record_is_sent_again_as_it_was(
    broker: str, metricland: Metricland, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that are no text, a header that is there twice, more than Kafka's clients send by themselves; and
    something else on the topic is no reason to show nothing."""
    headers = [("trace", b"\x00\xff"), ("trace", b"b"), ("none", None)]
    record = Given(offset=7, key=b"B1", value=b"\xff" * 3 * 2**20, headers=headers)
    async with Deployment(broker) as deployment:
        monkeypatch.setenv("METRICLAND_BROKER", deployment.settings.broker)
        monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", deployment.prefix)
        topic = f"{deployment.prefix}tickets"
        letter = dead_letter(topic, RIGHT, record, Refused("too_large", "3145728 bytes"))
        await deployment.put("dead-letters", [(b"B1", letter), (b"x", b"nonsense"), (b"x", None)], 0)
        shown = await asyncio.to_thread(metricland, "dead-letters", "show", f"{topic}/{RIGHT}/7", "--json")
        assert (
            shown.stderr
            == f"2 records of {deployment.prefix}dead-letters are no dead letters, and left out\n"
        )
        told = json.loads(shown.stdout)
        assert [name for name, _ in told["headers"]] == ["trace", "trace", "none"]
        assert b64decode(told["value_base64"]) == record.value
        sent = await asyncio.to_thread(metricland, "dead-letters", "resubmit", "--all")
        assert sent.exit_code == 0, sent.stderr
        (back,) = [each async for each in read_all(deployment.settings.bootstrap, topic)]
        assert (back.partition, back.key, back.value) == (RIGHT, b"B1", record.value)
        mark = (AGAIN, f"{topic}/{RIGHT}/7".encode())
        assert list(back.headers) == [*headers, mark]
