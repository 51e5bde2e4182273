"""`metricland dead-letters`, on Kafka: what it lists, shows and sends again."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from streams.kafka.partitioning import partition_of
from tests.bad_records import encoded, ticket
from tests.cli.conftest import Metricland
from tests.faults.harness import PARTITIONS, Deployment

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

        told = await run("resubmit", "--all", "--dry-run")
        assert told.endswith("2 records would be sent again; nothing was\n")
        await deployment.settled()
        assert len(deployment.observer.letters) == 2

        for _ in range(2):  # however often it is sent, it counts once
            assert await run("resubmit", stray) == "1 records sent again\n"
        assert await run("resubmit", "--reason", "not_json") == "1 records sent again\n"
        await deployment.settled()
        assert deployment.figures["tickets_created||total|"]["value"] == 1
        again = [letter for letter in deployment.observer.letters if letter["offset"]]
        assert [letter["reason"] for letter in again] == ["not_json"]
        assert [name for name, _ in again[0]["headers"]] == ["metricland-resubmitted"]
        assert deployment.observer.log.breaches == []


def test_a_broker_that_is_away_is_one_line(metricland: Metricland) -> None:
    told = metricland("dead-letters", "list", "--broker", "kafka://127.0.0.1:1")
    assert told.exit_code == 1
    assert told.stderr.count("\n") == 1
    assert "127.0.0.1:1" in told.stderr
