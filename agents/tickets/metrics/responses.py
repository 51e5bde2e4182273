"""How long customers wait for an answer."""

from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Response, Ticket
from streams.catalogue import NONE, Observation, Observations
from streams.windows.kinds import Distribution


def first_response_time(ticket: Ticket) -> Observations:
    response = ticket.first_response
    return NONE if response is None else (_waited(ticket, response),)


def first_bot_response_time(ticket: Ticket) -> Observations:
    response = ticket.first_bot_response
    return NONE if response is None else (_waited(ticket, response),)


def next_response_time(ticket: Ticket) -> Observations:
    if not ticket.next_responses:
        return NONE
    return tuple([_waited(ticket, response) for response in ticket.next_responses])


def _waited(ticket: Ticket, response: Response) -> Observation:
    return Observation(response.time, ticket.labels[response.labels], response.time - response.started)


METRICS = (
    ticket_metric(
        name="first_response_time",
        title="First response time",
        formula="from the creation (of an agent's own ticket: the customer's first message) "
        "to the first public agent reply",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("first_response",),
        observe=first_response_time,
    ),
    ticket_metric(
        name="first_bot_response_time",
        title="First bot response time",
        formula="from the creation (of an agent's own ticket: the customer's first message) "
        "to the first public reply of a bot",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("first_bot_response",),
        observe=first_bot_response_time,
    ),
    ticket_metric(
        name="next_response_time",
        title="Next response time",
        formula="after the first response: from the earliest unanswered public message of the customer "
        "to the next public agent reply; a resolve leaves nothing unanswered",
        unit="seconds",
        kind=Distribution(),
        more_is_better=False,
        reads=("next_responses",),
        observe=next_response_time,
    ),
)
