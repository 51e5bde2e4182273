"""What agents do: they take tickets, answer, talk, pass on and wait for others."""

from collections.abc import Generator

from agents.simulator import calls, words
from agents.simulator.agenda import Story
from agents.simulator.desk import Agent, Visit
from agents.simulator.organisation import SPECIALISTS, TOPICS
from agents.simulator.tickets import FIRST_OF_ALL, Ticket, answer, tell
from agents.simulator.world import World
from streams.moments import MINUTE, SECOND

_FOLLOWING_TURN = 0.6
"Its work, as a share of that of the first."
_TOO_LONG = 12 * MINUTE
"Who waits longer in a chat has left; what was asked is answered in writing."
_ESCALATED = 0.3
_HELD = {"logistics": 0.3, "technical": 0.15}
_ANSWERED_AFTER = {"chat": 900, "phone": 5400, "social": 3600, "email": 10800, "web": 9000}
"Seconds until a customer answers a question in writing, usually."


def attend(world: World, ticket: Ticket) -> Generator[int | None, None, Agent]:
    """Waits for an agent of the ticket's team, best the one who knows it."""
    asked = world.agenda.now
    due = asked + ticket.patience - (FIRST_OF_ALL if ticket.live else 0)
    visit = Visit(ticket.story, due, ticket.agent, ticket.live)
    world.teams[ticket.team].ask(visit)
    yield None
    agent = visit.agent
    assert agent is not None, "nobody else wakes a story that waits"
    yield world.dice.span(5 if ticket.live else 40)
    if ticket.live and ticket.call is None and world.agenda.now - asked > _TOO_LONG:
        ticket.live = False
    if agent is not ticket.agent:
        ticket.agent = agent
        ticket.agents += 1
        tell(world, ticket, "assigned", agent_id=agent.id)
    if ticket.live and ticket.call is not None:
        calls.pick_up(world, ticket.call, agent)
    return agent


def solve(world: World, ticket: Ticket, agent: Agent) -> Story:
    """Turns of the agent, and of others, until the ticket is resolved."""
    while True:
        stalled = _stall(world, ticket)
        yield from (_talk if ticket.live else _write)(world, ticket, agent)
        ticket.turns -= not stalled
        if ticket.turns <= 0:
            ticket.resolved = True
            tell(world, ticket, "resolved", agent_id=agent.id)
        world.teams[agent.team].release(agent)
        if ticket.resolved:
            return
        ticket.live = False
        if stalled:
            yield from _wait_for_the_end(world, ticket)
        elif not _escalate(world, ticket, agent):
            yield from _wait(world, ticket)
        agent = yield from attend(world, ticket)


def pass_on(world: World, ticket: Ticket, agent: Agent) -> Generator[int | None, None, Agent]:
    """It came to the wrong team."""
    yield world.dice.span(60)
    team = TOPICS[ticket.case.topic].team
    if ticket.live and ticket.call is not None:
        calls.transfer(world, ticket.call, agent, team)
    _hand_over(world, ticket, team)
    world.teams[agent.team].release(agent)
    return (yield from attend(world, ticket))


def _write(world: World, ticket: Ticket, agent: Agent) -> Story:
    begun = world.agenda.now
    yield _work(world, ticket, agent)
    answer(world, ticket, agent)
    _handled(world, ticket, agent, begun)


def _talk(world: World, ticket: Ticket, agent: Agent) -> Story:
    begun = world.agenda.now
    length = _work(world, ticket, agent)
    answer(world, ticket, agent)
    if ticket.call is None:
        yield from _chat(world, ticket, agent, begun + length)
    else:
        yield from calls.talk(world, ticket.call, length, resolved=ticket.turns <= 1 and not ticket.stalled)
        ticket.call = None
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


def _stall(world: World, ticket: Ticket) -> bool:
    """Whether what is asked can't be solved now, whoever works on it."""
    incident = world.incident
    if incident is None or not incident.affects(ticket.case.topic, world.agenda.now):
        return False
    ticket.stalled = True
    return True


def _wait_for_the_end(world: World, ticket: Ticket) -> Story:
    """Of the incident."""
    assert world.incident is not None
    tell(world, ticket, "held")
    yield max(world.incident.end - world.agenda.now, 0) + world.dice.span(1200)
    tell(world, ticket, "resumed")


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
