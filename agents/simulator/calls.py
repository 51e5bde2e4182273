"""Calls: those that bring a ticket, those about one, and those that need none."""

from typing import Any

from agents.simulator.agenda import Story
from agents.simulator.customers import Customer
from agents.simulator.desk import Agent, Visit
from agents.simulator.surveys import about_call
from agents.simulator.tickets import FIRST_OF_ALL, Ticket
from agents.simulator.world import World
from streams.moments import SECOND

PATIENCE = 220.0
"Seconds in the queue, usually; who has no more of it hangs up."

_DIALLED_WRONG = 0.015
_PICKED_UP_AFTER = 3.0
_HOLD = 0.25
"The share of calls in which the agent has to look something up, or ask somebody."
_WRAP = 35.0
_QUICK_ANSWER = 130.0
"Seconds of talk about a question that needs no ticket, or about a ticket that others work on."
_QUICK_ANSWER_WILL_DO = 0.93
_ASKED_ABOUT_IT = 0.5


class Call:
    """A call from its offer to the end of the work after it; `ticket` is what it is about, if anything."""

    __slots__ = ("abandoned", "answered", "customer", "events", "id", "story", "team", "ticket")

    story: Story

    def __init__(self, id_: str, team: str, customer: Customer, ticket: Ticket | None) -> None:
        self.id = id_
        self.team = team
        self.customer = customer
        self.ticket = ticket
        self.answered: int | None = None
        self.abandoned = False
        self.events = 0


def offer(world: World, team: str, customer: Customer, ticket: Ticket | None = None) -> Call:
    """Into the queue of a team, for as long as the caller has patience."""
    world.calls += 1
    call = Call(f"{world.writer.run}-call-{world.calls:06}", team, customer, ticket)
    about = {} if ticket is None else {"ticket_id": ticket.case.ticket}
    _tell(world, call, "offered", queue=team, team=team, customer_id=customer.id, **about)
    world.agenda.start(_patience(world, call))
    return call


def pick_up(world: World, call: Call, agent: Agent) -> None:
    """By the first agent, or by another that it was transferred to."""
    if call.answered is None:
        call.answered = world.agenda.now
    _tell(world, call, "answered", agent_id=agent.id)


def transfer(world: World, call: Call, agent: Agent, team: str) -> None:
    call.team = team
    _tell(world, call, "transferred", to=team, agent_id=agent.id)


def talk(world: World, call: Call, length: int, resolved: bool) -> Story:
    """To the end of the work after it."""
    hold = int(length * (0.1 + 0.3 * world.dice.random())) if world.dice.happens(_HOLD) else 0
    yield length
    held = {"hold_seconds": hold // SECOND} if hold else {}
    _tell(world, call, "ended", talk_seconds=(length - hold) // SECOND, resolved=resolved, **held)
    wrap = world.dice.span(_WRAP, 0.6)
    yield wrap
    _tell(world, call, "wrapped", seconds=wrap // SECOND)


def ask(world: World, customer: Customer, team: str, ticket: Ticket | None = None) -> None:
    """A call for a quick answer, as to how a ticket of the customer's is getting on."""
    call = offer(world, team, customer, ticket)
    call.story = _question(world, call)
    world.agenda.start(call.story)


def _question(world: World, call: Call) -> Story:
    visit = Visit(call.story, world.agenda.now - FIRST_OF_ALL, live=True)
    world.teams[call.team].ask(visit)
    yield None
    agent = visit.agent
    assert agent is not None, "nobody else wakes a story that waits"
    yield world.dice.span(_PICKED_UP_AFTER)
    if not call.abandoned:
        pick_up(world, call, agent)
        solved = call.ticket is None and world.dice.happens(_QUICK_ANSWER_WILL_DO)
        yield from talk(world, call, world.dice.span(_QUICK_ANSWER / agent.speed, 0.5), solved)
        if call.ticket is None and world.dice.happens(_ASKED_ABOUT_IT):
            world.agenda.start(about_call(world, call.id, call.customer, agent, solved))
    world.teams[agent.team].release(agent)


def _patience(world: World, call: Call) -> Story:
    yield world.dice.span(2.0) if world.dice.happens(_DIALLED_WRONG) else world.dice.span(PATIENCE, 0.9)
    if call.answered is None:
        call.abandoned = True
        if call.ticket is not None and call.ticket.call is call:
            call.ticket.live = False
        _tell(world, call, "abandoned")


def _tell(world: World, call: Call, type_: str, **data: Any) -> None:
    call.events += 1
    world.writer.write(f"call.{type_}", call.id, call.events, data)
