"""Survey answers about a ticket: what they lack they take from the ticket as it was then."""

from msgspec.structs import replace

from agents.surveys.answers import Answer
from agents.tickets.state import Past, Ticket


def standing_answers(ticket: Ticket) -> tuple[Answer, ...]:
    if ticket.gone or not ticket.registers:
        return ()
    answers = (answer for _, answer in ticket.registers.values() if answer is not None)
    return tuple(completed(answer, ticket.past) for answer in answers)


def completed(answer: Answer, past: tuple[Past, ...]) -> Answer:
    then = _at(past, answer)
    if then is None:
        return answer
    return replace(
        answer,
        channel=answer.channel or then.channel,
        team=answer.team or then.team,
        tier=answer.tier or then.tier,
        agent=answer.agent or then.agent,
    )


def _at(past: tuple[Past, ...], answer: Answer) -> Past | None:
    """An answer ranks after all events of its time and sequence."""
    for then in reversed(past):
        if (then.time, then.sequence) <= (answer.time, answer.sequence):
            return then
    return None
