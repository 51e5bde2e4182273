"""How much there is to do, and how much is done."""

from functools import partial

from agents.dimensions import INQUIRIES, TICKET_VOLUMES
from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Observation, Observations
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


volume = partial(ticket_metric, kind=Count(), family=TICKET_VOLUMES)

METRICS = (
    volume(
        name="tickets_created",
        title="Tickets created",
        formula="tickets by their creation",
        unit="tickets",
        more_is_better=None,
        reads=("created",),
        observe=tickets_created,
    ),
    volume(
        name="tickets_resolved",
        title="Tickets resolved",
        formula="standing resolutions: resolves that no reopening has followed",
        unit="tickets",
        more_is_better=True,
        reads=("resolution",),
        observe=tickets_resolved,
    ),
    volume(
        name="tickets_closed",
        title="Tickets closed",
        formula="tickets closed for good",
        unit="tickets",
        more_is_better=None,
        reads=("closed",),
        observe=tickets_closed,
    ),
    volume(
        name="replies",
        title="Replies",
        formula="public replies of agents",
        unit="replies",
        more_is_better=None,
        reads=("replies",),
        observe=replies,
    ),
    volume(
        name="inquiry_topics",
        title="Inquiries by topic",
        formula="tickets by their creation and what they were about then; their change is a pane's figure "
        "less an earlier pane's",
        unit="inquiries",
        family=INQUIRIES,
        more_is_better=None,
        reads=("created",),
        observe=tickets_created,
    ),
)
