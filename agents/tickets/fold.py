"""A ticket's life: what each event does to it."""

from collections.abc import Callable

from msgspec import UNSET
from msgspec.structs import replace

from agents.dimensions import Labels
from agents.tickets.events import Assigned, Fields, Replied, Resolved
from agents.tickets.state import (
    UNLABELLED,
    Contact,
    Created,
    FirstResolve,
    Past,
    Resolution,
    Response,
    Ticket,
)
from streams.events import Event, Text, given
from streams.moments import DAY, MINUTE

SESSION_CHANNELS = frozenset({"chat", "phone", "social"})
SESSION_GAP = 60 * MINUTE
REOPEN_WINDOW = 7 * DAY
CHANNEL, PRIORITY, TEAM, TIER, AGENT, TOPIC = range(6)
"Places in labels."

Fold = Callable[[Ticket, Event], None]


def living(fold: Fold) -> Fold:
    """After a close nothing more happens to a ticket, whatever is said."""

    def guarded(ticket: Ticket, event: Event) -> None:
        if ticket.status != "closed":
            fold(ticket, event)

    return guarded


def created(ticket: Ticket, event: Event) -> None:
    """The first creation in order creates, even after a close; later ones are updates."""
    if ticket.created is not None:
        updated(ticket, event)
        return
    fields: Fields = event.data
    _take_fields(ticket, fields)
    ticket.created = Created(event.time, ticket.now)
    if given(fields.created_by) != "agent":
        ticket.waiting_since = event.time
    _remember(ticket, event)
    if ticket.status != "closed":
        _change_status(ticket, event, fields)


@living
def updated(ticket: Ticket, event: Event) -> None:
    fields: Fields = event.data
    _take_fields(ticket, fields)
    _remember(ticket, event)
    _change_status(ticket, event, fields)


@living
def assigned(ticket: Ticket, event: Event) -> None:
    data: Assigned = event.data
    if agent := given(data.agent_id):
        _take_part(ticket, agent)
    labels = ticket.labels[ticket.now]
    ticket.now = _place(ticket, _replaced(labels, (TEAM, data.team), (AGENT, data.agent_id)))
    _remember(ticket, event)


@living
def escalated(ticket: Ticket, event: Event) -> None:
    if ticket.contact is not None:
        ticket.contact = replace(ticket.contact, escalated=True)


@living
def replied(ticket: Ticket, event: Event) -> None:
    reply: Replied = event.data
    if reply.author == "customer":
        if ticket.created is not None and ticket.waiting_since is None:
            ticket.waiting_since = event.time
    elif reply.author == "agent" and reply.public is not False:
        _agent_reply(ticket, event, given(reply.agent_id))


@living
def pended(ticket: Ticket, event: Event) -> None:
    _set_unresolved(ticket, "pending")


@living
def held(ticket: Ticket, event: Event) -> None:
    _set_unresolved(ticket, "held")


@living
def resumed(ticket: Ticket, event: Event) -> None:
    _set_unresolved(ticket, "open")


@living
def handled(ticket: Ticket, event: Event) -> None:
    """Time spent counts in no metric yet."""


@living
def resolved(ticket: Ticket, event: Event) -> None:
    data: Resolved = event.data
    _resolve(ticket, event, given(data.agent_id))


@living
def reopened(ticket: Ticket, event: Event) -> None:
    _reopen(ticket, event)


@living
def closed(ticket: Ticket, event: Event) -> None:
    _close(ticket, event)


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
    ticket.now = _place(ticket, _with_fields(ticket.labels[ticket.now], fields))


def _with_fields(labels: Labels, fields: Fields) -> Labels:
    return _replaced(
        labels,
        (CHANNEL, fields.channel),
        (PRIORITY, fields.priority),
        (TEAM, fields.team),
        (TIER, fields.tier),
        (AGENT, fields.agent_id),
        (TOPIC, fields.topic),
    )


def _replaced(labels: Labels, *changes: tuple[int, Text]) -> Labels:
    """The labels with what is said; what is absent stays, null and "" clear."""
    changed = list(labels)
    for place, value in changes:
        if value is not UNSET:
            changed[place] = given(value)
    return tuple(changed)


def _place(ticket: Ticket, labels: Labels) -> int:
    """The place of labels among those of the ticket."""
    if labels not in ticket.labels:
        ticket.labels = (*ticket.labels, labels)
    return ticket.labels.index(labels)


def _change_status(ticket: Ticket, event: Event, fields: Fields) -> None:
    match fields.status:
        case "resolved":
            _resolve(ticket, event, None)
        case "closed":
            _close(ticket, event)
        case "open" if ticket.resolved:
            _reopen(ticket, event)
        case "open" | "pending" | "held":
            _set_unresolved(ticket, fields.status)


def _set_unresolved(ticket: Ticket, status: str) -> None:
    if not ticket.resolved:
        ticket.status = status


def _agent_reply(ticket: Ticket, event: Event, agent: str | None) -> None:
    if ticket.first_response is None and ticket.waiting_since is not None:
        place = _place(ticket, _of_agent(ticket.labels[ticket.now], agent))
        ticket.first_response = Response(event.time, ticket.waiting_since, place)
    contact = ticket.contact
    if contact is not None:
        gap = 0 if contact.last_reply is None else event.time - contact.last_reply
        ticket.contact = Contact(
            contact.replies + 1,
            event.time,
            contact.one_session and gap <= SESSION_GAP,
            contact.agents,
            contact.escalated,
        )
        if agent:
            _take_part(ticket, agent)


def _take_part(ticket: Ticket, agent: str) -> None:
    contact = ticket.contact
    if contact is not None and agent not in contact.agents and len(contact.agents) < 2:
        ticket.contact = replace(contact, agents=(*contact.agents, agent))


def _resolve(ticket: Ticket, event: Event, agent: str | None) -> None:
    if ticket.resolved:
        return
    labels = _labels_then(ticket, event)
    agent = agent or labels[AGENT]
    ticket.status = "resolved"
    ticket.resolver = agent
    place = _place(ticket, _of_agent(labels, agent))
    ticket.resolution = Resolution(event.time, place)
    if ticket.first_resolve is None:
        if agent:
            _take_part(ticket, agent)
        ticket.first_resolve = FirstResolve(event.time, place, _on_first_contact(ticket, labels[CHANNEL]))
        ticket.contact = None
    _remember(ticket, event)


def _on_first_contact(ticket: Ticket, channel: str | None) -> bool:
    contact = ticket.contact
    assert contact is not None
    contacts = contact.one_session if channel in SESSION_CHANNELS else contact.replies == 1
    return contacts and not contact.escalated and len(contact.agents) <= 1


def _reopen(ticket: Ticket, event: Event) -> None:
    if not ticket.resolved:
        return
    ticket.status = "open"
    ticket.resolution = None
    ticket.reopened = True
    if ticket.first_resolve is not None and event.time <= ticket.first_resolve.time + REOPEN_WINDOW:
        ticket.reopened_early = True


def _close(ticket: Ticket, event: Event) -> None:
    _resolve(ticket, event, None)
    ticket.status = "closed"


def _of_agent(labels: Labels, agent: str | None) -> Labels:
    channel, priority, team, tier, _, topic = labels
    return (channel, priority, team, tier, agent, topic)


def _labels_then(ticket: Ticket, event: Event) -> Labels:
    """The labels of a moment: before the creation only what the event itself brings."""
    if ticket.created is not None:
        return ticket.labels[ticket.now]
    return _with_fields(UNLABELLED, event.data) if isinstance(event.data, Fields) else UNLABELLED


def _remember(ticket: Ticket, event: Event) -> None:
    """Keep what survey answers will ask of the ticket: it is unknown before the creation."""
    if ticket.created is None:
        return
    labels = ticket.labels[ticket.now]
    place = ticket.now if ticket.resolver is None else _place(ticket, _of_agent(labels, ticket.resolver))
    if not ticket.past or ticket.past[-1].labels != place:
        ticket.past = (*ticket.past, Past(event.time, event.sequence, place))
