"""What is known of a ticket after its events. All times in microseconds."""

from msgspec import Struct

from agents.calls.outcomes import CallFact
from agents.dimensions import Labels
from agents.folded import FoldedFacts
from agents.sla.state import ServiceLevels
from agents.surveys.answers import Answer
from streams.state.record import State

UNLABELLED: Labels = (None,) * 6

RESOLVED = "resolved"


class Moment(Struct, frozen=True, array_like=True, gc=False):
    """When something happened, and the labels of then."""

    time: int
    labels: int


class Spent(Struct, frozen=True, array_like=True, gc=False):
    """The time since the creation by status."""

    open: int = 0
    held: int = 0
    pended: int = 0


class Span(Struct, frozen=True, array_like=True, gc=False):
    """A stretch of time in one status."""

    status: str
    start: int
    end: int


class Resolution(Struct, frozen=True, array_like=True, gc=False):
    """A resolve that stands, and the time spent before it."""

    time: int
    labels: int
    spent: Spent


class FirstResolve(Struct, frozen=True, array_like=True, gc=False):
    """The first resolve, and what had happened before it."""

    time: int
    labels: int
    replies: int
    "Public ones of agents."
    longest_gap: int
    "Between two of them."
    one_agent: bool
    "Whether not more than one had taken part, who resolved it included."
    escalated: bool


class Response(Struct, frozen=True, array_like=True, gc=False):
    """A public reply to what had waited since `started`."""

    time: int
    started: int
    labels: int


class Escalation(Struct, frozen=True, array_like=True, gc=False):
    time: int
    to: str | None
    reason: str | None


class Stand(Struct, frozen=True, array_like=True, gc=False):
    """How the ticket is from a time on: its status in the backlog, or resolved, and its labels."""

    time: int
    status: str
    labels: int


class Past(Struct, frozen=True, array_like=True, gc=False):
    """What survey answers take from the ticket from this place in its order on.

    The agent in these labels is that of the last resolve before, else the assignee.
    """

    time: int
    sequence: int
    labels: int


class Step(Struct, frozen=True, gc=False):
    """From a time on there is one ticket more (1), or one fewer (-1), of these labels."""

    time: int
    number: int
    created: int
    labels: Labels


class Ticket(State):
    """The fold of a ticket's events.

    `labels` are all combinations of dimensions (channel, priority, team, tier, agent, topic) that it has
    had; everything else refers to them by their place. `registers` holds survey answers and calls.
    """

    registers: dict[str, tuple[int, Answer | CallFact | None]] = {}
    folded: FoldedFacts | None = None
    labels: tuple[Labels, ...] = (UNLABELLED,)
    now: int = 0
    "The labels of this moment; their agent is the assignee."
    status: str = "open"
    "Also of a closed ticket, which is resolved."
    since: int = 0
    "Since when it has this status; at the earliest its creation."
    spent: Spent = Spent()
    "Until then."
    spans: tuple[Span, ...] | None = None
    "What that is made of; None where nobody asks."
    created: Moment | None = None
    closed: Moment | None = None
    gone: bool = False
    customer: str | None = None
    waiting_since: int | None = None
    "Start of the clock of the first response; None while it has not begun."
    first_response: Response | None = None
    first_bot_response: Response | None = None
    unanswered: int | None = None
    "The earliest unanswered message of the customer after the first response."
    next_responses: tuple[Response, ...] = ()
    replies: tuple[Moment, ...] = ()
    "Public ones of agents."
    longest_gap: int = 0
    "Between two replies before the first resolve."
    participants: tuple[str, ...] = ()
    "Agents who took part before the first resolve; more than two tell nothing new."
    first_agent: str | None = None
    "Who was assigned, or replied in public, first."
    escalations: tuple[Escalation, ...] = ()
    handled: int | None = None
    "Time spent working on it; None where nobody said."
    first_resolve: FirstResolve | None = None
    resolution: Resolution | None = None
    "The standing one."
    resolver: str | None = None
    "The agent of the last resolve."
    reopened: int | None = None
    "When it was reopened for the first time."
    past: tuple[Past, ...] = ()
    stands: tuple[Stand, ...] = ()
    "Since the creation."
    sla: ServiceLevels | None = None
    "None where no policies are configured."

    @property
    def resolved(self) -> bool:
        return self.status == RESOLVED


class TimedTicket(Ticket):
    """One that is also measured by business calendars."""

    spans: tuple[Span, ...] | None = ()
