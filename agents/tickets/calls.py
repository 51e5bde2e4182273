"""What a ticket has in common with calls: those on it, and a first response that is like an answer."""

from agents.calls.outcomes import Outcome, outcomes_on_ticket
from agents.calls.pickups import Pickup
from agents.tickets.labels import AGENT, CHANNEL, TEAM
from agents.tickets.state import Ticket


def outcomes(ticket: Ticket) -> tuple[Outcome, ...]:
    """The calls are entities of their own: they count whatever has become of the ticket."""
    return outcomes_on_ticket(ticket.registers) if ticket.registers else ()


def pickups(ticket: Ticket) -> tuple[Pickup, ...]:
    response = ticket.first_response
    if response is None or ticket.created is None or ticket.gone:
        return ()
    labels = ticket.labels[response.labels]
    waited = response.time - response.started
    return (Pickup(response.time, waited, (None, labels[TEAM], labels[AGENT], labels[CHANNEL]), False),)
