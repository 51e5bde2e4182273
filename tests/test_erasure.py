"""Whether a record still holds an entity: by key, by fields that name it, in dead letters, in states."""

import json
from typing import Any

import msgspec
import pytest

from streams.erasure import Erasure, Holds, Place, places
from streams.errors import Refused
from streams.intake import Intake
from streams.outlets.dead_letters import LARGEST, dead_letter
from streams.state.record import Entity
from tests.outlets.test_dead_letters import Given
from tests.parcels import WORLD, Page, Post, event, plan

ERASURE = Erasure(
    domain="parcels",
    type="parcel.lost",
    what="parcel",
    fields={"parcels": ("hub",), "pages": ("parcel",)},
    states={"pages": ("parcel",)},
)
IDS = ("P1", "P|ü", '"P"\\', "\x00\u2028", "1", "ü" * 128)
AT = 1_793_610_000_000_000


OWN, OTHERS = "post-parcels-changelog", "post-pages-changelog"
NAMED = tuple(name for name in IDS if name != "1")
"Those that occur in nothing else."


def looks(subject: str) -> list[Place]:
    return list(places(WORLD, ERASURE, subject, "cx.", "post"))


def holds(topic: str, subject: str, key: bytes | None, value: Any) -> list[Holds]:
    """What a record of a topic holds of it."""
    encoded = value if isinstance(value, bytes | None) else msgspec.json.encode(value)
    found = [place for place in looks(subject) if place.topic == topic]
    assert found
    return [place.holds for place in found if place.look(key, encoded)]


def held(topic: str, subject: str, key: bytes | None, value: Any) -> bool:
    return bool(holds(topic, subject, key, value))


def escaped(text: str) -> str:
    """As JSON with all letters as escapes, in capitals."""
    units = text.encode("utf-16-be").hex().upper()
    return '"' + "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)) + '"'


@pytest.mark.parametrize("subject", IDS)
def test_the_event_that_erases_is_one_of_ours_and_has_one_id(subject: str) -> None:
    placed = Intake(WORLD).place(ERASURE.event(subject, AT))
    assert (placed.domain, placed.subject) == ("parcels", subject)
    assert placed.event is not None
    assert (placed.event.time, placed.event.id) == (AT, ERASURE.event_id(subject))
    assert ERASURE.event_id(subject) not in (ERASURE.event_id(f"{subject}x"), ERASURE.event_id("P0"))


def test_all_topics_that_may_hold_it_are_looked_at() -> None:
    assert [(place.topic, place.holds) for place in looks("P1")] == [
        ("cx.parcels", Holds.EVENTS),
        ("cx.pages", Holds.EVENTS),
        ("cx.dead-letters", Holds.LETTERS),
        ("cx.raw", Holds.RAW),
        (OWN, Holds.OWN_STATE),
        (OWN, Holds.OTHER_STATES),
        (OTHERS, Holds.OTHER_STATES),
    ]


@pytest.mark.parametrize("subject", IDS)
def test_events_hold_it_by_key_or_by_a_field_that_names_it(subject: str) -> None:
    key = subject.encode()
    assert held("cx.parcels", subject, key, event("parcel.lost", "09:00", subject))
    assert held("cx.parcels", subject, key, b"no event at all")
    assert held("cx.parcels", subject, key, None)
    assert held("cx.parcels", subject, b"other", event("parcel.lost", "09:00", subject)), "under a wrong key"
    note = event("page.written", "09:00", "N1", mood="sad", parcel=subject)
    assert held("cx.pages", subject, b"N1", note)
    for ascii_ in (True, False):
        assert held("cx.pages", subject, b"N1", json.dumps(note, ensure_ascii=ascii_).encode())


@pytest.mark.parametrize("subject", IDS)
def test_others_do_not_hold_it(subject: str) -> None:
    longer, other = event("parcel.lost", "09:00", f"{subject}1"), f"{subject}1".encode()
    assert not held("cx.parcels", subject, other, longer)
    note = event("page.written", "09:00", subject, mood="sad", parcel=f"{subject}1", text=subject)
    assert not held("cx.pages", subject, subject.encode(), note), "a page of this name is another thing"
    assert not held("cx.pages", subject, b"N1", b"[]")
    assert not held("cx.pages", subject, None, None)


@pytest.mark.parametrize("subject", IDS)
def test_what_cannot_be_read_holds_it_where_its_bytes_do(subject: str) -> None:
    key = subject.encode()
    assert held("cx.pages", subject, b"N1", b'{"data": {"parcel": "' + key + b'"')
    assert not held("cx.pages", subject, b"N1", b"{")


@pytest.mark.parametrize("subject", IDS)
@pytest.mark.parametrize("wrong", [["C"], {"id": "C"}, {"C": 1}])
def test_what_is_refused_holds_it_wherever_it_stands(subject: str, wrong: Any) -> None:
    astray = json.loads(json.dumps(wrong).replace('"C"', json.dumps(subject)))
    for data in ({"mood": "sad", "parcel": astray}, astray):
        note = {**event("page.written", "09:00", "N1"), "data": data}
        assert held("cx.pages", subject, b"N1", note)
    flat = {**event("page.written", "09:00", "N1"), "parcel": subject}
    assert held("cx.pages", subject, b"N1", flat), "its data are missing"
    assert not held("cx.pages", subject, subject.encode(), event("page.written", "09:00", subject, mood=5))


def letter(topic: str, key: bytes | None, value: bytes | None) -> bytes:
    return dead_letter(topic, 0, Given(offset=7, key=key, value=value), Refused("invalid", "wrong"))


@pytest.mark.parametrize("subject", IDS)
def test_dead_letters_hold_it_in_key_or_payload(subject: str) -> None:
    key = subject.encode()
    note = msgspec.json.encode(event("page.written", "09:00", "N1", mood=5, parcel=subject))
    astray = msgspec.json.encode(event("page.written", "09:00", "N1", mood=5, parcel=[{"id": subject}]))
    for value in (
        letter("cx.parcels", key, b"{"),
        letter("cx.parcels", key, None),
        letter("cx.pages", b"N1", note),
        letter("cx.pages", b"N1", astray),
        letter("old.topic", b"N1", note),
        letter("old.topic", b"N1", note[:-1]),
        letter("cx.pages", b"N1", note[:-1]),
        letter("old.topic", key, b"{}"),
    ):
        assert held("cx.dead-letters", subject, b"N1", value)
        assert not held("cx.dead-letters", f"{subject}x", b"N1", value), "of a longer id this is a part"
    for value in (letter("cx.parcels", b"P0", b"{}"), b"nonsense", None):
        assert not held("cx.dead-letters", subject, b"N1", value)
    assert not held("cx.dead-letters", subject, key, letter("cx.pages", key, b"{}")), "the key is a page's"
    assert held("cx.dead-letters", subject, key, b"no letter")


@pytest.mark.parametrize("subject", ["P", "P1 ", "1"])
def test_dead_letters_of_an_id_hold_no_part_of_it(subject: str) -> None:
    note = msgspec.json.encode(event("page.written", "09:00", "N1", mood=5, parcel="P1"))
    for value in (
        letter("cx.parcels", b"P1", b"{}"),
        letter("cx.pages", b"N1", note),
        letter("old.topic", b"P1", note),
    ):
        assert not held("cx.dead-letters", subject, b"P1", value)


@pytest.mark.parametrize("subject", NAMED)
@pytest.mark.parametrize("field", ["key_base64", "value_base64"])
@pytest.mark.parametrize("broken", ["abc", "ü"])
def test_a_dead_letter_that_is_broken_holds_what_its_bytes_do(subject: str, field: str, broken: str) -> None:
    whole = json.loads(letter("cx.pages", subject.encode(), b"{}"))
    whole["data"][field] = broken
    assert held("cx.dead-letters", subject, b"N1", whole), "it has the key in plain words too"
    whole["data"]["key"] = whole["subject"] = "N1"
    assert not held("cx.dead-letters", subject, b"N1", whole)
    assert held("cx.dead-letters", subject, subject.encode(), whole)


def test_a_dead_letter_of_a_record_that_is_too_large_for_one_is_under_its_key() -> None:
    big = letter("cx.parcels", b"P1", b" " * (LARGEST + 1))
    assert held("cx.dead-letters", "P1", b"P1", big)
    assert not held("cx.dead-letters", "P1", b"P11", big)


@pytest.mark.parametrize("subject", IDS)
def test_raw_deliveries_hold_it_where_it_stands_as_a_text(subject: str) -> None:
    for ascii_ in (True, False):
        body = json.dumps({"who": subject}, ensure_ascii=ascii_)
        assert held("cx.raw", subject, b"x", body.encode())
        assert held("cx.raw", subject, b"x", json.dumps({"body": body}, ensure_ascii=ascii_).encode())
    assert held("cx.raw", subject, subject.encode(), b"")
    body = f'{{"who": {escaped(subject)}}}'
    assert held("cx.raw", subject, b"x", body.encode()), "each letter as an escape"
    assert held("cx.raw", subject, b"x", json.dumps({"body": body}).encode())
    assert held("cx.raw", subject, b"x", b'{"body": %b}' % escaped(body).encode())
    assert not held("cx.raw", subject, b"x", json.dumps({"who": f"{subject}1"}).encode())
    assert not held(
        "cx.raw", subject, b"x", json.dumps({"body": f'{{"who": {escaped(subject + "x")}}}'}).encode()
    )


def test_raw_deliveries_may_escape_a_slash() -> None:
    assert held("cx.raw", "shop/7", b"x", rb'{"who": "shop\/7"}')
    assert not held("cx.raw", "shop/7", b"x", rb'{"who": "shop\/77", "n": "\u0041"}')
    assert not held("cx.raw", "shop/7", b"x", rb"no JSON: shop\/7")


class TestStates:
    """Rows as a worker writes them."""

    def rows(self, topic: str, *events: dict[str, Any]) -> list[tuple[bytes | None, bytes | None]]:
        post = Post(plan())
        post.tell(*events)
        return [(record.key, record.value) for record in post.log.topics[topic, 0]]

    def test_its_own_by_the_key(self) -> None:
        ((key, value),) = self.rows(OWN, event("parcel.sent", "09:00", "P1"))
        assert holds(OWN, "P1", key, value) == [Holds.OWN_STATE]
        assert holds(OWN, "P1", key, None) == [Holds.OWN_STATE], "a deletion has the key"
        assert not held(OWN, "P2", key, value)

    def test_those_of_the_same_kind_that_name_it_are_others(self) -> None:
        ((key, value),) = self.rows(OWN, event("parcel.moved", "09:00", "P2", hub="P1"))
        assert holds(OWN, "P1", key, value) == [Holds.OTHER_STATES]
        assert holds(OWN, "P2", key, value) == [Holds.OWN_STATE]
        ((key, value),) = self.rows(OWN, event("parcel.moved", "09:00", "P2", hub="P2"))
        assert holds(OWN, "P2", key, value) == [Holds.OWN_STATE]

    def test_others_by_what_they_know_and_by_the_events_they_keep(self) -> None:
        first = event("page.written", "09:00", "N1", mood="sad", parcel="P1")
        then = event("page.written", "10:00", "N1", mood="sad", parcel="P2")
        ((key, value),) = self.rows("post-pages-changelog", first, then)
        assert held("post-pages-changelog", "P2", key, value)
        assert held("post-pages-changelog", "P1", key, value), "the first event is kept"
        assert not held("post-pages-changelog", "N1", key, value)
        assert not held("post-pages-changelog", "sad", key, value), "a text in another field"

    def test_a_row_that_nobody_can_read_holds_what_its_bytes_do(self) -> None:
        row = msgspec.msgpack.encode({"of other definitions": "P1"})
        assert held("post-pages-changelog", "P1", b"N1", row)
        assert not held("post-pages-changelog", "P2", b"N1", row)
        for count in (-1, 1 << 32, 2):
            row = msgspec.msgpack.encode(Entity(Page(parcel="P1"), count=count))
            assert held("post-pages-changelog", "P1", b"N1", row)
