"""The life of a ticket, from its creation to its close."""

from agents.simulator import calls, words
from agents.simulator.agenda import Story
from agents.simulator.customers import Customer
from agents.simulator.desk import Agent
from agents.simulator.experience import experience, quality
from agents.simulator.organisation import DEMAND, SPECIALISTS, TOPICS
from agents.simulator.surveys import about_ticket
from agents.simulator.tickets import Ticket, tell
from agents.simulator.work import attend, pass_on, solve
from agents.simulator.world import World
from streams.moments import DAY, SECOND

CLOSED_AFTER = 4 * DAY

_GREETED_BY_BOT = 0.6
_IMPATIENT = 0.3
_ASKS_ELSEWHERE = 0.3
_CALLS_ABOUT_IT = 0.25
_CALLS_AGAIN = 0.6
_RESTORED = 0.15
_SURVEYED = 0.9


def begin(world: World, customer: Customer, channel: str, topic: str | None = None) -> None:
    if world.tickets_left == 0:
        return
    if world.tickets_left is not None:
        world.tickets_left -= 1
    world.tickets += 1
    topic = topic or DEMAND.pick(world.dice)
    if channel == "phone" and not world.teams[TOPICS[topic].team].staffed:
        channel = "email"  # the line is closed
    id_ = f"{world.writer.run}-{world.tickets:06}"
    ticket = Ticket(id_, customer, channel, topic, world.agenda.now, world.dice)
    ticket.story = _life(world, ticket)
    world.agenda.start(ticket.story)
    if not ticket.spam and world.dice.happens(_IMPATIENT):
        world.agenda.start(_impatience(world, ticket))


def _life(world: World, ticket: Ticket) -> Story:
    yield from _opened(world, ticket)
    agent = yield from attend(world, ticket)
    if ticket.team not in (TOPICS[ticket.case.topic].team, SPECIALISTS):
        agent = yield from pass_on(world, ticket, agent)
    if ticket.spam or _is_duplicate(ticket):
        yield from _dismissed(world, ticket, agent)
        if not ticket.spam or not world.dice.happens(_RESTORED):
            return
        yield world.dice.span(7200)
        tell(world, ticket, "restored")
        agent = yield from attend(world, ticket)
    while True:
        yield from solve(world, ticket, agent)
        returns = _resolved(world, ticket, agent)
        if not returns:
            break
        yield from _reopened(world, ticket)
        agent = yield from attend(world, ticket)
    yield CLOSED_AFTER
    tell(world, ticket, "closed")


def _opened(world: World, ticket: Ticket) -> Story:
    customer = ticket.customer
    if not ticket.spam:
        customer.waits_for(ticket.case)
    tell(
        world, ticket, "created",
        customer_id=customer.id,
        channel=ticket.channel,
        priority=ticket.priority,
        team=ticket.team,
        tier=customer.tier,
        topic=ticket.case.topic,
        language=customer.language,
    )  # fmt: skip
    if ticket.channel == "phone":
        ticket.call = calls.offer(world, ticket.team, customer, ticket)
    if ticket.channel == "chat" and world.dice.happens(_GREETED_BY_BOT):
        yield world.dice.span(2)
        tell(world, ticket, "replied", author="bot")


def _is_duplicate(ticket: Ticket) -> bool:
    """The customer has asked the same before, and still waits."""
    case = ticket.customer.case
    return case is not None and case.topic == ticket.case.topic and case.ticket != ticket.case.ticket


def _dismissed(world: World, ticket: Ticket, agent: Agent) -> Story:
    if ticket.live and ticket.call is not None:
        yield from calls.talk(world, ticket.call, world.dice.span(90), resolved=False)
    yield world.dice.span(30)
    case = ticket.customer.case
    if ticket.spam:
        tell(world, ticket, "removed", reason="spam")
    elif case is not None:
        tell(world, ticket, "merged", into=case.ticket)
    world.teams[agent.team].release(agent)


def _resolved(world: World, ticket: Ticket, agent: Agent) -> bool:
    """What the resolve brings about; says whether the ticket will be reopened."""
    now, dice = world.agenda.now, world.dice
    ticket.experience = experience(ticket, agent, now)
    ticket.customer.live_through(ticket.case, ticket.experience)
    if dice.happens(_SURVEYED):
        world.agenda.start(about_ticket(world, ticket))
    unsolved = 1.0 - quality(ticket, agent)
    if dice.happens(0.01 + 0.2 * unsolved):
        return True
    if dice.happens(0.01 + 0.15 * unsolved):
        world.agenda.start(_asks_again(world, ticket))
    return False


def _reopened(world: World, ticket: Ticket) -> Story:
    yield world.dice.span(9 * 3600, 1.0)
    ticket.resolved = False
    ticket.reopened += 1
    ticket.turns = 1
    ticket.customer.waits_for(ticket.case)
    by_phone = ticket.channel == "phone" and world.dice.happens(_CALLS_AGAIN)
    ticket.live = by_phone and world.teams[ticket.team].staffed
    if ticket.live:
        ticket.call = calls.offer(world, ticket.team, ticket.customer, ticket)
    else:
        tell(world, ticket, "replied", author="customer", text=world.dice.one_of(words.AGAIN))
    yield world.dice.span(1)
    tell(world, ticket, "reopened")


def _asks_again(world: World, ticket: Ticket) -> Story:
    """Later, on the same topic, in a ticket of its own."""
    yield world.dice.span(36 * 3600, 0.8)
    begin(world, ticket.customer, ticket.channel, ticket.case.topic)


def _impatience(world: World, ticket: Ticket) -> Story:
    yield world.dice.span(1.4 * ticket.patience / SECOND, 0.3)
    if ticket.answered is not None or ticket.resolved:
        return
    if not ticket.live and world.dice.happens(_ASKS_ELSEWHERE):
        begin(world, ticket.customer, "web", ticket.case.topic)
    elif not ticket.live and world.teams[ticket.team].staffed and world.dice.happens(_CALLS_ABOUT_IT):
        calls.ask(world, ticket.customer, ticket.team, ticket)
    else:
        tell(world, ticket, "replied", author="customer", text=world.dice.one_of(words.IMPATIENT))
