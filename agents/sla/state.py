"""What is known of an entity's service levels. All times and durations in microseconds."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import msgspec
from msgspec import Struct

from agents.sla.policies import NO_GOAL, Policies

OPEN, MET, BREACHED, CANCELLED = range(4)
"How an instance ended."


class Happened(IntEnum):
    """What may happen to an instance: each is a record of its own."""

    ACTIVATED = 0
    PAUSED = 1
    RESUMED = 2
    AT_RISK = 3
    OVERDUE = 4
    MET = 5
    BREACHED = 6
    CANCELLED = 7
    NEAR = 8
    "At risk again, after another policy or priority: nobody is told a second time."


class Moment(Struct, frozen=True, array_like=True, gc=False):
    """From a time on an entity has this status and these labels."""

    time: int
    status: str
    labels: int


class Mark(Struct, frozen=True, array_like=True, gc=False):
    """One thing that happened to an instance."""

    what: int
    time: int
    goal: int
    deadline: int | None
    "None while the clock stands still."
    elapsed: int
    labels: int
    level: int = -1


class Instance(Struct, frozen=True, array_like=True, gc=False):
    """One run of a target, from its start event to what fulfils it.

    Its clock runs whether or not a policy holds; `goal` is the one that it has, or had last, and `idle`
    means that none holds now.
    """

    target: int
    number: int
    started: int
    goal: int = NO_GOAL
    idle: bool = True
    elapsed: int = 0
    "Running time before `since`."
    since: int | None = None
    "Since when the clock runs; None while it stands still."
    deadline: int | None = None
    next: int | None = None
    "When the next warning level, or the deadline, will be reached."
    reached: int = 0
    "Levels of its goal that have been reached."
    warned: int = 0
    "Levels that were told of, as bits: each is once in an instance's life."
    overdue: bool = False
    "Whether its deadline has passed."
    outcome: int = OPEN
    former: tuple[tuple[int, int], ...] = ()
    "Goals that it had before, each with the time up to which."
    marks: tuple[Mark, ...] = ()


class Now(NamedTuple):
    """When something happens, and what an instance's clock depends on up to then."""

    rules: Policies
    moments: Sequence[Moment]
    time: int

    @property
    def labels(self) -> int:
        return self.moments[-1].labels


class Outcome(NamedTuple):
    """What an instance counts as, from the moment that decided it."""

    time: int
    target: str
    policy: str
    labels: int
    met: bool


RUNNING, AT_RISK, OVERDUE, DECIDED = range(4)
"How instances stand; what is at risk runs as well. From when it is met or missed on it is decided, for ever."


class Stretch(NamedTuple):
    """A time in which an instance stood so; the end is None while it lasts."""

    kind: int
    begin: int
    end: int | None
    goal: int
    deadline: int | None


class Ended(Struct, frozen=True, array_like=True, gc=False):
    """Instances that have ended, as they are encoded: there may be thousands, and few ask for them."""

    count: int = 0
    encoded: bytes = b""
    until: int = 0
    "When the last of them ended."

    def plus(self, instance: Instance, time: int) -> "Ended":
        return Ended(self.count + 1, self.encoded + _encode(instance), time)

    def goes_on(self, before: "Ended") -> bool:
        """Whether all that had ended before still has, as it had."""
        return self.encoded.startswith(before.encoded)

    def since(self, before: "Ended") -> list[Instance]:
        """Those that have come to what it goes on from."""
        count, encoded = self.count - before.count, self.encoded[len(before.encoded) :]
        return _decode(b"\xdd" + count.to_bytes(4) + encoded) if count else []


NONE_ENDED = Ended()
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Instance]).decode


class ServiceLevels(Struct, frozen=True, array_like=True, gc=False):
    """All instances of an entity, and what their clocks and conditions depend on."""

    source: str | None = None
    tags: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    "Since the creation."
    open: tuple[Instance, ...] = ()
    ended: Ended = NONE_ENDED
    "But for this one:"
    resolved: Instance | None = None
    "The total resolution while the entity is resolved: a reopening lets it run on."
    next: int | None = None
    "The earliest that an open instance waits for."
    first: int = 0
    "Of the first response: whether its clock has not begun, runs, or has ended."
    counts: tuple[int, int] = (0, 0)
    "Instances of the next response and of the periodic update so far."
