"""The record of one entity, and what became of an event."""

from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

S = TypeVar("S", bound="State")


class Folded(Struct, array_like=True, frozen=True, gc=False):
    """Facts that were folded away: a domain's own type says what they came to."""

    until: dict[str, int]
    "Up to when, by the domain that told them: another one of then would come too late."


class State(Struct, array_like=True, omit_defaults=True, gc=False):
    """What a fold knows of an entity. The values of its fields are immutable: folds assign, never mutate."""

    registers: dict[str, tuple[int, Any]] = {}
    "Forwarded facts by key, each with its version; None stands for an absence that is known."
    passed: int = 0
    "The latest instant that the entity was told has passed, in microseconds."
    folded: Any = None
    "Folded: what was among the registers and can't change any more."


class Outcome(Enum):
    FOLDED = "folded"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting_duplicate"
    OLD = "old"
    "Older than what its entity remembers: most likely a duplicate, which can't be known any more."
    ERASED = "erased"
    "Of an entity that was removed with all that was known of it."
    FOREIGN = "of_another_application"
    "Written by another application of ours."


FOLDED, DUPLICATE, CONFLICTING, OLD = Outcome.FOLDED, Outcome.DUPLICATE, Outcome.CONFLICTING, Outcome.OLD
ERASED, FOREIGN = Outcome.ERASED, Outcome.FOREIGN


class Entity(Struct, Generic[S], array_like=True, gc=False):
    """The record of one entity.

    `kept` are its last `count` events, encoded one after the other in their order; what is older is folded
    into `base`, the encoded state up to and with the event at `floor`.
    """

    state: S
    last: tuple[int, int, int, str, str] | None = None
    count: int = 0
    kept: bytes = b""
    base: bytes | None = None
    floor: tuple[int, int, int, str, str] | None = None
    fact_time: int = 0
    "The newest time of what others forwarded, in microseconds."

    @property
    def newest(self) -> int:
        """The newest time of all that happened to it, in microseconds."""
        return self.fact_time if self.last is None else max(self.last[0], self.fact_time)


class Kept(Struct, order=True, array_like=True, gc=False):
    """An event as it is kept, its data still encoded."""

    time: int
    sequence: int
    rank: int
    source: str
    id: str
    data: msgspec.Raw
