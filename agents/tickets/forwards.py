"""What a ticket tells its customer, where all the customer's tickets are known."""

from collections.abc import Mapping

from agents.tickets.labels import TOPIC
from agents.tickets.recontacts import TicketFact
from agents.tickets.state import Ticket
from streams.catalogue import Forward


def forwards(ticket: Ticket) -> Mapping[str, Forward]:
    created, topic = ticket.created, ticket.labels[ticket.now][TOPIC]
    if created is None or ticket.gone or ticket.customer is None or topic is None:
        return {}
    first = ticket.first_resolve
    fact = TicketFact(created.time, topic, None, None)
    if first is not None:
        fact = TicketFact(created.time, topic, first.time, ticket.labels[first.labels])
    return {"": Forward("customers", ticket.customer, fact.resolved or created.time, 0, fact)}
