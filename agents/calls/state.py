"""What is known of a call after its events. All times and spans in microseconds."""

from msgspec import Struct

from agents.dimensions import Labels
from agents.sla.state import ServiceLevels
from streams.state.record import State

UNLABELLED: Labels = (None,) * 3


class Moment(Struct, frozen=True, array_like=True, gc=False):
    """When something happened, and the call's dimensions then."""

    time: int
    labels: Labels


class Decision(Struct, frozen=True, array_like=True, gc=False):
    """The first answer or abandonment, which decides what became of the call."""

    time: int
    labels: Labels
    answered: bool


class Wait(Struct, frozen=True, array_like=True, gc=False):
    """A time in one queue; `labels` are the queue and the team."""

    since: int
    "When the caller began to wait, maybe in another queue."
    begun: int
    until: int | None
    "None while it lasts."
    labels: Labels


class Call(State):
    """The fold of a call's events. Labels are queue, team and agent: who answered last."""

    labels: Labels = UNLABELLED
    customer: str | None = None
    ticket: str | None = None
    offered: Moment | None = None
    "The first offer."
    sequence: int = 0
    "Of the first offer."
    answered: Moment | None = None
    "The first answer, also of a call that had been abandoned."
    decision: Decision | None = None
    transferred: bool = False
    talk: int | None = None
    hold: int | None = None
    wrap: int | None = None
    ended: Moment | None = None
    wrapped: Moment | None = None
    resolved: bool = False
    waits: tuple[Wait, ...] = ()
    sla: ServiceLevels | None = None
    "None where no policies are configured."
    stood: tuple[Labels, ...] = ()
    "The labels that service levels refer to, by their place."
