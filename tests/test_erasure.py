"""Whether a record still holds an entity: by key, by fields that name it, in dead letters, in states."""

import json
from typing import Any

import msgspec
import pytest

from streams.erasure import Erasure, Holds, Place, places
from streams.errors import Refused
from streams.intake import Intake
from streams.outlets.dead_letters import dead_letter
from tests.outlets.test_dead_letters import Given
from tests.parcels import WORLD, Post, event, plan

ERASURE = Erasure(
    domain="parcels",
    type="parcel.lost",
    what="parcel",
    fields={"pages": ("parcel",)},
    states={"pages": ("parcel",)},
)
IDS = ("P1", "P|ü", '"P"\\', "\x00\u2028", "1", "ü" * 128)
AT = 1_793_610_000_000_000


def looks(subject: str) -> dict[str, Place]:
    return {place.topic: place for place in places(WORLD, ERASURE, subject, "cx.", "post")}


def held(topic: str, subject: str, key: bytes | None, value: Any) -> bool:
    encoded = value if isinstance(value, bytes | None) else msgspec.json.encode(value)
    return looks(subject)[topic].look(key, encoded)


@pytest.mark.parametrize("subject", IDS)
def test_the_event_that_erases_is_one_of_ours_and_has_one_id(subject: str) -> None:
    placed = Intake(WORLD).place(ERASURE.event(subject, AT))
    assert (placed.domain, placed.subject) == ("parcels", subject)
    assert placed.event is not None
    assert (placed.event.time, placed.event.id) == (AT, ERASURE.event_id(subject))
    assert ERASURE.event_id(subject) not in (ERASURE.event_id(f"{subject}x"), ERASURE.event_id("P0"))


def test_all_topics_that_may_hold_it_are_looked_at() -> None:
    assert {topic: place.holds for topic, place in looks("P1").items()} == {
        "cx.parcels": Holds.EVENTS,
        "cx.pages": Holds.EVENTS,
        "cx.dead-letters": Holds.LETTERS,
        "cx.raw": Holds.RAW,
        "post-parcels-changelog": Holds.STATE,
        "post-pages-changelog": Holds.STATES,
    }


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
def test_dead_letters_hold_it_in_key_or_payload(subject: str) -> None:
    key, refused = subject.encode(), Refused("invalid", "wrong")

    def letter(topic: str, key: bytes, value: bytes | None) -> bytes:
        return dead_letter(topic, 0, Given(offset=7, key=key, value=value), refused)

    note = msgspec.json.encode(event("page.written", "09:00", "N1", mood=5, parcel=subject))
    astray = msgspec.json.encode(event("page.written", "09:00", "N1", mood=5, parcel=[{"id": subject}]))
    for value in (
        letter("cx.parcels", key, b"{"),
        letter("cx.parcels", key, None),
        letter("cx.pages", b"N1", note),
        letter("cx.pages", b"N1", astray),
        letter("old.topic", b"N1", note),
    ):
        assert held("cx.dead-letters", subject, b"N1", value)
    for value in (letter("cx.pages", key, b"{"), letter("cx.parcels", b"P0", b"{}"), b"nonsense", None):
        assert not held("cx.dead-letters", "P9", b"N1", value)
    assert not held("cx.dead-letters", subject, key, letter("cx.pages", key, b"{}")), "the key is a page's"
    assert held("cx.dead-letters", subject, key, b"no letter")


@pytest.mark.parametrize("subject", IDS)
def test_raw_deliveries_hold_it_where_it_stands_as_a_text(subject: str) -> None:
    for ascii_ in (True, False):
        body = json.dumps({"who": subject}, ensure_ascii=ascii_)
        assert held("cx.raw", subject, b"x", body.encode())
        assert held("cx.raw", subject, b"x", json.dumps({"body": body}, ensure_ascii=ascii_).encode())
    assert held("cx.raw", subject, subject.encode(), b"")
    assert not held("cx.raw", subject, b"x", json.dumps({"who": f"{subject}1"}).encode())


class TestStates:
    """Rows as a worker writes them."""

    def rows(self, topic: str, *events: dict[str, Any]) -> list[tuple[bytes | None, bytes | None]]:
        post = Post(plan())
        post.tell(*events)
        return [(record.key, record.value) for record in post.log.topics[topic, 0]]

    def test_its_own_by_the_key(self) -> None:
        ((key, value),) = self.rows("post-parcels-changelog", event("parcel.sent", "09:00", "P1"))
        assert held("post-parcels-changelog", "P1", key, value)
        assert held("post-parcels-changelog", "P1", key, None), "a deletion has the key"
        assert not held("post-parcels-changelog", "P2", key, value)

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
