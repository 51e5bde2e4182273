"""What a partition takes of an input topic, what it turns away and why, and whom it forgets."""

from typing import Any

import msgspec
import pytest

from streams.errors import Refused
from streams.state.screening import Limits
from tests.parcels import PARCELS, Post, event, plan
from tests.state.taken import DAY, NOW, TOPIC, Taken

SENT = event("parcel.sent", "09:00")
MOVED = event("parcel.moved", "10:00", hub="A")


def test_what_is_refused_among_others_is_told_in_its_turn() -> None:
    late = {**MOVED, "id": "late", "time": "2030-01-01T00:00:00Z"}
    wrong = {**MOVED, "id": "wrong", "data": {"hub": 5}}
    taken = Taken().take(late, SENT, wrong, MOVED, {**late, "id": "later"})
    assert taken.reasons == ["in_future", "invalid", "in_future"]
    entities = taken.partitions[0].entities[TOPIC]
    assert (sum(entities.folded), entities.arrived) == (2, 2)
    assert taken.total("parcels_sent") == 1


def test_outcomes_are_counted_by_type() -> None:
    other = {**MOVED, "data": {"hub": "B"}}
    taken = Taken().take(SENT, MOVED, SENT, other, event("parcel.weighed", "11:00"))
    entities = taken.partitions[0].entities[TOPIC]
    folded = dict(zip((type_.name for type_ in PARCELS.types), entities.folded, strict=True))
    assert {name: number for name, number in folded.items() if number} == {
        "parcel.sent": 1,
        "parcel.moved": 1,
    }
    assert entities.others == {
        ("parcel.sent", "duplicate"): 1,
        ("parcel.moved", "conflicting_duplicate"): 1,
        ("parcel.*", "skipped"): 1,
    }
    assert taken.reasons == []


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (b"P1", None, "no_value"),
        (b"P1", b"", "not_json"),
        (b"P1", b'{"a":', "not_json"),
        (b"P1", b'\xff{"a": 1}', "not_utf8"),
        (b"P1", b"[]", "invalid"),
        (b"P1", {"specversion": "0.3"}, "invalid"),
        (b"P1", {"data": {"weight": -1}}, "invalid"),
        (b"P1", {"type": "parcel.moved", "data": {}}, "invalid"),
        (b"P2", {}, "wrong_key"),
        (None, {}, "wrong_key"),
        (b"P1", {"time": "2026-11-09T00:00:00Z"}, "in_future"),
        (b"P1", {"source": "/metricland"}, "reserved"),
        (b"P1", {"type": "page.written"}, "unknown_type"),
        (b"P1", {"type": "weather.changed"}, "unknown_type"),
        (b"P1", {"data": {"size": "x" * (1 << 20)}}, "too_large"),
    ],
)
def test_what_breaks_a_rule_is_turned_away_alone(key: bytes | None, value: Any, reason: str) -> None:
    taken = Taken()
    taken.produce([SENT])
    changed = msgspec.json.encode({**SENT, "id": "other", **value}) if isinstance(value, dict) else value
    taken.put(TOPIC, key, changed)
    taken.take(MOVED, event("parcel.delivered", "11:00"))
    assert taken.reasons == [reason]
    assert taken.partitions[0].entities[TOPIC].others == {("*", reason): 1}
    assert taken.total("travel_time") == 7200


def test_what_is_turned_away_does_not_use_up_its_id() -> None:
    taken = Taken().take(SENT, {**MOVED, "data": {}}, MOVED, event("parcel.delivered", "11:00"))
    assert taken.reasons == ["invalid"]
    assert taken.values()["travel_time|hub=A|total|"] == 7200


def test_a_domain_s_own_rules_hold_too() -> None:
    assert Taken().take(event("page.written", "09:00", "N1", mood="sad", parcel="none")).reasons == [
        "no_parcel"
    ]


@pytest.mark.parametrize(("ahead", "reasons"), [(300_000, []), (300_001, ["in_future"])])
def test_in_future_is_judged_by_the_record_s_own_time(ahead: int, reasons: list[str]) -> None:
    sent = 1_793_610_000_000
    assert Taken(now=sent - ahead).take(SENT).reasons == reasons


class TestHorizon:
    """An event for an entity that isn't known may only be so old against the watermark."""

    LIMITS = Limits(horizon=10 * DAY)

    def test_an_unknown_entity_s_old_event_is_too_late(self) -> None:
        taken = Taken(self.LIMITS).take(event("parcel.sent", "2026-11-02 09:00", "P1"))
        taken.take(
            event("parcel.sent", "2026-10-23 08:57:59", "P2"), event("parcel.sent", "2026-10-23 08:58", "P3")
        )
        assert taken.reasons == ["too_late"]
        assert taken.entities == ["P1", "P3"]

    def test_a_known_entity_s_old_event_is_taken(self) -> None:
        taken = Taken(self.LIMITS).take(SENT, event("parcel.moved", "2026-09-02 09:00", hub="A"))
        assert taken.reasons == []

    def test_what_was_turned_away_does_not_move_the_watermark(self) -> None:
        taken = Taken(self.LIMITS)
        taken.put(TOPIC, b"other", msgspec.json.encode(event("parcel.sent", "2026-11-04 00:00")))
        taken.take(event("parcel.sent", "2026-10-01 00:00", "P2"))
        assert taken.reasons == ["wrong_key"]

    def test_facts_of_others_do_not_move_it(self) -> None:
        """Only what comes from outside does, or a replay would decide otherwise."""
        taken = Taken(self.LIMITS).take(SENT)
        taken.take(event("page.written", "2026-11-05 09:00", "N1", mood="sad", parcel="P1"))
        assert taken.total("mood") == -100
        assert taken.take(event("parcel.sent", "2026-10-23 09:00", "P2")).reasons == []

    def test_duplicates_do_not_move_it_either(self) -> None:
        taken = Taken(self.LIMITS).take(SENT, {**SENT, "time": "2026-11-04T00:00:00Z"})
        assert taken.take(event("parcel.sent", "2026-10-23 09:00", "P2")).reasons == []


def test_a_key_of_another_partition_is_turned_away() -> None:
    post = Post(plan(2), now=NOW)
    for number in range(2):
        post.log.append(TOPIC, number, b"P1", msgspec.json.encode(SENT), NOW)
    post.drain()
    assert [letter["reason"] for letter in post.letters()] == ["wrong_partition"]
    assert post.values()["parcels_sent||total|"] == 1


def test_refused_says_both_code_and_sentence() -> None:
    assert str(Refused("too_late", "by a day")) == "too_late: by a day"
