"""`metricland erase`."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams import moments
from streams.cli import erase
from streams.cli.erase import CUT, remedy
from streams.erasure import Holds
from streams.errors import Refused
from streams.kafka.admin import Admin
from streams.kafka.partitioning import partition_of
from streams.kafka.produce import publish
from streams.kafka.read import read_all
from streams.kafka.watch import wall_clock
from streams.outlets.dead_letters import dead_letter
from streams.state.screening import Limits
from tests.bad_records import encoded, ticket
from tests.cli.conftest import GIVES_UP, NOBODY, Metricland
from tests.faults.harness import PARTITIONS, Deployment
from tests.outlets.test_dead_letters import Given

AT = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
SECRET = "a word that nobody may read"


def customer(kind: str, **data: Any) -> bytes:
    return encoded({**ticket("created", AT, of="C1"), "type": f"customer.{kind}", "id": kind, "data": data})


@pytest.mark.parametrize(
    ("id_", "words"), [("", "has 0 bytes"), ("ü" * 129, "has 258 bytes"), ("\udcff", "is no UTF-8")]
)
def test_what_can_be_no_id_is_wrong_usage(metricland: Metricland, id_: str, words: str) -> None:
    told = metricland("erase", id_)
    assert told.exit_code == 2
    assert words in told.stderr


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_broker_that_is_away_is_waited_for_and_given_up(
    metricland: Metricland, options: tuple[str, ...]
) -> None:
    told = metricland("erase", "C1", *options, "--broker", f"kafka://{NOBODY}")
    assert (told.exit_code, told.stderr) == (1, GIVES_UP)


def test_what_can_be_done_follows_from_what_the_topic_is() -> None:
    day = {"cleanup.policy": "delete", "retention.ms": str(86_400_000)}
    at = moments.parse("2026-11-02T09:00:00Z") // 1000
    assert "after 2026-11-03T09:00:00Z; sooner: DeleteRecords" in remedy(Holds.LETTERS, day, at)
    for unlimited in ("-1", str(2**63 - 1), "315360000000000"):
        kept = {**day, "retention.ms": unlimited}
        assert "kept for ever" in remedy(Holds.EVENTS, kept, at)
        assert "rebuild" in remedy(Holds.EVENTS, kept, at)
        assert remedy(Holds.LETTERS, kept, at) == f"kept for ever; {CUT}"
    long = {**day, "retention.ms": str(7000 * 365 * 86_400_000)}
    assert "after 9022-" in remedy(Holds.LETTERS, long, at)
    compacted = {"cleanup.policy": "compact"}
    assert "once workers have taken the event" in remedy(Holds.OWN_STATE, compacted, at)
    assert "which an event clears" in remedy(Holds.OTHER_STATES, compacted, at)
    assert "last record of each key" in remedy(Holds.EVENTS, compacted, at)


@pytest.fixture
def prefix(metricland: Metricland, broker: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kafka, with topics of this test alone."""
    name = f"erase-{os.urandom(4).hex()}"
    monkeypatch.setenv("METRICLAND_BROKER", f"kafka://{broker}")
    monkeypatch.setenv("METRICLAND_APPLICATION", name)
    monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", f"{name}.")
    return f"{name}."


@pytest.mark.kafka
def test_the_removal_is_written_even_if_nothing_is_known_of_the_customer(
    metricland: Metricland, broker: str, prefix: str
) -> None:
    missing = metricland("erase", "C1")
    assert missing.exit_code == 1
    assert f"has no topic {prefix}customers" in missing.stderr
    assert metricland("topics", "apply").exit_code == 0
    looked = metricland("erase", "C1", "--dry-run")
    assert (looked.exit_code, looked.stdout) == (0, "No topic holds it.\n")
    assert "Nothing else is known of a customer C1." in looked.stderr.splitlines()
    for times in (1, 2):
        told = metricland("erase", "C1", "--json")
        assert told.exit_code == 0
        said = told.stderr.splitlines()
        assert f"customer.removed of C1 written to {prefix}customers" in said
        assert "Nothing else is known of a customer C1." in said
        found = json.loads(told.stdout)
        assert (found["written"], found["known"], len(found["held"])) == (True, False, 1)
        assert (found["held"][0]["topic"], found["held"][0]["records"]) == (f"{prefix}customers", times)

    async def removals() -> list[Any]:
        return [record async for record in read_all(broker, f"{prefix}customers")]

    written = asyncio.run(removals())
    events = [json.loads(record.value) for record in written]
    assert {record.key for record in written} == {b"C1"}
    assert {(event["type"], event["subject"], event["source"]) for event in events} == {
        ("customer.removed", "C1", "/command-line")
    }
    assert len({event["id"] for event in events}) == 1, "erased twice is erased once"


@pytest.mark.kafka
def test_a_clock_that_is_ahead_does_no_harm(
    metricland: Metricland, broker: str, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers would refuse what is of the future."""
    assert metricland("topics", "apply").exit_code == 0
    monkeypatch.setattr(erase, "wall_clock", lambda: wall_clock() + moments.HOUR)
    told = metricland("erase", "C1", "--json")
    assert told.exit_code == 0
    assert "s ahead of Kafka's, whose time is taken" in told.stderr

    async def removals() -> list[Any]:
        return [record async for record in read_all(broker, f"{prefix}customers")]

    (record,) = asyncio.run(removals())
    at = moments.parse(json.loads(record.value)["time"])
    assert abs(at - record.timestamp * 1000) < Limits().in_future


@pytest.mark.kafka
def test_what_logs_are_like_keeps_nobody_from_listing_them(
    metricland: Metricland, broker: str, prefix: str
) -> None:
    """A dead letter that is none, and a retention beyond all times."""
    assert metricland("topics", "apply").exit_code == 0
    letters, record = f"{prefix}dead-letters", Given(offset=7, key=b"C1", value=b"{")
    broken = json.loads(dead_letter(f"{prefix}customers", 0, record, Refused("invalid", "wrong")))
    broken["data"]["value_base64"] = "abc"

    async def prepare() -> None:
        async with Admin(broker) as admin:
            await admin.set_configs({letters: {"retention.ms": str(2**63 - 1)}})
        await publish(f"kafka://{broker}", [(letters, b"C1", encoded(broken))])

    asyncio.run(prepare())
    told = metricland("erase", "C1", "--json")
    assert told.exit_code == 0, told.stderr
    held = {each["topic"]: each for each in json.loads(told.stdout)["held"]}
    assert held.keys() == {f"{prefix}customers", letters}
    assert held[letters]["remedy"] == f"kept for ever; {CUT}"


@pytest.mark.kafka
async def test_it_leaves_the_state_and_what_logs_still_hold_is_listed(
    broker: str, metricland: Metricland, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Deployment(broker) as deployment:
        prefix, application = deployment.prefix, deployment.settings.application
        monkeypatch.setenv("METRICLAND_BROKER", deployment.settings.broker)
        monkeypatch.setenv("METRICLAND_APPLICATION", application)
        monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", prefix)
        monkeypatch.setenv("METRICLAND_TOPICS__PARTITIONS", str(PARTITIONS))

        async def run(*arguments: str) -> tuple[str, str]:
            told = await asyncio.to_thread(metricland, "erase", "C1", *arguments)
            assert told.exit_code == 0, told.stderr
            return told.stdout, told.stderr

        def number(key: bytes) -> int:
            return partition_of(key, PARTITIONS)

        await deployment.start()
        of_c1 = encoded(ticket("created", AT, of="T1", customer_id="C1", topic=SECRET))
        of_c11 = encoded(ticket("created", AT, of="T2", customer_id="C11"))
        wrong = encoded(ticket("created", AT, of="T3", customer_id="C1", status=SECRET))
        worse = encoded(ticket("created", AT, of="T4", customer_id=["C1"]))
        friend = encoded({**json.loads(customer("created", referred_by="C1")), "subject": "C3"})
        await deployment.put("customers", [(b"C1", customer("created", segment=SECRET))], number(b"C1"))
        await deployment.put("customers", [(b"C1", customer("updated"))], number(b"C1"))
        await deployment.put("tickets", [(b"T1", of_c1)], number(b"T1"))
        await deployment.put("tickets", [(b"T2", of_c11)], number(b"T2"))
        await deployment.put("tickets", [(b"T3", wrong)], number(b"T3"))
        await deployment.put("tickets", [(b"T4", worse)], number(b"T4"))
        await deployment.put("customers", [(b"C3", friend)], number(b"C3"))
        await deployment.settled()

        looked = json.loads((await run("--dry-run", "--json"))[0])
        assert (looked["written"], looked["known"]) == (False, True)
        mine, theirs = f"{application}-customers-changelog", "states of others"
        held = {each["topic"]: each for each in looked["held"] if each["holds"] != theirs}
        others = {each["topic"]: each for each in looked["held"] if each["holds"] == theirs}
        # The ticket has told the customer of itself: that is an event of the customer's too.
        assert {topic: each["records"] for topic, each in held.items() if "changelog" not in topic} == {
            f"{prefix}customers": 4,
            f"{prefix}tickets": 3,
            f"{prefix}dead-letters": 2,
        }
        places = {place["partition"]: place for place in held[f"{prefix}customers"]["partitions"]}
        assert places.keys() == {number(b"C1"), number(b"C3")}
        assert places[number(b"C1")]["first"] == 0
        assert places[number(b"C1")]["last"] >= 2
        assert {place["partition"] for place in held[f"{prefix}tickets"]["partitions"]} == {
            number(b"T1"),
            number(b"T3"),
            number(b"T4"),
        }
        assert held[mine]["holds"] == "its state"
        assert "the row is deleted" in held[mine]["remedy"]
        assert others.keys() == {mine, f"{application}-tickets-changelog"}
        assert others[mine]["records"] == 1, "who was referred by it"
        assert "the row is deleted" not in others[mine]["remedy"]

        told, said = await run()
        assert f"customer.removed of C1 written to {prefix}customers" in said.splitlines()
        lines = {line.split()[0]: line for line in told.splitlines()}
        assert lines.keys() == {"topic", *held, *others}
        assert "kept for ever" in lines[f"{prefix}tickets"]
        assert "retention deletes the last of them after" in lines[f"{prefix}dead-letters"]
        await deployment.settled()
        after = {each["topic"]: each for each in json.loads((await run("--dry-run", "--json"))[0])["held"]}
        assert after[f"{prefix}customers"]["records"] == 5
        rows = [record async for record in read_all(broker, mine)]
        assert [record.value for record in rows if record.key == b"C1"][-1] is None
        for text in (told, said, json.dumps(looked)):
            assert SECRET not in text
