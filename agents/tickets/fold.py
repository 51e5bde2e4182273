"""A ticket's life: what each event does to it. After a close nothing more happens, whatever is said."""

from msgspec import UNSET

from agents.tickets import status
from agents.tickets.events import Assigned, Escalated, Fields, Handled, Replied, Resolved
from agents.tickets.labels import (
    AGENT,
    TEAM,
    labels_then,
    of_agent,
    place_of,
    remember,
    replaced,
    with_fields,
)
from agents.tickets.stands import stand
from agents.tickets.state import Escalation, Moment, Response, Ticket
from streams.events import Event
from streams.optional import given

MICRO = 1_000_000
MOST = 2**63 - 1
"What is kept of a sum that outgrows 64 bits."


def created(ticket: Ticket, event: Event) -> None:
    """The first creation in order creates, even after a close; later ones are updates."""
    if ticket.created is not None:
        updated(ticket, event)
        return
    fields: Fields = event.data
    _take_fields(ticket, fields)
    ticket.created = Moment(event.time, ticket.now)
    ticket.since = event.time
    if given(fields.created_by) != "agent":
        ticket.waiting_since = event.time
    remember(ticket, event)
    if ticket.closed is None:
        status.change(ticket, event, fields)
    stand(ticket, event.time)


def updated(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    fields: Fields = event.data
    _take_fields(ticket, fields)
    remember(ticket, event)
    status.change(ticket, event, fields)
    stand(ticket, event.time)


def assigned(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    data: Assigned = event.data
    if agent := given(data.agent_id):
        status.take_part(ticket, agent)
        ticket.first_agent = ticket.first_agent or agent
    labels = ticket.labels[ticket.now]
    ticket.now = place_of(ticket, replaced(labels, (TEAM, data.team), (AGENT, data.agent_id)))
    remember(ticket, event)
    stand(ticket, event.time)


def escalated(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    data: Escalated = event.data
    ticket.escalations = (*ticket.escalations, Escalation(event.time, given(data.to), given(data.reason)))


def replied(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    reply: Replied = event.data
    public = reply.public is not False
    if reply.author == "customer":
        _customer_message(ticket, event.time, public)
    elif public and reply.author == "agent":
        _agent_reply(ticket, event, given(reply.agent_id))
    elif public and ticket.waiting_since is not None and ticket.first_bot_response is None:
        place = place_of(ticket, of_agent(ticket.labels[ticket.now], None))
        ticket.first_bot_response = Response(event.time, ticket.waiting_since, place)


def pended(ticket: Ticket, event: Event) -> None:
    if ticket.closed is None:
        status.set_unresolved(ticket, event, "pending")


def held(ticket: Ticket, event: Event) -> None:
    if ticket.closed is None:
        status.set_unresolved(ticket, event, "held")


def resumed(ticket: Ticket, event: Event) -> None:
    if ticket.closed is None:
        status.set_unresolved(ticket, event, "open")


def handled(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    data: Handled = event.data
    ticket.handled = min(MOST, (ticket.handled or 0) + round(data.seconds * MICRO))


def resolved(ticket: Ticket, event: Event) -> None:
    if ticket.closed is not None:
        return
    data: Resolved = event.data
    status.resolve(ticket, event, given(data.agent_id))


def reopened(ticket: Ticket, event: Event) -> None:
    if ticket.closed is None:
        status.reopen(ticket, event)


def closed(ticket: Ticket, event: Event) -> None:
    if ticket.closed is None:
        status.close(ticket, event)


def left(ticket: Ticket, event: Event) -> None:
    """Merged or removed: it leaves every metric; what happens meanwhile counts once it is back."""
    ticket.gone = True


def restored(ticket: Ticket, event: Event) -> None:
    ticket.gone = False


def registered(ticket: Ticket, event: Event) -> None:
    """Answers are kept as registers, not folded."""


def _take_fields(ticket: Ticket, fields: Fields) -> None:
    if fields.customer_id is not UNSET:
        ticket.customer = given(fields.customer_id)
    if ticket.first_agent is None:
        ticket.first_agent = given(fields.agent_id)
    ticket.now = place_of(ticket, with_fields(ticket.labels[ticket.now], fields))


def _customer_message(ticket: Ticket, time: int, public: bool) -> None:
    if ticket.created is not None and ticket.waiting_since is None:
        ticket.waiting_since = time
    elif public and ticket.first_response is not None and ticket.unanswered is None:
        ticket.unanswered = time


def _agent_reply(ticket: Ticket, event: Event, agent: str | None) -> None:
    time, place = event.time, place_of(ticket, of_agent(labels_then(ticket, event), agent))
    if ticket.first_response is None:
        if ticket.waiting_since is not None:
            ticket.first_response = Response(time, ticket.waiting_since, place)
    elif ticket.unanswered is not None:
        ticket.next_responses = (*ticket.next_responses, Response(time, ticket.unanswered, place))
        ticket.unanswered = None
    if ticket.first_resolve is None and ticket.replies:
        ticket.longest_gap = max(ticket.longest_gap, time - ticket.replies[-1].time)
    ticket.replies = (*ticket.replies, Moment(time, place))
    if len(ticket.replies) == 1:
        stand(ticket, time)
    if agent:
        status.take_part(ticket, agent)
        ticket.first_agent = ticket.first_agent or agent
