"""A ticket's labels: what the dimensions of a moment are, and where the ticket keeps them."""

from msgspec import UNSET

from agents.dimensions import Labels
from agents.tickets.events import Fields
from agents.tickets.state import UNLABELLED, Past, Ticket
from streams.events import Event, Text

CHANNEL, PRIORITY, TEAM, TIER, AGENT, TOPIC = range(6)
"Places in labels."


def with_fields(labels: Labels, fields: Fields) -> Labels:
    return replaced(
        labels,
        (CHANNEL, fields.channel),
        (PRIORITY, fields.priority),
        (TEAM, fields.team),
        (TIER, fields.tier),
        (AGENT, fields.agent_id),
        (TOPIC, fields.topic),
    )


def replaced(labels: Labels, *changes: tuple[int, Text]) -> Labels:
    """The labels with what is said; what is absent stays, null and "" clear."""
    changed = list(labels)
    for place, value in changes:
        if value is not UNSET:
            changed[place] = value or None
    return tuple(changed)


def of_agent(labels: Labels, agent: str | None) -> Labels:
    """The labels with this agent: the very same where it is the agent's already."""
    if labels[AGENT] == agent:
        return labels
    channel, priority, team, tier, _, topic = labels
    return (channel, priority, team, tier, agent, topic)


def place_of(ticket: Ticket, labels: Labels) -> int:
    """The place of labels among those of the ticket."""
    known = ticket.labels
    if labels is known[ticket.now]:
        return ticket.now
    if labels in known:
        return known.index(labels)
    ticket.labels = (*known, labels)
    return len(known)


def labels_then(ticket: Ticket, event: Event) -> Labels:
    """The labels of a moment: before the creation only what the event itself brings."""
    if ticket.created is not None:
        return ticket.labels[ticket.now]
    return with_fields(UNLABELLED, event.data) if isinstance(event.data, Fields) else UNLABELLED


def remember(ticket: Ticket, event: Event) -> None:
    """Keep what survey answers will ask of the ticket: it is unknown before the creation."""
    if ticket.created is None:
        return
    labels = ticket.labels[ticket.now]
    place = ticket.now if ticket.resolver is None else place_of(ticket, of_agent(labels, ticket.resolver))
    if not ticket.past or ticket.past[-1].labels != place:
        ticket.past = (*ticket.past, Past(event.time, event.sequence, place))
