"""What is known of an entity's service levels. All times and durations in microseconds."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

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


RUNNING, AT_RISK, OVERDUE = range(3)
"How instances stand; what is at risk runs as well."


class Stretch(NamedTuple):
    """A time in which an instance stood so; the end is None while it lasts."""

    kind: int
    begin: int
    end: int | None
    goal: int
    deadline: int | None


class ServiceLevels(Struct, frozen=True, array_like=True, gc=False):
    """All instances of an entity, and what their clocks and conditions depend on."""

    source: str | None = None
    tags: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    "Since the creation."
    open: tuple[Instance, ...] = ()
    ended: tuple[Instance, ...] = ()
    next: int | None = None
    "The earliest that an open instance waits for."
    first: int = 0
    "Of the first response: whether its clock has not begun, runs, or has ended."
    counts: tuple[int, int] = (0, 0)
    "Instances of the next response and of the periodic update so far."
