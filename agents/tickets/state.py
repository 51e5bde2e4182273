"""What is known of a ticket after its events. All times in microseconds."""

from msgspec import Struct

from agents.dimensions import Labels
from agents.surveys.answers import Answer
from streams.state.entity import State

UNLABELLED: Labels = (None,) * 6


class Created(Struct, frozen=True, array_like=True, gc=False):
    time: int
    labels: int


class Resolution(Struct, frozen=True, array_like=True, gc=False):
    """A resolve that stands."""

    time: int
    labels: int


class FirstResolve(Struct, frozen=True, array_like=True, gc=False):
    """The first resolve, and whether it came on the first contact (as known at that moment)."""

    time: int
    labels: int
    first_contact: bool


class Response(Struct, frozen=True, array_like=True, gc=False):
    """The first public reply of an agent; `started` is when the clock began."""

    time: int
    started: int
    labels: int


class Past(Struct, frozen=True, array_like=True, gc=False):
    """What survey answers take from the ticket from this place in its order on.

    The agent in these labels is that of the last resolve before, else the assignee.
    """

    time: int
    sequence: int
    labels: int


class Contact(Struct, frozen=True, array_like=True, gc=False):
    """What happened before the first resolve."""

    replies: int = 0
    "Public ones of agents."
    last_reply: int | None = None
    one_session: bool = True
    agents: tuple[str, ...] = ()
    "Who worked on it; more than two tell nothing new."
    escalated: bool = False


class Ticket(State):
    """The fold of a ticket's events.

    `labels` are all combinations of dimensions (channel, priority, team, tier, agent, topic) that it has
    had; everything else refers to them by their place. `registers` holds survey answers.
    """

    registers: dict[str, tuple[int, Answer | None]] = {}
    labels: tuple[Labels, ...] = (UNLABELLED,)
    now: int = 0
    "The labels of this moment; their agent is the assignee."
    status: str = "open"
    created: Created | None = None
    gone: bool = False
    customer: str | None = None
    waiting_since: int | None = None
    "Start of the clock of the first response; None while it has not begun."
    first_response: Response | None = None
    contact: Contact | None = Contact()
    "None once it has been resolved."
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
