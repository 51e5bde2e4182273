"""A ticket's status: open, pending or held, then resolved, and perhaps open again."""

from agents.tickets.events import Fields
from agents.tickets.labels import AGENT, labels_then, of_agent, place_of, remember
from agents.tickets.stands import stand
from agents.tickets.state import RESOLVED, FirstResolve, Moment, Resolution, Span, Spent, Ticket
from streams.events import Event


def change(ticket: Ticket, event: Event, fields: Fields) -> None:
    """What the field `status` asks for; a cleared one says nothing."""
    match fields.status:
        case "resolved":
            resolve(ticket, event, None)
        case "closed":
            close(ticket, event)
        case "open" if ticket.status == RESOLVED:
            reopen(ticket, event)
        case "open" | "pending" | "held":
            set_unresolved(ticket, event, fields.status)


def set_unresolved(ticket: Ticket, event: Event, status: str) -> None:
    if ticket.status != RESOLVED and ticket.status != status:
        _turn(ticket, event, status)


def resolve(ticket: Ticket, event: Event, agent: str | None) -> None:
    if ticket.status == RESOLVED:
        return
    labels = labels_then(ticket, event)
    agent = agent or labels[AGENT]
    place = place_of(ticket, of_agent(labels, agent))
    _turn(ticket, event, RESOLVED)
    ticket.resolver = agent
    ticket.resolution = Resolution(event.time, place, ticket.spent)
    ticket.unanswered = None
    if ticket.first_resolve is None:
        _resolve_first(ticket, event.time, place, agent)
    remember(ticket, event)


def reopen(ticket: Ticket, event: Event) -> None:
    if ticket.status != RESOLVED:
        return
    _turn(ticket, event, "open")
    ticket.resolution = None
    if ticket.reopened is None:
        ticket.reopened = event.time


def close(ticket: Ticket, event: Event) -> None:
    """A close of what is not resolved is also the resolve."""
    ticket.closed = Moment(event.time, place_of(ticket, labels_then(ticket, event)))
    resolve(ticket, event, None)


def take_part(ticket: Ticket, agent: str) -> None:
    """Until the first resolve it matters how many agents there were."""
    known = ticket.participants
    if ticket.first_resolve is None and len(known) < 2 and agent not in known:
        ticket.participants = (*known, agent)


def _resolve_first(ticket: Ticket, time: int, place: int, agent: str | None) -> None:
    if agent:
        take_part(ticket, agent)
    ticket.first_resolve = FirstResolve(
        time,
        place,
        replies=len(ticket.replies),
        longest_gap=ticket.longest_gap,
        one_agent=len(ticket.participants) <= 1,
        escalated=bool(ticket.escalations),
    )
    ticket.participants = ()


def _turn(ticket: Ticket, event: Event, status: str) -> None:
    """Count the time since the last change for the status that ends."""
    if ticket.created is not None and (span := event.time - ticket.since):
        if ticket.spans is not None and ticket.status != RESOLVED:
            ticket.spans = (*ticket.spans, Span(ticket.status, ticket.since, event.time))
        spent = ticket.spent
        match ticket.status:
            case "open":
                ticket.spent = Spent(spent.open + span, spent.held, spent.pended)
            case "held":
                ticket.spent = Spent(spent.open, spent.held + span, spent.pended)
            case "pending":
                ticket.spent = Spent(spent.open, spent.held, spent.pended + span)
    ticket.since = event.time
    ticket.status = status
    stand(ticket, event.time)
