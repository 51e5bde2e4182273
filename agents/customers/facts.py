"""What a customer is told of calls and tickets, and what that comes to."""

from agents.calls.outcomes import CALLS, CallFact, Outcome, outcomes_of_customer, standing_of_customer
from agents.customers.state import Customer
from agents.folded import NOTHING_FOLDED
from agents.tickets.recontacts import TICKETS, Recontact, TicketFact, recontacts, standing

NEVER = -1
"Before all times."


def outcomes(customer: Customer) -> tuple[Outcome, ...]:
    return () if customer.gone or not customer.registers else outcomes_of_customer(customer.registers)


def past_outcomes(customer: Customer) -> tuple[Outcome, ...]:
    return () if customer.gone or customer.folded is None else customer.folded.outcomes.of(Outcome)


def resolved_tickets(customer: Customer) -> tuple[Recontact, ...]:
    return () if customer.gone or not customer.registers else recontacts(customer.registers)


def past_recontacts(customer: Customer) -> tuple[Recontact, ...]:
    return () if customer.gone or customer.folded is None else customer.folded.recontacts.of(Recontact)


def condense(customer: Customer) -> None:
    """Keep of the older half of calls and of resolved tickets only what they came to."""
    registers = customer.registers
    found = {CALLS: standing_of_customer(registers), TICKETS: standing(registers)}
    until = {domain: time for domain, time in found.items() if time is not None}
    calls, tickets = until.get(CALLS, NEVER), until.get(TICKETS, NEVER)

    def stays(fact: TicketFact | CallFact | None) -> bool:
        if isinstance(fact, CallFact):
            return fact.offered > calls
        return fact is not None and (fact.resolved is None or fact.resolved > tickets)

    kept = {key: told for key, told in registers.items() if stays(told[1])}
    if len(kept) < len(registers):
        customer.folded = (customer.folded or NOTHING_FOLDED).joined(
            until,
            (each for each in outcomes_of_customer(registers) if each.time <= calls),
            (each for each in recontacts(registers) if each.time <= tickets),
        )
        customer.registers = kept
