"""A small world to test the road with: parcels, and notes that people write about them.

A parcel is sent, moves through hubs and is delivered, or is lost and leaves every metric. A note names a
parcel, which is told of it, or none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, NamedTuple
from zlib import crc32

import msgspec
from msgspec import UNSET, Meta, Struct

from streams.catalogue import (
    NONE,
    Catalogue,
    Domain,
    FactType,
    Family,
    Forward,
    Metric,
    Observation,
    Observations,
    Subject,
)
from streams.errors import Refused
from streams.events import Event, EventType, Fact, Text
from streams.kafka.partitioning import partition_of
from streams.optional import given
from streams.signature import Signer
from streams.state.plan import Plan
from streams.state.record import State
from streams.windows.kinds import Balance, Count, Distribution, Ratio
from tests.simulated.cluster import Cluster

Mood = Literal["happy", "calm", "sad"]
Labels = tuple[str | None, ...]


class Sending(Struct, omit_defaults=True):
    size: Text = UNSET
    weight: Annotated[int, Meta(ge=0)] = 1


class Move(Struct):
    hub: Annotated[str, Meta(min_length=1)]


class Nothing(Struct):
    pass


class Writing(Struct, omit_defaults=True):
    mood: Mood
    parcel: Text = UNSET


class Noted(Fact):
    pass


class Note(Struct, frozen=True, array_like=True):
    time: int
    sequence: int
    mood: Mood

    @property
    def since(self) -> int:
        return self.time


class Delivery(NamedTuple):
    time: int
    labels: Labels


class Parcel(State):
    registers: dict[str, tuple[int, Note | None]] = msgspec.field(default_factory=dict)
    sent_at: int | None = None
    size: str | None = None
    hubs: tuple[str, ...] = ()
    delivery: Delivery | None = None
    lost: bool = False


class Page(State):
    note: Note | None = None
    parcel: str | None = None


def sent(parcel: Parcel, event: Event) -> None:
    parcel.sent_at = event.time if parcel.sent_at is None else parcel.sent_at
    if event.data.size is not UNSET:
        parcel.size = given(event.data.size)


def moved(parcel: Parcel, event: Event) -> None:
    parcel.hubs = (*parcel.hubs, event.data.hub)


def delivered(parcel: Parcel, event: Event) -> None:
    parcel.delivery = Delivery(event.time, labels(parcel))


def returned(parcel: Parcel, event: Event) -> None:
    parcel.delivery = None


def lost(parcel: Parcel, event: Event) -> None:
    parcel.lost = True


def kept_as_register(parcel: Parcel, event: Event) -> None:
    pass


def written(page: Page, event: Event) -> None:
    page.note = Note(event.time, event.sequence, event.data.mood)
    page.parcel = given(event.data.parcel)


def erased(page: Page, event: Event) -> None:
    page.note = None


def check(data: Writing) -> None:
    if data.parcel == "none":
        raise Refused("no_parcel", "'none' is no parcel")


def labels(parcel: Parcel) -> Labels:
    return (parcel.size, parcel.hubs[-1] if parcel.hubs else None)


def counted(parcel: Parcel) -> tuple[Parcel, ...]:
    return () if parcel.sent_at is None or parcel.lost else (parcel,)


def notes_about(parcel: Parcel) -> tuple[Note, ...]:
    return () if parcel.lost else tuple(note for _, note in parcel.registers.values() if note is not None)


def own_note(page: Page) -> tuple[Note, ...]:
    return (page.note,) if page.note is not None and page.parcel is None else ()


def forwards(page: Page) -> Mapping[str, Forward]:
    if page.note is None or page.parcel is None:
        return {}
    return {"note": Forward("parcels", page.parcel, page.note.time, page.note.sequence, page.note)}


def parcels_sent(parcel: Parcel) -> Observations:
    assert parcel.sent_at is not None
    return (Observation(parcel.sent_at, (parcel.size, None), 1),)


def travel_time(parcel: Parcel) -> Observations:
    if parcel.delivery is None:
        return NONE
    assert parcel.sent_at is not None
    return (Observation(parcel.delivery.time, parcel.delivery.labels, parcel.delivery.time - parcel.sent_at),)


def direct(parcel: Parcel) -> Observations:
    if parcel.delivery is None:
        return NONE
    return (Observation(parcel.delivery.time, parcel.delivery.labels, len(parcel.hubs) < 2),)


def mood(note: Note) -> Observations:
    return (Observation(note.time, (None, None), note.mood),)


FAMILY = Family("parcels", ("size", "hub"), ((), ("size",), ("hub",)), coarse=frozenset({"hub"}))
MOODS = Family("moods", ("size", "hub"), ((),))


def metric(kind: Any, observe: Any, reads: tuple[str, ...], of: str = "parcel", unit: str = "") -> Metric:
    family, name = MOODS if of == "note" else FAMILY, observe.__name__
    return Metric(name, name.title(), name, unit, kind, family, ("5m", "1h", "24h"), None, of, reads, observe)


PARCELS = Domain(
    name="parcels",
    kinds=("parcel.",),
    types=(
        EventType("parcel.sent", Sending, sent),
        EventType("parcel.moved", Move, moved),
        EventType("parcel.delivered", Nothing, delivered),
        EventType("parcel.returned", Nothing, returned),
        EventType("parcel.lost", Nothing, lost),
        EventType("parcel.noted", Noted, kept_as_register, ours=True),
        EventType("parcel.note_gone", Noted, kept_as_register, ours=True),
    ),
    state=Parcel,
    subjects=(
        Subject("parcel", counted, reads=("sent_at", "lost"), whole=True),
        Subject("note", notes_about, reads=("registers", "lost")),
    ),
    settled=lambda parcel: parcel.delivery is not None or parcel.lost,
    facts=(FactType(Note, "parcel.noted", "parcel.note_gone"),),
)
PAGES = Domain(
    name="pages",
    kinds=("page.",),
    types=(EventType("page.written", Writing, written, check), EventType("page.erased", Nothing, erased)),
    state=Page,
    subjects=(Subject("note", own_note, reads=("note", "parcel")),),
    settled=lambda page: True,
    forwards=forwards,
    forwards_to=("parcels",),
    forwards_read=("note", "parcel"),
)
WORLD = Catalogue(
    domains=(PARCELS, PAGES),
    metrics=(
        metric(Count(), parcels_sent, ("sent_at", "size")),
        metric(Distribution(), travel_time, ("delivery", "sent_at"), unit="seconds"),
        metric(Ratio(), direct, ("delivery", "hubs"), unit="ratio"),
        metric(Balance(happy=1, calm=0, sad=-1), mood, (), of="note", unit="points"),
    ),
)


def with_type(domain: Domain, name: str, **changed: Any) -> Domain:
    """A domain whose type of this name is declared otherwise."""
    types = (each._replace(**changed) if each.name == name else each for each in domain.types)
    return replace(domain, types=tuple(types))


def plan(partitions: int = 1, **more: Any) -> Plan:
    return Plan(WORLD, "v1", partitions, "post", **more)


class Post(Cluster):
    """A cluster that this world happens on."""

    def produce(self, events: Iterable[dict[str, Any]]) -> None:
        for event in events:
            topic = self.plan.topic("pages" if event["type"].startswith("page.") else "parcels")
            self.put(topic, event["subject"].encode(), msgspec.json.encode(event))

    def put(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """A record, whatever it is."""
        self.log.append(topic, partition_of(key or b"", self.plan.partitions), key, value, self.now)

    def tell(self, *events: dict[str, Any]) -> None:
        """Produce and consume."""
        self.produce(events)
        self.drain()

    def tell_signed(self, *events: dict[str, Any], domain: str = "parcels") -> None:
        """As the group's own."""
        signer = Signer(self.plan.signing_key)
        for event in events:
            value = signer.sign(domain, msgspec.json.encode(event))
            self.put(self.plan.topic(domain), event["subject"].encode(), value)
        self.drain()

    def values(self) -> dict[str, Any]:
        """The value of each figure that stands."""
        figures = self.figures().items()
        return {key: record["data"]["value"] for key, record in figures if record["data"]["count"]}


def event(kind: str, time: str, subject: str = "P1", **more: Any) -> dict[str, Any]:
    """`parcel.sent` at 09:00, or at 2026-11-03 09:00; its id follows from the rest unless given."""
    day, _, clock = time.rpartition(" ")
    attributes: dict[str, Any] = {
        name: more.pop(name) for name in ("id", "source", "sequence") if name in more
    }
    return {
        "specversion": "1.0",
        "id": f"{kind} {time} {crc32(msgspec.json.encode(more))}",
        "source": "/post",
        "type": kind,
        "time": f"{day or '2026-11-02'}T{clock}{':00' if clock.count(':') < 2 else ''}Z",
        "subject": subject,
        "data": more,
        **attributes,
    }
