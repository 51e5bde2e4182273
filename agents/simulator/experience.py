"""What customers make of how they were treated, as a figure from 0 to 1."""

from math import log2

from agents.simulator.desk import Agent
from agents.simulator.organisation import TOPICS
from agents.simulator.tickets import Ticket
from streams.moments import HOUR, MINUTE

_BEST = 0.97
_SOLVED_WITHIN = {
    "phone": 20 * MINUTE,
    "chat": 30 * MINUTE,
    "social": 8 * HOUR,
    "email": 20 * HOUR,
    "web": 20 * HOUR,
}
"How long a solution may take before it is felt to be slow."


def experience(ticket: Ticket, agent: Agent, now: int) -> float:
    answered = now if ticket.answered is None else ticket.answered
    felt = (
        _BEST
        - 0.10 * log2(1 + (answered - ticket.opened) / ticket.patience)
        - 0.06 * log2(1 + (now - ticket.opened) / _SOLVED_WITHIN[ticket.channel])
        - 0.20 * ticket.reopened
        - 0.06 * (ticket.agents - 1)
        - 0.05 * ticket.escalated
        - 0.15 * ticket.stalled
        + 0.4 * (agent.skill - 0.7)
    )
    return min(max(felt, 0.0), 1.0)


def quality(ticket: Ticket, agent: Agent) -> float:
    """How far the problem is really solved."""
    return min(max(agent.skill + 0.25 - 0.35 * TOPICS[ticket.case.topic].hardness, 0.0), 1.0)
