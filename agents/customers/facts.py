"""What a customer is told of calls and tickets, and what that comes to."""

from collections.abc import Mapping

from agents.calls.outcomes import CALLS, CallFact, Outcome, outcomes_of_customer, standing_of_customer
from agents.customers.state import Customer
from agents.folded import NOTHING_FOLDED, FoldedFacts
from agents.tickets.recontacts import TICKETS, Recontact, TicketFact, creations_after, recontacts, standing

NEVER = -1
"Before all times."


def outcomes(customer: Customer) -> tuple[Outcome, ...]:
    return () if customer.gone or not customer.registers else outcomes_of_customer(customer.registers)


def past_outcomes(customer: Customer) -> tuple[Outcome, ...]:
    return () if customer.gone or customer.folded is None else customer.folded.outcomes.of(Outcome)


def resolved_tickets(customer: Customer) -> tuple[Recontact, ...]:
    if customer.gone or not customer.registers:
        return ()
    return recontacts(customer.registers, (customer.folded or NOTHING_FOLDED).creations)


def past_recontacts(customer: Customer) -> tuple[Recontact, ...]:
    return () if customer.gone or customer.folded is None else customer.folded.recontacts.of(Recontact)


def condense(customer: Customer, reached: Mapping[str, int]) -> None:
    """Keep of the older half of calls and of resolved tickets only what they came to."""
    registers, folded = customer.registers, customer.folded or NOTHING_FOLDED
    until: dict[str, int] = {}
    if CALLS in reached and (time := standing_of_customer(registers, reached[CALLS])) is not None:
        until[CALLS] = time
    if TICKETS in reached and (time := standing(registers, folded.creations, reached[TICKETS])) is not None:
        until[TICKETS] = time
    calls, tickets = until.get(CALLS, NEVER), until.get(TICKETS, NEVER)
    kept = {key: told for key, told in registers.items() if _stays(told[1], calls, tickets)}
    if len(kept) == len(registers):
        return
    past_calls = (each for each in outcomes_of_customer(registers) if each.time <= calls)
    past_tickets = (each for each in recontacts(registers, folded.creations) if each.time <= tickets)
    customer.registers = kept
    customer.folded = FoldedFacts(
        until=folded.reached(until),
        outcomes=folded.outcomes.joined(past_calls),
        recontacts=folded.recontacts.joined(past_tickets),
        creations=dict(creations_after(tickets, registers, kept, folded.creations)),
    )


def _stays(fact: TicketFact | CallFact | None, calls: int, tickets: int) -> bool:
    if isinstance(fact, CallFact):
        return fact.offered > calls
    return fact is not None and (fact.resolved is None or fact.resolved > tickets)
