"""Where the time until the standing resolution went: who waited for whom, and who worked."""

from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Observation, Observations
from streams.windows.kinds import Distribution


def requester_wait_time(ticket: Ticket) -> Observations:
    resolution = ticket.resolution
    if resolution is None:
        return NONE
    spent = resolution.spent
    return (Observation(resolution.time, ticket.labels[resolution.labels], spent.open + spent.held),)


def agent_work_time(ticket: Ticket) -> Observations:
    resolution = ticket.resolution
    if resolution is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], resolution.spent.open),)


def agent_wait_time(ticket: Ticket) -> Observations:
    resolution = ticket.resolution
    if resolution is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], resolution.spent.pended),)


def handle_time(ticket: Ticket) -> Observations:
    resolution, handled = ticket.resolution, ticket.handled
    if resolution is None or handled is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], handled),)


METRICS = (
    ticket_metric(
        name="requester_wait_time",
        title="Requester wait time",
        formula="until the standing resolution: the time in which the ticket was neither pended nor resolved",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("resolution",),
        observe=requester_wait_time,
    ),
    ticket_metric(
        name="agent_work_time",
        title="Agent work time",
        formula="until the standing resolution: the time in which the ticket was neither pended, held "
        "nor resolved",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("resolution",),
        observe=agent_work_time,
    ),
    ticket_metric(
        name="agent_wait_time",
        title="Agent wait time",
        formula="until the standing resolution: the time in which the ticket was pended",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("resolution",),
        observe=agent_wait_time,
    ),
    ticket_metric(
        name="handle_time",
        title="Handle time",
        formula="of resolved tickets that were handled: the time spent working on them, at the standing "
        "resolution",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("resolution", "handled"),
        observe=handle_time,
    ),
)
