"""A ticket, as those who live through it know it."""

from typing import TYPE_CHECKING, Any

from agents.simulator.agenda import Story
from agents.simulator.customers import Case, Customer
from agents.simulator.desk import Agent
from agents.simulator.dice import Dice
from agents.simulator.organisation import PRIORITIES, TOPICS
from agents.simulator.world import World
from streams.moments import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from agents.simulator.calls import Call

SESSIONS = frozenset({"chat", "phone"})
"Channels where the customer stays until it is done, or gives up."

PATIENCE = {"phone": 2 * MINUTE, "chat": 3 * MINUTE, "social": 2 * HOUR, "email": 5 * HOUR, "web": 5 * HOUR}
"How long a first answer may take before it is felt to be slow."

URGENCY = {"urgent": 0.12, "high": 0.4, "normal": 1.0, "low": 2.0}
"What the priority makes of the patience."

FIRST_OF_ALL = 2 * DAY
"Those who are there come before all that is written, however late that is."

_MISROUTED = 0.05
_SPAM = 0.025


class Ticket:
    __slots__ = (
        "agent", "agents", "answered", "call", "case", "channel", "customer", "escalated", "events",
        "experience", "live", "opened", "priority", "reopened", "resolved", "spam", "stalled", "story",
        "team", "turns",
    )  # fmt: skip

    story: Story

    def __init__(self, id_: str, customer: Customer, channel: str, topic: str, now: int, dice: Dice) -> None:
        self.case = Case(id_, topic)
        self.customer = customer
        self.channel = channel
        self.priority = PRIORITIES[customer.tier].pick(dice)
        self.opened = now
        self.live = channel in SESSIONS
        "The customer is there, on the phone or in the chat."
        self.spam = not self.live and dice.happens(_SPAM)
        self.team = _team(topic, dice) if channel != "chat" else TOPICS[topic].team
        self.turns = _turns(topic, dice)
        "How often an agent still has to work on it."
        self.agent: Agent | None = None
        self.agents = 0
        "How many have had to do with it."
        self.call: Call | None = None
        "The one that is under way."
        self.answered: int | None = None
        self.events = 0
        self.escalated = False
        self.stalled = False
        "By an incident."
        self.reopened = 0
        self.resolved = False
        self.experience = 0.0
        "Of the customer, 0 to 1, as of the latest resolve."

    @property
    def patience(self) -> int:
        return int(PATIENCE[self.channel] * (1.0 if self.live else URGENCY[self.priority]))


def tell(world: World, ticket: Ticket, type_: str, **data: Any) -> None:
    ticket.events += 1
    world.writer.write(f"ticket.{type_}", ticket.case.ticket, ticket.events, data)


def answer(world: World, ticket: Ticket, agent: Agent) -> None:
    if ticket.answered is None:
        ticket.answered = world.agenda.now
    tell(world, ticket, "replied", author="agent", agent_id=agent.id)


def _team(topic: str, dice: Dice) -> str:
    """Routed by what it seems to be about, or by the key that a caller has pressed."""
    if dice.happens(_MISROUTED):
        return "billing" if TOPICS[topic].team == "care" else "care"
    return TOPICS[topic].team


def _turns(topic: str, dice: Dice) -> int:
    turns = 1
    while turns < 6 and dice.happens(0.7 * TOPICS[topic].hardness):
        turns += 1
    return turns
