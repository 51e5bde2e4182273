"""Erasing an entity: the event that does it, and how to see whether a record of any topic still holds it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from streams import moments
from streams.catalogue import Catalogue, Domain
from streams.outlets.dead_letters import read_letter
from streams.state.plan import changelog
from streams.state.record import Entity, Kept

SOURCE = "/command-line"
"The source of events that a person writes by a command."

DEAD_LETTERS, RAW = "dead-letters", "raw"
"Topics besides those of the domains: what was refused, and what came before it was made into events."


@dataclass(frozen=True)
class Erasure:
    """Which entities can be erased: those of a domain, by an event of this type, which has no data."""

    domain: str
    type: str
    what: str
    "What a user calls such an entity."
    fields: Mapping[str, tuple[str, ...]]
    "By domain, the fields of events' data that hold an id of one."
    states: Mapping[str, tuple[str, ...]]
    "By domain, the fields of states that do."

    def event_id(self, subject: str) -> str:
        """The same each time: an entity is erased once, however often that is written."""
        return f"erase {blake2b(f'{self.type} {subject}'.encode(), digest_size=16).hexdigest()}"

    def event(self, subject: str, at: int) -> bytes:
        """The event that erases an entity, at a time in microseconds."""
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": self.event_id(subject),
                "source": SOURCE,
                "type": self.type,
                "time": moments.text(at),
                "subject": subject,
            }
        )


class Holds(StrEnum):
    """What a topic holds of an entity."""

    EVENTS = "events"
    LETTERS = "dead letters"
    RAW = "raw deliveries"
    STATE = "its state"
    STATES = "states of others"


Key = bytes | None
Value = bytes | None
Look = Callable[[Key, Value], bool]
"Whether a record, given by its key and value, holds the entity."


class Place(NamedTuple):
    """A topic that may hold it."""

    topic: str
    holds: Holds
    look: Look


def places(
    catalogue: Catalogue, erasure: Erasure, subject: str, prefix: str, application: str
) -> Iterator[Place]:
    """All topics that may hold an entity, whether they exist or not."""
    events = {
        prefix + domain.name: _Events(
            domain.name == erasure.domain, erasure.fields.get(domain.name, ()), subject
        )
        for domain in catalogue.domains
    }
    for topic, look in events.items():
        yield Place(topic, Holds.EVENTS, look)
    yield Place(prefix + DEAD_LETTERS, Holds.LETTERS, _Letters(events, subject))
    yield Place(prefix + RAW, Holds.RAW, _Raw(subject))
    for domain in catalogue.domains:
        own = domain.name == erasure.domain
        rows = _Rows(domain, own, erasure, subject)
        yield Place(changelog(application, domain.name), Holds.STATE if own else Holds.STATES, rows)


class _Events:
    """Of events: the entity's own, and others whose data name it."""

    def __init__(self, own: bool, fields: tuple[str, ...], subject: str) -> None:
        self._own = own
        self._fields = fields
        self._subject = subject
        self._bytes = subject.encode()

    def __call__(self, key: Key, value: Value) -> bool:
        if self._own and key == self._bytes:
            return True
        # Without an escape a text stands in JSON as it is: most records need not be read.
        if value is None or not (self._bytes in value or b"\\" in value):
            return False
        event = _read(value)
        if not isinstance(event, dict):
            return self._bytes in value
        if self._own and event.get("subject") == self._subject:
            return True
        data = event.get("data")
        return isinstance(data, dict) and any(data.get(name) == self._subject for name in self._fields)


class _Letters:
    """Of dead letters: by the record that they hold. What was wrong with it may be where the id stands."""

    def __init__(self, events: Mapping[str, Look], subject: str) -> None:
        self._events = events
        self._subject = subject
        self._bytes = subject.encode()

    def __call__(self, key: Key, value: Value) -> bool:
        letter = read_letter(value)
        if letter is None:
            return key == self._bytes or self._bytes in (value or b"")
        look = self._events.get(letter.topic)
        if look is not None and look(letter.key, letter.value):
            return True
        event = _read(letter.value or b"")
        return isinstance(event, dict) and self._subject in _texts(event.get("data"))


class _Raw:
    """Of what came from elsewhere, whatever it looks like: where the id stands in it as a whole text."""

    def __init__(self, subject: str) -> None:
        self._key = subject.encode()
        quoted = _written(subject)
        in_a_text = {inner[1:-1] for text in quoted for inner in _written(text)}
        self._quoted = [each.encode() for each in quoted | in_a_text]

    def __call__(self, key: Key, value: Value) -> bool:
        return key == self._key or any(each in (value or b"") for each in self._quoted)


class _Rows:
    """Of states: the entity's own, and others that name it by what is known of them or by the events kept."""

    def __init__(self, domain: Domain, own: bool, erasure: Erasure, subject: str) -> None:
        self._own = own
        self._names = erasure.states.get(domain.name, ())
        self._fields = erasure.fields.get(domain.name, ())
        self._subject = subject
        self._key = subject.encode()
        self._encoded = msgspec.msgpack.encode(subject)
        self._row = msgspec.msgpack.Decoder(Entity[domain.state])  # type: ignore[name-defined]
        self._base = msgspec.msgpack.Decoder(domain.state)
        self._kept = msgspec.msgpack.Decoder(list[Kept])
        self._data = tuple(msgspec.msgpack.Decoder(type_.data) for type_ in domain.types)

    def __call__(self, key: Key, value: Value) -> bool:
        if self._own and key == self._key:
            return True
        if value is None or self._encoded not in value:
            return False
        try:
            return self._names_it(self._row.decode(value))
        except (msgspec.MsgspecError, ValueError, IndexError):
            return True  # a row of other definitions, of which no more is known

    def _names_it(self, entity: Entity[Any]) -> bool:
        states = [entity.state, *([] if entity.base is None else [self._base.decode(entity.base)])]
        kept = self._kept.decode(b"\xdd" + entity.count.to_bytes(4) + entity.kept)
        data = [self._data[each.rank].decode(each.data) for each in kept]
        return any(self._are(state, self._names) for state in states) or any(
            self._are(each, self._fields) for each in data
        )

    def _are(self, struct: Any, names: tuple[str, ...]) -> bool:
        return any(getattr(struct, name, None) == self._subject for name in names)


def _written(text: str) -> set[str]:
    """As JSON, with letters as they are and as escapes."""
    return {json.dumps(text), json.dumps(text, ensure_ascii=False)}


def _read(value: bytes) -> Any:
    """The JSON of a record; None where it is none."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _texts(value: Any) -> Iterator[str]:
    """All texts in JSON, at any depth."""
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += each.values()
        elif isinstance(each, list):
            todo += each
