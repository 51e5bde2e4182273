"""The door of tickets: what the road has to know of them."""

from agents.calls.outcomes import CallFact
from agents.fields import Nothing, links
from agents.surveys.answers import Answer
from agents.tickets import fold
from agents.tickets.calls import condense, outcomes, past_outcomes, pickups
from agents.tickets.events import (
    Assigned,
    Escalated,
    Fields,
    Handled,
    Merged,
    Rated,
    Removed,
    Replied,
    Resolved,
    Signalled,
)
from agents.tickets.forwards import forwards
from agents.tickets.ratings import standing_answers
from agents.tickets.stands import counted, differing_steps, steps
from agents.tickets.state import Ticket
from streams.catalogue import Domain, FactType, Subject
from streams.events import DEADLINE, EventType


def settled(ticket: Ticket) -> bool:
    return ticket.resolved or ticket.gone or ticket.created is None


TICKETS = Domain(
    name="tickets",
    kinds=("ticket.",),
    types=(
        EventType("ticket.created", Fields, fold.created, links("customer_id")),
        EventType("ticket.updated", Fields, fold.updated, links("customer_id")),
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
        EventType("ticket.signalled", Signalled, fold.registered, ours=True),
        DEADLINE,
    ),
    state=Ticket,
    subjects=(
        Subject("ticket", counted, reads=("created", "gone"), whole=True),
        Subject("step", steps, reads=("stands", "created", "gone"), differing=differing_steps),
        Subject("answer", standing_answers, reads=("registers", "gone", "past")),
        Subject("pickup", pickups, reads=("first_response", "created", "gone")),
        Subject("outcome", outcomes, reads=("registers",)),
        Subject("outcome", past_outcomes, reads=("folded",)),
    ),
    settled=settled,
    condense=condense,
    forwards=forwards,
    forwards_to=("customers",),
    forwards_read=("created", "gone", "customer", "now", "first_resolve"),
    facts=(
        FactType(Answer, "ticket.rated", "ticket.rating_withdrawn"),
        FactType(CallFact, "ticket.signalled", "ticket.signalled"),
    ),
)
