"""What a ticket has in common with calls: those on it, and a first response that is like an answer."""

from collections.abc import Mapping

from msgspec.structs import replace

from agents.calls.outcomes import CALLS, CallFact, Outcome, outcomes_on_ticket, standing_on_ticket
from agents.calls.pickups import Pickup
from agents.folded import NOTHING_FOLDED
from agents.surveys.answers import Answer
from agents.tickets.labels import AGENT, CHANNEL, TEAM
from agents.tickets.state import Ticket


def outcomes(ticket: Ticket) -> tuple[Outcome, ...]:
    """The calls are entities of their own: they count whatever has become of the ticket."""
    return outcomes_on_ticket(ticket.registers) if ticket.registers else ()


def past_outcomes(ticket: Ticket) -> tuple[Outcome, ...]:
    return () if ticket.folded is None else ticket.folded.outcomes.of(Outcome)


def condense(ticket: Ticket, reached: Mapping[str, int]) -> None:
    """Keep of the older half of calls only what they came to."""
    registers = ticket.registers
    until = standing_on_ticket(registers, reached[CALLS]) if CALLS in reached else None
    if until is None:
        return
    kept = {key: told for key, told in registers.items() if _stays(told[1], until)}
    if len(kept) < len(registers):
        over = (each for each in outcomes_on_ticket(registers) if each.time <= until)
        folded = ticket.folded or NOTHING_FOLDED
        ticket.folded = replace(
            folded, until=folded.reached({CALLS: until}), outcomes=folded.outcomes.joined(over)
        )
        ticket.registers = kept


def _stays(fact: Answer | CallFact | None, until: int) -> bool:
    return not isinstance(fact, CallFact) or fact.offered > until


def pickups(ticket: Ticket) -> tuple[Pickup, ...]:
    response = ticket.first_response
    if response is None or ticket.created is None or ticket.gone:
        return ()
    labels = ticket.labels[response.labels]
    waited = response.time - response.started
    return (Pickup(response.time, waited, (None, labels[TEAM], labels[AGENT], labels[CHANNEL]), False),)
