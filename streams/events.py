"""CloudEvents on the wire, and the slim events that entities fold and keep."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct, UnsetType

from streams import moments

OURS = "/metricland"
"The source of what the processor itself writes on input topics."

LONGEST_ID = 256
"Bytes of an id or a subject, at most."

EARLIEST = 0
"Nothing that is measured here happened before 1970."

LATEST = 253_370_764_800_000_000
"Panes of the last year of the calendar, 9999, would end after it."

Text = str | UnsetType | None
"An optional field: absent says nothing, null or an empty string clears."

Id = Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
Sequence = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Instant = Annotated[int, Meta(ge=EARLIEST, lt=LATEST)]
"Microseconds since 1970, as an event may have them."

Register = Annotated[str, Meta(pattern=r"^[^ ]+ [0-9]{1,9} ")]
"The key of a fact: `streams.state.reached` makes it and reads it."


class Event(Struct, order=True, array_like=True, frozen=True, gc=False):
    """One event of an entity. Comparing two gives their order within the entity."""

    time: int
    sequence: int
    rank: int
    source: str
    id: str
    data: Any


class Order(NamedTuple):
    """The place of an event among those of its entity."""

    time: int
    sequence: int
    rank: int
    source: str
    id: str


class Wire(Struct, kw_only=True, tag_field="type", gc=False):
    """An event as it comes; a subclass for each type says what its data are."""

    specversion: Literal["1.0"]
    id: Id
    source: Annotated[str, Meta(min_length=1, max_length=2048)]
    time: str
    subject: Id
    sequence: Sequence = 0


class EventType(NamedTuple):
    """A type of event: its data, what it does to the state, and what more must hold of it.

    The fold assigns fields of the state, whose values are immutable; `check` raises Refused.
    """

    name: str
    data: type[Struct]
    fold: Callable[[Any, Event], None]
    check: Callable[[Any], None] | None = None
    ours: bool = False
    "Written by the processor alone: a fact that another entity forwards (its data is a Fact)."
    erases: bool = False
    """Nothing may be kept of the entity from then on but that it is gone for good.

    It is taken whenever it comes, however old or large the entity is. Its fold leaves a state that
    contributes and forwards nothing, whatever else happens to it.
    """


class Fact(Struct):
    """What another entity knows about this one: always the whole current fact, or its absence.

    Of all facts under a key the highest version (an offset of the sender's topic) stands.
    """

    key: Register
    version: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    fact: msgspec.Raw
    "JSON; null is the absence."
    application: str = ""
    "Who says so: what another application forwarded, before a rebuild, is nothing to this one."


class Passed(Struct):
    """An instant that the entity waited for has passed."""

    target: str
    application: str = ""
    "Who says so, as for facts."


def erasing(types: Iterable[EventType]) -> frozenset[int]:
    """The ranks of those that erase."""
    return frozenset(rank for rank, type_ in enumerate(types) if type_.erases)


def never_folded(state: Any, event: Event) -> None:
    """Of types that are kept as registers."""


DEADLINE = EventType("entity.deadline", Passed, never_folded, ours=True)
"The last in rank of its domain: it comes after all else at its instant."


class Head(Struct):
    """As much of a record as is needed to say why it isn't one of ours."""

    type: str


class Origin(Struct):
    """As much of a record as is needed to say whose it is, or claims to be."""

    source: str


_decode_head = msgspec.json.Decoder(Head).decode
_decode_origin = msgspec.json.Decoder(Origin).decode


def type_of(value: bytes) -> str | None:
    """The type that a record claims to be of, or None where it can't be told."""
    try:
        return _decode_head(value).type
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def source_of(value: bytes) -> str | None:
    """The source that a record claims to be of, or None where it can't be told."""
    try:
        return _decode_origin(value).source
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def envelope(type_: str, subject: str, order: Order, data: Mapping[str, Any] | Struct) -> bytes:
    """An event of the processor itself, carrying the time and sequence of its cause."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": order.id,
            "source": OURS,
            "type": type_,
            "time": moments.text(order.time),
            "subject": subject,
            "sequence": order.sequence,
            "data": data,
        }
    )
