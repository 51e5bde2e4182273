"""What is known of a ticket after its events. All times in microseconds."""

from msgspec import Struct

from agents.dimensions import Labels
from agents.surveys.answers import Answer
from streams.state.entity import State


class Resolution(Struct, frozen=True, array_like=True, gc=False):
    """A resolve with the dimensions of its moment."""

    time: int
    labels: Labels
    topic: str | None


class FirstResolve(Struct, frozen=True, array_like=True, gc=False):
    """The first resolve, and whether it came on the first contact (as known at that moment)."""

    time: int
    labels: Labels
    first_contact: bool


class Past(Struct, frozen=True, array_like=True, gc=False):
    """The dimensions that survey answers take from the ticket, from this place in the order on.

    `agent` is that of the last resolve before, else the assignee.
    """

    time: int
    sequence: int
    channel: str | None
    team: str | None
    tier: str | None
    agent: str | None

    @property
    def labels(self) -> Labels:
        return (self.channel, self.team, self.tier, self.agent)


class Response(Struct, frozen=True, array_like=True, gc=False):
    """The first public reply of an agent; `started` is when the clock began."""

    time: int
    started: int
    labels: Labels


class Ticket(State):
    """The fold of a ticket's events.

    `registers` holds survey answers by response and survey.
    """

    registers: dict[str, tuple[int, Answer | None]] = {}
    created_at: int | None = None
    created: tuple[Labels, str | None] | None = None
    "Labels and topic at the creation."
    gone: bool = False
    closed: bool = False
    status: str = "open"

    customer: str | None = None
    channel: str | None = None
    priority: str | None = None
    team: str | None = None
    tier: str | None = None
    topic: str | None = None
    assignee: str | None = None

    waiting_since: int | None = None
    "Start of the clock of the first response; None while it has not begun."
    first_response: Response | None = None

    contact_replies: int = 0
    "Public agent replies before the first resolve."
    last_reply: int | None = None
    one_session: bool = True
    contact_agents: tuple[str, ...] = ()
    escalated: bool = False

    first_resolve: FirstResolve | None = None
    resolution: Resolution | None = None
    "The standing one."
    resolver: str | None = None
    "The agent of the last resolve."
    reopened: bool = False
    reopened_early: bool = False
    past: tuple[Past, ...] = ()

    @property
    def resolved(self) -> bool:
        return self.status in ("resolved", "closed")
