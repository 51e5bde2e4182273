"""How much there is to do, and how much is done."""

from agents.dimensions import INQUIRIES, OPERATIONS, TICKET_VOLUMES
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Count


def tickets_created(ticket: Ticket) -> Observations:
    created = ticket.created
    if created is None:
        return NONE
    return (Observation(created.time, ticket.labels[created.labels], 1),)


def tickets_resolved(ticket: Ticket) -> Observations:
    resolution = ticket.resolution
    if resolution is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], 1),)


def tickets_closed(ticket: Ticket) -> Observations:
    closed = ticket.closed
    if closed is None:
        return NONE
    return (Observation(closed.time, ticket.labels[closed.labels], 1),)


def replies(ticket: Ticket) -> Observations:
    return tuple([Observation(reply.time, ticket.labels[reply.labels], 1) for reply in ticket.replies])


METRICS = (
    Metric(
        name="tickets_created",
        title="Tickets created",
        formula="tickets by their creation",
        unit="tickets",
        kind=Count(),
        family=TICKET_VOLUMES,
        windows=OPERATIONS,
        more_is_better=None,
        of="ticket",
        reads=("created",),
        observe=tickets_created,
    ),
    Metric(
        name="tickets_resolved",
        title="Tickets resolved",
        formula="standing resolutions: resolves that no reopening has followed",
        unit="tickets",
        kind=Count(),
        family=TICKET_VOLUMES,
        windows=OPERATIONS,
        more_is_better=True,
        of="ticket",
        reads=("resolution",),
        observe=tickets_resolved,
    ),
    Metric(
        name="tickets_closed",
        title="Tickets closed",
        formula="tickets closed for good",
        unit="tickets",
        kind=Count(),
        family=TICKET_VOLUMES,
        windows=OPERATIONS,
        more_is_better=None,
        of="ticket",
        reads=("closed",),
        observe=tickets_closed,
    ),
    Metric(
        name="replies",
        title="Replies",
        formula="public replies of agents",
        unit="replies",
        kind=Count(),
        family=TICKET_VOLUMES,
        windows=OPERATIONS,
        more_is_better=None,
        of="ticket",
        reads=("replies",),
        observe=replies,
    ),
    Metric(
        name="inquiry_topics",
        title="Inquiries by topic",
        formula="tickets by their creation and what they were about then; their change is a pane's figure "
        "less an earlier pane's",
        unit="inquiries",
        kind=Count(),
        family=INQUIRIES,
        windows=OPERATIONS,
        more_is_better=None,
        of="ticket",
        reads=("created",),
        observe=tickets_created,
    ),
)
