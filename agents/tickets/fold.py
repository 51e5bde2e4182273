"""A ticket's life: what each event does to it."""

from collections.abc import Callable

from msgspec import UNSET

from agents.dimensions import Labels
from agents.tickets.events import Assigned, Fields, Replied, Resolved
from agents.tickets.state import FirstResolve, Past, Resolution, Response, Ticket
from streams.events import Event, given
from streams.moments import DAY, MINUTE

SESSION_CHANNELS = frozenset({"chat", "phone", "social"})
SESSION_GAP = 60 * MINUTE
REOPEN_WINDOW = 7 * DAY

Fold = Callable[[Ticket, Event], None]


def living(fold: Fold) -> Fold:
    """After a close nothing more happens to a ticket, whatever is said."""

    def guarded(ticket: Ticket, event: Event) -> None:
        if not ticket.closed:
            fold(ticket, event)

    return guarded


def created(ticket: Ticket, event: Event) -> None:
    """The first creation in order creates, even after a close; later ones are updates."""
    if ticket.created_at is not None:
        updated(ticket, event)
        return
    fields: Fields = event.data
    ticket.created_at = event.time
    _take_fields(ticket, fields)
    ticket.created = _labels(ticket, ticket.assignee), ticket.topic
    if given(fields.created_by) != "agent":
        ticket.waiting_since = event.time
    _remember(ticket, event)
    if not ticket.closed:
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
    if data.agent_id is not UNSET:
        ticket.assignee = given(data.agent_id)
        if ticket.assignee:
            _take_part(ticket, ticket.assignee)
    if data.team is not UNSET:
        ticket.team = given(data.team)
    _remember(ticket, event)


@living
def escalated(ticket: Ticket, event: Event) -> None:
    ticket.escalated = True


@living
def replied(ticket: Ticket, event: Event) -> None:
    reply: Replied = event.data
    if reply.author == "customer":
        if ticket.created_at is not None and ticket.waiting_since is None:
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
    if fields.channel is not UNSET:
        ticket.channel = given(fields.channel)
    if fields.priority is not UNSET:
        ticket.priority = given(fields.priority)
    if fields.team is not UNSET:
        ticket.team = given(fields.team)
    if fields.tier is not UNSET:
        ticket.tier = given(fields.tier)
    if fields.topic is not UNSET:
        ticket.topic = given(fields.topic)
    if fields.agent_id is not UNSET:
        ticket.assignee = given(fields.agent_id)


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
        labels = _labels(ticket, agent)
        ticket.first_response = Response(event.time, ticket.waiting_since, labels)
    if ticket.first_resolve is None:
        ticket.contact_replies += 1
        if ticket.last_reply is not None and event.time - ticket.last_reply > SESSION_GAP:
            ticket.one_session = False
        ticket.last_reply = event.time
        if agent:
            _take_part(ticket, agent)


def _take_part(ticket: Ticket, agent: str) -> None:
    """Remember who worked on the ticket up to its first resolve; more than two tell nothing new."""
    agents = ticket.contact_agents
    if ticket.first_resolve is None and agent not in agents and len(agents) < 2:
        ticket.contact_agents = (*agents, agent)


def _resolve(ticket: Ticket, event: Event, agent: str | None) -> None:
    if ticket.resolved:
        return
    agent = agent or _assignee_then(ticket, event)
    ticket.status = "resolved"
    ticket.resolver = agent
    labels, topic = _labels_then(ticket, event, agent)
    ticket.resolution = Resolution(event.time, labels, topic)
    if ticket.first_resolve is None:
        if agent:
            _take_part(ticket, agent)
        ticket.first_resolve = FirstResolve(event.time, labels, _on_first_contact(ticket, labels[0]))
    _remember(ticket, event)


def _on_first_contact(ticket: Ticket, channel: str | None) -> bool:
    session = channel in SESSION_CHANNELS
    contacts = ticket.one_session if session else ticket.contact_replies == 1
    return contacts and not ticket.escalated and len(ticket.contact_agents) <= 1


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
    ticket.closed = True


def _labels(ticket: Ticket, agent: str | None) -> Labels:
    return (ticket.channel, ticket.priority, ticket.team, ticket.tier, agent)


def _labels_then(ticket: Ticket, event: Event, agent: str | None) -> tuple[Labels, str | None]:
    """Labels and topic of a moment: before the creation only what the event itself brings."""
    if ticket.created_at is not None:
        return _labels(ticket, agent), ticket.topic
    fields = event.data
    if not isinstance(fields, Fields):
        return (None, None, None, None, agent), None
    brought = (fields.channel, fields.priority, fields.team, fields.tier)
    return (*map(given, brought), agent), given(fields.topic)


def _assignee_then(ticket: Ticket, event: Event) -> str | None:
    if ticket.created_at is not None:
        return ticket.assignee
    return given(event.data.agent_id) if isinstance(event.data, Fields) else None


def _remember(ticket: Ticket, event: Event) -> None:
    """Keep what survey answers will ask of the ticket: it is unknown before the creation."""
    if ticket.created_at is None:
        return
    agent = ticket.resolver or ticket.assignee
    now = (ticket.channel, ticket.team, ticket.tier, agent)
    if not ticket.past or ticket.past[-1].labels != now:
        ticket.past = (*ticket.past, Past(event.time, event.sequence, *now))


