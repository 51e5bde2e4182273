"""What a checkpoint writes, and what it commits."""

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from streams.state.refusals import Count


class Half(Enum):
    """What a checkpoint may write by itself: neither half looks at the state of the other.

    One is what inputs change, entities and contributions; the other is what contributions change, cells and
    figures.
    """

    INPUTS = "inputs"
    CONTRIBUTIONS = "contributions"


class Output(Protocol):
    """Where a checkpoint's records go."""

    def to(self, topic: str, partition: int) -> Callable[[bytes | None, bytes | None], None]:
        """What takes the records (key, value) of one partition of a topic."""


class Left(NamedTuple):
    """What is committed beside an offset."""

    version: str
    "Of the definitions."
    high: int | None
    "The highest event time accepted."
    topic_id: str | None
    refusals: Count = Count()
    state_id: str | None = None
    "Of the changelogs."
    key_id: str | None = None
    "Of the key that the group's own records are signed with."


def read_metadata(text: str) -> Left:
    """What another release left in another form counts as left by other definitions."""
    try:
        return msgspec.json.decode(text, type=Left)
    except msgspec.MsgspecError:
        return Left("of another release", None, None)
