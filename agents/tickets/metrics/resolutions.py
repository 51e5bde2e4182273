"""How long it takes to a resolution, and whether it lasts."""

from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Observation, Observations
from streams.windows.kinds import Distribution, Ratio


def resolution_time(ticket: Ticket) -> Observations:
    resolution, created = ticket.resolution, ticket.created
    if resolution is None or created is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], resolution.time - created.time),)


def first_resolution_time(ticket: Ticket) -> Observations:
    first, created = ticket.first_resolve, ticket.created
    if first is None or created is None:
        return NONE
    return (Observation(first.time, ticket.labels[first.labels], first.time - created.time),)


def reopen_rate(ticket: Ticket) -> Observations:
    first = ticket.first_resolve
    if first is None:
        return NONE
    return (Observation(first.time, ticket.labels[first.labels], ticket.reopened is not None),)


METRICS = (
    ticket_metric(
        name="resolution_time",
        title="Resolution time",
        formula="from the creation to the standing resolution",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("resolution", "created"),
        observe=resolution_time,
    ),
    ticket_metric(
        name="first_resolution_time",
        title="First resolution time",
        formula="from the creation to the first resolve, whether or not it lasted",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("first_resolve", "created"),
        observe=first_resolution_time,
    ),
    ticket_metric(
        name="reopen_rate",
        title="Reopen rate",
        formula="tickets reopened at least once / tickets ever resolved, in the pane of their first resolve",
        unit="ratio",
        kind=Ratio(),
        more_is_better=False,
        reads=("first_resolve", "reopened"),
        observe=reopen_rate,
    ),
)
