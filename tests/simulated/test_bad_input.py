"""Bad records in one partition: each is dead-lettered whole, and its neighbours don't notice."""

from base64 import b64decode
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.errors import TooManyRefused
from streams.state.plan import Plan
from streams.state.refusals import Bounds
from streams.state.screening import Limits
from tests.bad_records import NEIGHBOUR, Bad, bad_records, encoded, neighbours, skipped, ticket
from tests.simulated.cluster import Cluster
from tests.simulated.histories import metrics_log

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
NOW = int(AT.timestamp() * 1000) + 3_600_000
BAD = bad_records(AT)
TOPIC = "cx.tickets"
LIMITS = Limits()


class Input(Cluster):
    """One partition, fed with raw records."""

    def __init__(self) -> None:
        super().__init__(Plan(CATALOGUE, "v1", 1, "bad"), now=NOW)

    def put(self, key: bytes | None, value: bytes | None, topic: str = TOPIC) -> None:
        self.log.append(topic, 0, key, value, self.now)

    def told(self) -> dict[str, dict[str, Any]]:
        return {key: record["data"] for key, record in self.figures().items()}


def between_neighbours(*bad: Bad) -> Input:
    found = Input()
    for event in neighbours(AT):
        for each in bad:
            found.put(each.key, each.value)
        found.put(NEIGHBOUR.encode(), encoded(event))
    found.drain()
    return found


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, dict[str, Any]]:
    """The figures of the neighbours alone."""
    return between_neighbours().told()


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_it_is_dead_lettered_whole_and_its_neighbours_do_not_notice(
    bad: Bad, undisturbed: dict[str, dict[str, Any]]
) -> None:
    found = between_neighbours(bad)
    letters = found.letters()
    assert [letter["reason"] for letter in letters] == [bad.reason] * 3
    for letter in letters:
        assert letter["detail"]
        assert len(letter["detail"]) < 1000
        for name, value in (("value_base64", bad.value), ("key_base64", bad.key)):
            assert (None if letter[name] is None else b64decode(letter[name])) == value
    assert [(letter["topic"], letter["partition"], letter["offset"]) for letter in letters] == [
        (TOPIC, 0, offset) for offset in (0, 2, 4)
    ]
    assert found.told() == undisturbed
    assert undisturbed


def test_all_of_them_together() -> None:
    found = between_neighbours(*BAD)
    assert Counter(letter["reason"] for letter in found.letters()) == {
        reason: 3 * count for reason, count in Counter(bad.reason for bad in BAD).items()
    }
    assert found.told()["tickets_resolved||total|"]["value"] == 1
    assert metrics_log(found).breaches == []
    assert found.partitions[0].refused == Counter((TOPIC, bad.reason) for bad in BAD for _ in range(3))


def test_a_dead_letter_does_not_use_up_its_id() -> None:
    """The same id, mended and sent again, counts."""
    found, good = Input(), ticket("created", AT)
    found.put(b"B1", encoded({**good, "data": {"channel": 5}}))
    found.put(b"B1", encoded({**good, "data": {"channel": "chat"}}))
    found.drain()
    assert found.told()["tickets_created|channel=chat|total|"]["value"] == 1


def test_too_many_of_them_stop_the_partition() -> None:
    found = Input()
    for _ in range(Bounds().run + 1_000):
        found.put(b"B1", b"{")
    with pytest.raises(TooManyRefused, match=r"cx.tickets/0: 5,001 records in a row.*offset 5000 \(not_json"):
        found.drain()


def test_who_is_started_again_begins_no_new_count() -> None:
    """Whoever starts a worker again and again would else see all of an input among the dead letters."""
    found = Input()
    for _ in range(3 * Bounds().run):
        found.put(b"B1", b"{")
    for _ in range(3):
        with pytest.raises(TooManyRefused, match="5,001 records in a row"):
            found.drain()
        found.restart(0)
    assert len(found.letters()) == Bounds().run


def test_a_long_text_for_a_label_does_not_make_a_record_too_large_for_kafka() -> None:
    """A topic that is a whole letter, of a ticket that goes from hand to hand: read at one go."""
    found = Input()
    found.put(b"B1", encoded(ticket("created", AT, topic="x" * 50_000)))
    for number in range(250):
        at = AT + timedelta(seconds=number)
        found.put(b"B1", encoded(ticket("assigned", at, agent_id=f"agent-{number}")))
    found.drain()
    (row,) = found.log.latest("bad-tickets-changelog", 0).values()
    assert len(row) < 2 * LIMITS.largest_entity
    assert {letter["reason"] for letter in found.letters()} == {"entity_too_large"}
    assert found.told()["tickets_created||total|"]["value"] == 1


def test_an_unlisted_type_of_a_known_family_is_skipped() -> None:
    found = between_neighbours(Bad("viewed", "", encoded(skipped(AT)), NEIGHBOUR.encode()))
    assert found.letters() == []
    assert found.partitions[0].entities[TOPIC].others == {("ticket.*", "skipped"): 3}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"survey": "csat", "score": 6}, "score_out_of_scale"),
        ({"survey": "csat", "score": -0.0}, "score_out_of_scale"),
        ({"survey": "nps", "score": 11}, "score_out_of_scale"),
        ({"survey": "nps", "score": 9.5}, "score_out_of_scale"),
        ({"survey": "nps", "score": 5, "scale_max": 5}, "bad_scale"),
        ({"survey": "csat", "score": 1, "scale_min": 5, "scale_max": 1}, "bad_scale"),
        ({"survey": "csat", "score": 1, "scale_min": 1, "scale_max": 1}, "bad_scale"),
        ({"survey": "csat", "score": 1, "scale_max": 10**30}, "bad_scale"),
        ({"survey": "of our own", "score": 1}, "bad_scale"),
        ({"survey": "csat", "score": "5"}, "invalid"),
        ({"survey": "csat", "score": True}, "invalid"),
        ({"survey": "csat"}, "invalid"),
        ({"score": 5}, "invalid"),
        ({"survey": "", "score": 5}, "invalid"),
        ({"survey": "csat", "score": 5, "ticket_id": "x" * 257}, "invalid"),
    ],
)
def test_answers_that_make_no_sense(data: dict[str, Any], reason: str) -> None:
    found = Input()
    event = {**ticket("created", AT, of="R1"), "type": "survey.responded", "data": data}
    found.put(b"R1", encoded(event), "cx.surveys")
    found.put(b"R1", encoded({**event, "data": {"survey": "csat", "score": 5}}), "cx.surveys")
    found.drain()
    assert [letter["reason"] for letter in found.letters()] == [reason]
    assert found.told()["csat||total|"]["value"] == 1


def test_a_record_on_the_wrong_partition() -> None:
    plan = Plan(CATALOGUE, "v1", 4, "bad")
    found = Cluster(plan, now=NOW)
    value = encoded(ticket("created", AT))
    for number in range(4):
        found.log.append(TOPIC, number, b"B1", value, NOW)
    found.drain()
    assert [letter["reason"] for letter in found.letters()] == ["wrong_partition"] * 3
    assert found.figures()["tickets_created||total|"]["data"]["value"] == 1
