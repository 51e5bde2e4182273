"""What agents do: they take tickets, answer, talk, pass on and wait for others."""

from collections.abc import Generator

from agents.simulator import words
from agents.simulator.agenda import Story
from agents.simulator.desk import Agent, Visit
from agents.simulator.organisation import SPECIALISTS, TOPICS
from agents.simulator.tickets import Ticket, answer, tell
from agents.simulator.world import World
from streams.moments import DAY, MINUTE, SECOND

_FOLLOWING_TURN = 0.6
"Its work, as a share of that of the first."
_HEAD_START = 2 * DAY
"Those who are there come before all that is written, however late that is."
_TOO_LONG = 12 * MINUTE
"Who waits longer for a session has left; what was asked is answered in writing."
_ESCALATED = 0.3
_HELD = {"logistics": 0.3, "technical": 0.15}
_ANSWERED_AFTER = {"chat": 900, "phone": 5400, "social": 3600, "email": 10800, "web": 9000}
"Seconds until a customer answers a question in writing, usually."


def attend(world: World, ticket: Ticket) -> Generator[int | None, None, Agent]:
    """Waits for an agent of the ticket's team, best the one who knows it."""
    asked = world.agenda.now
    due = asked + ticket.patience - (_HEAD_START if ticket.live else 0)
    visit = Visit(ticket.story, due, ticket.agent)
    world.teams[ticket.team].ask(visit)
    yield None
    agent = visit.agent
    assert agent is not None, "nobody else wakes a story that waits"
    yield world.dice.span(5 if ticket.live else 40)
    if ticket.live and world.agenda.now - asked > _TOO_LONG:
        ticket.live = False
    if agent is not ticket.agent:
        ticket.agent = agent
        tell(world, ticket, "assigned", agent_id=agent.id)
    return agent


def solve(world: World, ticket: Ticket, agent: Agent) -> Story:
    """Turns of the agent, and of others, until the ticket is resolved."""
    while True:
        yield from (_talk if ticket.live else _write)(world, ticket, agent)
        ticket.turns -= 1
        if ticket.turns <= 0:
            ticket.resolved = True
            tell(world, ticket, "resolved", agent_id=agent.id)
        world.teams[agent.team].release(agent)
        if ticket.resolved:
            return
        ticket.live = False
        if not _escalate(world, ticket, agent):
            yield from _wait(world, ticket)
        agent = yield from attend(world, ticket)


def pass_on(world: World, ticket: Ticket, agent: Agent) -> Generator[int | None, None, Agent]:
    """It came to the wrong team."""
    yield world.dice.span(60)
    _hand_over(world, ticket, TOPICS[ticket.case.topic].team)
    world.teams[agent.team].release(agent)
    return (yield from attend(world, ticket))


def _write(world: World, ticket: Ticket, agent: Agent) -> Story:
    begun = world.agenda.now
    yield _work(world, ticket, agent)
    answer(world, ticket, agent)
    _handled(world, ticket, agent, begun)


def _talk(world: World, ticket: Ticket, agent: Agent) -> Story:
    begun = world.agenda.now
    end = begun + _work(world, ticket, agent)
    answer(world, ticket, agent)
    if ticket.channel == "phone":
        yield end - begun
    else:
        yield from _chat(world, ticket, agent, end)
    _handled(world, ticket, agent, begun)


def _chat(world: World, ticket: Ticket, agent: Agent, end: int) -> Story:
    while world.agenda.now < end:
        yield world.dice.span(70)
        tell(world, ticket, "replied", author="customer", text=world.dice.one_of(words.DETAILS))
        yield world.dice.span(100)
        answer(world, ticket, agent)


def _work(world: World, ticket: Ticket, agent: Agent) -> int:
    minutes = TOPICS[ticket.case.topic].minutes / agent.speed
    begun = ticket.answered is not None
    return world.dice.span(60 * minutes * (_FOLLOWING_TURN if begun else 1.0), 0.45)


def _handled(world: World, ticket: Ticket, agent: Agent, begun: int) -> None:
    seconds = (world.agenda.now - begun) // SECOND
    tell(world, ticket, "handled", agent_id=agent.id, seconds=seconds)


def _escalate(world: World, ticket: Ticket, agent: Agent) -> bool:
    """What is hard, and beyond the agent's skill, goes to specialists, once."""
    chance = _ESCALATED * TOPICS[ticket.case.topic].hardness * (1.6 - agent.skill)
    if ticket.escalated or agent.team == SPECIALISTS or not world.dice.happens(chance):
        return False
    ticket.escalated = True
    reason = "customer asked for it" if ticket.case.topic == "complaint" else "beyond first line"
    tell(world, ticket, "escalated", to=SPECIALISTS, reason=reason)
    if ticket.priority in ("low", "normal"):
        ticket.priority = "high"
        tell(world, ticket, "updated", priority="high")
    _hand_over(world, ticket, SPECIALISTS)
    return True


def _hand_over(world: World, ticket: Ticket, team: str) -> None:
    ticket.team, ticket.agent = team, None
    tell(world, ticket, "assigned", team=team, agent_id=None)


def _wait(world: World, ticket: Ticket) -> Story:
    """For the customer's answer, or for somebody outside."""
    if world.dice.happens(_HELD.get(ticket.team, 0.05)):
        tell(world, ticket, "held")
        yield world.dice.span(20 * 3600, 0.7)
        tell(world, ticket, "resumed")
        return
    yield world.dice.span(5)
    tell(world, ticket, "pended")
    yield world.dice.span(_ANSWERED_AFTER[ticket.channel], 0.9)
    tell(world, ticket, "replied", author="customer", text=world.dice.one_of(words.DETAILS))
    yield world.dice.span(1)
    tell(world, ticket, "resumed")
