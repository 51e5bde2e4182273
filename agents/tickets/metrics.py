"""The metrics of tickets: each a declaration and the function that says what a ticket contributes."""

from agents.dimensions import OPERATIONS, TICKET_VOLUMES, TICKETS
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Count, Distribution, Ratio


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


def first_response_time(ticket: Ticket) -> Observations:
    response = ticket.first_response
    if response is None:
        return NONE
    return (Observation(response.time, ticket.labels[response.labels], response.time - response.started),)


def resolution_time(ticket: Ticket) -> Observations:
    resolution, created = ticket.resolution, ticket.created
    if resolution is None or created is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], resolution.time - created.time),)


def first_contact_resolution(ticket: Ticket) -> Observations:
    first = ticket.first_resolve
    if first is None:
        return NONE
    on_contact = first.first_contact and not ticket.reopened_early
    return (Observation(first.time, ticket.labels[first.labels], on_contact),)


def reopen_rate(ticket: Ticket) -> Observations:
    first = ticket.first_resolve
    if first is None:
        return NONE
    return (Observation(first.time, ticket.labels[first.labels], ticket.reopened),)


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
        name="first_response_time",
        title="First response time",
        formula="from the creation (of an agent's own ticket: the customer's first message) "
        "to the first public agent reply",
        unit="seconds",
        kind=Distribution(),
        family=TICKETS,
        windows=OPERATIONS,
        more_is_better=False,
        of="ticket",
        reads=("first_response",),
        observe=first_response_time,
    ),
    Metric(
        name="resolution_time",
        title="Resolution time",
        formula="from the creation to the standing resolution",
        unit="seconds",
        kind=Distribution(),
        family=TICKETS,
        windows=OPERATIONS,
        more_is_better=False,
        of="ticket",
        reads=("resolution", "created"),
        observe=resolution_time,
    ),
    Metric(
        name="first_contact_resolution",
        title="First contact resolution",
        formula="tickets resolved with one public agent reply (chat, phone, social: in one session), "
        "by one agent, without escalation and without a reopening within 7 days / tickets ever resolved",
        unit="ratio",
        kind=Ratio(),
        family=TICKETS,
        windows=OPERATIONS,
        more_is_better=True,
        of="ticket",
        reads=("first_resolve", "reopened_early"),
        observe=first_contact_resolution,
    ),
    Metric(
        name="reopen_rate",
        title="Reopen rate",
        formula="tickets reopened at least once / tickets ever resolved, in the pane of their first resolve",
        unit="ratio",
        kind=Ratio(),
        family=TICKETS,
        windows=OPERATIONS,
        more_is_better=False,
        of="ticket",
        reads=("first_resolve", "reopened"),
        observe=reopen_rate,
    ),
)
