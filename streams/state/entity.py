"""An entity: the fold of its events in their order, whatever order they arrive in."""

from bisect import bisect_left
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from streams.errors import Refused
from streams.events import Event, EventType, Fact

S = TypeVar("S", bound="State")


class State(Struct, array_like=True, omit_defaults=True):
    """What a fold knows of an entity. The values of its fields are immutable: folds assign, never mutate."""

    registers: dict[str, tuple[int, Any]] = {}
    "Forwarded facts by key, each with its version; None stands for an absence that is known."


class Outcome(Enum):
    FOLDED = "folded"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting_duplicate"


class Entity(Struct, Generic[S], array_like=True):
    """The record of one entity.

    `kept` are its last events, encoded and in order, `ids` their identities; what is older is folded
    into `base`, the encoded state up to and with the event at `floor`.
    """

    state: S
    last: tuple[int, int, int, str, str] | None = None
    ids: list[str] = []
    kept: list[bytes] = []
    size: int = 0
    base: bytes | None = None
    floor: tuple[int, int, int, str, str] | None = None


class _Kept(Struct, order=True, array_like=True):
    """An event as it is kept, its data still encoded."""

    time: int
    sequence: int
    rank: int
    source: str
    id: str
    data: msgspec.Raw


class EntityRunner(Generic[S]):
    """Applies events to the entities of one domain; `keep` and `largest` (bytes) bound their past."""

    def __init__(self, state: type[S], types: tuple[EventType, ...], *, keep: int, largest: int) -> None:
        self._new_state = state
        self._folds = tuple(type_.fold for type_ in types)
        self._data = tuple(msgspec.msgpack.Decoder(type_.data) for type_ in types)
        self._keep = keep
        self._largest = largest
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode_state = msgspec.msgpack.Decoder(state).decode
        self._decode_kept = msgspec.msgpack.Decoder(_Kept).decode

    def new(self) -> Entity[S]:
        return Entity(self._new_state())

    def apply(self, entity: Entity[S], event: Event) -> Outcome:
        """Fold an event in. Raises Refused where the bounds on the past don't allow it."""
        identity = f"{len(event.source)} {event.source}{event.id}"
        kept = self._encode(event)
        if identity in entity.ids:
            same = entity.kept[entity.ids.index(identity)] == kept
            return Outcome.DUPLICATE if same else Outcome.CONFLICTING
        if entity.size + len(kept) > self._largest:
            raise Refused("entity_too_large", f"its events would take over {self._largest} bytes")
        order = (event.time, event.sequence, event.rank, event.source, event.id)
        if entity.last is None or order > entity.last:
            self._folds[event.rank](entity.state, event)
            entity.last = order
            entity.ids.append(identity)
            entity.kept.append(kept)
        elif entity.floor is not None and order <= entity.floor:
            raise Refused("too_late", f"older than the last {self._keep} events of its entity")
        else:
            self._insert(entity, identity, kept)
        entity.size += len(kept)
        if len(entity.kept) > self._keep:
            self._settle_oldest(entity)
        return Outcome.FOLDED

    def register(self, entity: Entity[S], fact: Fact, content: Any) -> Outcome:
        """Take a forwarded fact (decoded as `content`), unless a later one is known."""
        known = entity.state.registers.get(fact.key)
        if known is not None and known[0] >= fact.version:
            return Outcome.DUPLICATE
        entity.state.registers = {**entity.state.registers, fact.key: (fact.version, content)}
        return Outcome.FOLDED

    def _insert(self, entity: Entity[S], identity: str, kept: bytes) -> None:
        events = [self._decode_kept(each) for each in entity.kept]
        place = bisect_left(events, self._decode_kept(kept))
        entity.kept.insert(place, kept)
        entity.ids.insert(place, identity)
        self._refold(entity)

    def _refold(self, entity: Entity[S]) -> None:
        state = self._new_state() if entity.base is None else self._decode_state(entity.base)
        for kept in entity.kept:
            self._fold_kept(state, kept)
        state.registers = entity.state.registers
        entity.state = state

    def _fold_kept(self, state: S, kept: bytes) -> _Kept:
        event = self._decode_kept(kept)
        data = self._data[event.rank].decode(event.data)
        self._folds[event.rank](
            state, Event(event.time, event.sequence, event.rank, event.source, event.id, data)
        )
        return event

    def _settle_oldest(self, entity: Entity[S]) -> None:
        """Fold the oldest kept event into the base: from now on it is below the floor."""
        kept = entity.kept.pop(0)
        del entity.ids[0]
        entity.size -= len(kept)
        base = self._new_state() if entity.base is None else self._decode_state(entity.base)
        event = self._fold_kept(base, kept)
        entity.base = self._encode(base)
        entity.floor = (event.time, event.sequence, event.rank, event.source, event.id)
