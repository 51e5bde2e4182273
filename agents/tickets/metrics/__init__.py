"""The metrics of tickets: each a declaration and the function that says what a ticket contributes."""

from agents.tickets.definitions import TicketDefinitions
from agents.tickets.metrics import backlog, escalations, first_contact, resolutions, responses, volumes, waits
from streams.catalogue import Metric


def ticket_metrics(definitions: TicketDefinitions) -> tuple[Metric, ...]:
    return (
        *volumes.METRICS,
        *responses.METRICS,
        *resolutions.METRICS,
        *waits.METRICS,
        *first_contact.metrics(definitions),
        *escalations.METRICS,
        *backlog.METRICS,
    )
