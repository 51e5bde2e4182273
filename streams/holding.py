"""Whether a record still holds an entity: by its key, by fields that name it, or by its id anywhere in it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from streams.catalogue import Domain
from streams.decoding import Decoder
from streams.outlets.dead_letters import read_letter
from streams.state.record import Entity, Kept

Key = bytes | None
Value = bytes | None
Look = Callable[[Key, Value], bool]
"Whether a record, given by its key and value, holds the entity."


class Events:
    """Of events: the entity's own, and others whose data name it by one of these fields."""

    def __init__(self, domain: Domain, own: bool, fields: tuple[str, ...], subject: str) -> None:
        self._decode = Decoder(domain.types).decode
        self._own = own
        self._fields = fields
        self._subject = subject
        self._bytes = subject.encode()
        self._raw = Raw(subject)

    def __call__(self, key: Key, value: Value) -> bool:
        if self._own and key == self._bytes:
            return True
        # Without an escape a text stands in JSON as it is: most records need not be read.
        if value is None or not (self._bytes in value or b"\\" in value):
            return False
        event = _read(value)
        if not isinstance(event, dict):
            return self._raw.near(value)
        if self._own and event.get("subject") == self._subject:
            return True
        data = event.get("data")
        if isinstance(data, dict) and any(data.get(name) == self._subject for name in self._fields):
            return True
        return self._subject in _said(event) and not self._is_taken(value)

    def _is_taken(self, value: bytes) -> bool:
        """Whether it is an event: of what isn't, the id may stand in a wrong place."""
        try:
            self._decode(value)
        except Exception:  # noqa: BLE001 - what makes a check fail is refused too
            return False
        return True


class Letters:
    """Of dead letters: by the record that they hold. What was wrong with it may be where the id stands."""

    def __init__(self, events: Mapping[str, Look], subject: str) -> None:
        self._events = events
        self._subject = subject
        self._bytes = subject.encode()
        self._raw = Raw(subject)

    def __call__(self, key: Key, value: Value) -> bool:
        letter = read_letter(value)
        try:
            if letter is not None:
                # Of a record that is too large the letter has nothing, but is under its key.
                return self._holds(letter.topic, key if letter.key is None else letter.key, letter.value)
        except ValueError:
            pass  # no base64: somebody else has written it
        return key == self._bytes or self._raw.near(value)

    def _holds(self, topic: str, key: Key, value: Value) -> bool:
        look, event = self._events.get(topic), _read(value or b"")
        if look is not None:
            return look(key, value) or (isinstance(event, dict) and self._subject in _said(event))
        if key == self._bytes:
            return True
        return self._raw.near(value) if event is None else self._subject in _texts(event)


class Raw:
    """Of what came from elsewhere, whatever it looks like: where the id stands in it as a whole text."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._key = subject.encode()
        quoted = _written(subject)
        in_a_text = {inner[1:-1] for text in quoted for inner in _written(text)}
        self._quoted = [each.encode() for each in quoted | in_a_text]

    def __call__(self, key: Key, value: Value) -> bool:
        if key == self._key or any(each in (value or b"") for each in self._quoted):
            return True
        # JSON may escape any letter, and has several ways for some.
        if value is None or b"\\" not in value:
            return False
        return any(text == self._subject or self._is_in(text) for text in _texts(_read(value)))

    def near(self, value: Value) -> bool:
        """Of what can't be read: whether the id stands in it at all, be it as a part of something longer."""
        return self._key in (value or b"") or self(None, value)

    def _is_in(self, text: str) -> bool:
        """Whether a text is JSON itself, such as the body of a request, and has the id."""
        return text.lstrip()[:1] in ("{", "[", '"') and self._subject in _texts(_read(text.encode()))


class Own:
    """Of states: the entity's own."""

    def __init__(self, subject: str) -> None:
        self._key = subject.encode()

    def __call__(self, key: Key, value: Value) -> bool:
        return key == self._key


class Others:
    """Of states: those that name it by what is known of them, or by the events that they keep.

    These are the fields of states and of events' data that do. With `own`, the entity's own doesn't count.
    """

    def __init__(
        self, domain: Domain, own: bool, names: tuple[str, ...], fields: tuple[str, ...], subject: str
    ) -> None:
        self._names = names
        self._fields = fields
        self._subject = subject
        self._own = subject.encode() if own else None
        self._encoded = msgspec.msgpack.encode(subject)
        self._row = msgspec.msgpack.Decoder(Entity[domain.state])  # type: ignore[name-defined]
        self._base = msgspec.msgpack.Decoder(domain.state)
        self._kept = msgspec.msgpack.Decoder(list[Kept])
        self._data = tuple(msgspec.msgpack.Decoder(type_.data) for type_ in domain.types)

    def __call__(self, key: Key, value: Value) -> bool:
        if value is None or self._encoded not in value or (key is not None and key == self._own):
            return False
        try:
            return self._names_it(self._row.decode(value))
        except (msgspec.MsgspecError, ValueError, IndexError, OverflowError, RecursionError):
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


def _said(event: Mapping[str, Any]) -> Iterator[str]:
    """All texts of an event but its subject, which is the id of something else where it isn't looked for."""
    return _texts([value for name, value in event.items() if name != "subject"])


def _texts(value: Any) -> Iterator[str]:
    """All texts in JSON, at any depth, names of fields among them."""
    todo = [value]
    while todo:
        each = todo.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            todo += each
            todo += each.values()
        elif isinstance(each, list):
            todo += each
