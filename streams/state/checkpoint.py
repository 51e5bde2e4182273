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
    clock: int | None = None
    "Up to when the topic's entities have been told what passed."
    refusals: Count = Count()
    state_id: str | None = None
    "Of the changelogs; None as it was left by a former version."


def read_metadata(text: str) -> Left:
    return msgspec.json.decode(text, type=Left)
