"""Survey answers about a ticket: what they lack they take from the ticket as it was then."""

from msgspec.structs import replace

from agents.dimensions import Labels
from agents.surveys.answers import Answer
from agents.tickets.state import Ticket


def standing_answers(ticket: Ticket) -> tuple[Answer, ...]:
    if ticket.gone or not ticket.registers:
        return ()
    answers = (answer for _, answer in ticket.registers.values() if isinstance(answer, Answer))
    return tuple(_completed(answer, _labels_at(ticket, answer)) for answer in answers)


def _completed(answer: Answer, labels: Labels | None) -> Answer:
    if labels is None:
        return answer
    channel, _, team, tier, agent, _ = labels
    return replace(
        answer,
        channel=answer.channel or channel,
        team=answer.team or team,
        tier=answer.tier or tier,
        agent=answer.agent or agent,
    )


def _labels_at(ticket: Ticket, answer: Answer) -> Labels | None:
    """An answer ranks after all events of its time and sequence."""
    for then in reversed(ticket.past):
        if (then.time, then.sequence) <= (answer.time, answer.sequence):
            return ticket.labels[then.labels]
    return None
