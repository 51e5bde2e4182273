"""The door of tickets: what the road has to know of them."""

from agents.surveys.answers import Answer
from agents.tickets import fold
from agents.tickets.events import (
    Assigned,
    Escalated,
    Fields,
    Handled,
    Merged,
    Nothing,
    Rated,
    Removed,
    Replied,
    Resolved,
)
from agents.tickets.ratings import standing_answers
from agents.tickets.state import Ticket
from streams.catalogue import Domain, Subject
from streams.events import EventType


def counted(ticket: Ticket) -> tuple[Ticket, ...]:
    """A ticket contributes once it is created and while it is not merged or removed."""
    return (ticket,) if ticket.created is not None and not ticket.gone else ()


def settled(ticket: Ticket) -> bool:
    return ticket.resolved or ticket.gone or ticket.created is None


TICKETS = Domain(
    name="tickets",
    kinds=("ticket.",),
    types=(
        EventType("ticket.created", Fields, fold.created),
        EventType("ticket.updated", Fields, fold.updated),
        EventType("ticket.assigned", Assigned, fold.assigned),
        EventType("ticket.escalated", Escalated, fold.escalated),
        EventType("ticket.replied", Replied, fold.replied),
        EventType("ticket.pended", Nothing, fold.pended),
        EventType("ticket.held", Nothing, fold.held),
        EventType("ticket.resumed", Nothing, fold.resumed),
        EventType("ticket.handled", Handled, fold.handled),
        EventType("ticket.resolved", Resolved, fold.resolved),
        EventType("ticket.reopened", Nothing, fold.reopened),
        EventType("ticket.closed", Nothing, fold.closed),
        EventType("ticket.merged", Merged, fold.left),
        EventType("ticket.removed", Removed, fold.left),
        EventType("ticket.restored", Nothing, fold.restored),
        EventType("ticket.rated", Rated, fold.registered, ours=True),
        EventType("ticket.rating_withdrawn", Rated, fold.registered, ours=True),
    ),
    state=Ticket,
    subjects=(
        Subject("ticket", counted, reads=("created", "gone"), whole=True),
        Subject("answer", standing_answers, reads=("registers", "gone", "past")),
    ),
    settled=settled,
    facts=Answer,
    fact_types=("ticket.rated", "ticket.rating_withdrawn"),
)
