"""The job in our own engine: a catalogue with a domain, two metrics and one set of dimensions."""

from agents.tickets.events import Fields, Replied, Resolved
from streams.catalogue import NONE, Catalogue, Domain, Family, Metric, Observation, Observations, Subject
from streams.events import Event, EventType
from streams.optional import given
from streams.settings import load
from streams.state.record import State
from streams.windows.kinds import Distribution
from streams.worker import run


class Ticket(State):
    created: int | None = None
    labels: tuple[str | None, ...] = (None, None)
    first_reply: int | None = None
    resolved: int | None = None
    replies: int = 0
    agent: str | None = None


def created(ticket: Ticket, event: Event) -> None:
    ticket.created = event.time
    ticket.labels = (given(event.data.channel), given(event.data.priority))


def replied(ticket: Ticket, event: Event) -> None:
    ticket.replies += 1
    ticket.agent = given(event.data.agent_id)
    if ticket.first_reply is None and event.data.author == "agent":
        ticket.first_reply = event.time


def resolved(ticket: Ticket, event: Event) -> None:
    ticket.resolved = event.time


def first_response(ticket: Ticket) -> Observations:
    return _took(ticket, ticket.first_reply)


def resolution(ticket: Ticket) -> Observations:
    return _took(ticket, ticket.resolved)


def _took(ticket: Ticket, until: int | None) -> Observations:
    if ticket.created is None or until is None:
        return NONE
    return (Observation(until, ticket.labels, until - ticket.created),)


TICKETS = Domain(
    name="tickets",
    kinds=("ticket.",),
    types=(
        EventType("ticket.created", Fields, created),
        EventType("ticket.replied", Replied, replied),
        EventType("ticket.resolved", Resolved, resolved),
    ),
    state=Ticket,
    subjects=(Subject("ticket", lambda ticket: (ticket,), reads=(), whole=True),),
    settled=lambda ticket: ticket.resolved is not None,
)

FAMILY = Family(name="tickets", dimensions=("channel", "priority"), sets=(("channel", "priority"),))


def _metric(name: str, observe: object, field: str) -> Metric:
    return Metric(
        name=name,
        title=name,
        formula=name,
        unit="seconds",
        kind=Distribution(),
        family=FAMILY,
        windows=(),
        more_is_better=False,
        of="ticket",
        reads=("created", "labels", field),
        observe=observe,
    )


CATALOGUE = Catalogue(
    domains=(TICKETS,),
    metrics=(
        _metric("first_response", first_response, "first_reply"),
        _metric("resolution", resolution, "resolved"),
    ),
)

if __name__ == "__main__":
    run(CATALOGUE, load(None))
