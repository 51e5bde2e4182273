"""The service levels of tickets: their fold goes on beside that of the ticket."""

from collections.abc import Mapping
from dataclasses import replace as with_fields
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from agents.dimensions import TICKET_DIMENSIONS, Labels
from agents.sla.fold import Step
from agents.sla.following import KEPT_DAYS, NOTHING, Follower
from agents.sla.policies import AGENT_WORK, REQUESTER_WAIT, RESOLUTION, TOTAL_RESOLUTION, Facts
from agents.sla.records import TOPIC as SLA_TOPIC
from agents.sla.state import ServiceLevels
from agents.tickets.agent import TICKETS
from agents.tickets.events import Fields, Replied
from agents.tickets.labels import of_agent, place_of
from agents.tickets.state import Ticket
from streams.catalogue import Domain
from streams.events import Event
from streams.optional import given

FROM_CREATION = (RESOLUTION, TOTAL_RESOLUTION, REQUESTER_WAIT, AGENT_WORK)


class Was(NamedTuple):
    """What a ticket was before an event."""

    created: bool
    closed: bool
    status: str
    labels: int


class TicketLevels(Follower[Ticket]):
    """Follows tickets under policies."""

    kind = "ticket"
    reads = ("sla", "passed", "created", "gone")

    def domain(self, tickets: Domain = TICKETS) -> Domain:
        """Tickets with their service levels."""
        return with_fields(
            tickets,
            types=tuple(
                type_ if type_.ours else type_._replace(fold=self.followed(type_.fold))
                for type_ in tickets.types
            ),
            subjects=(*tickets.subjects, *self.subjects),
            deadlines=self.deadlines,
            signals=self.signals,
            signal_topics={SLA_TOPIC: KEPT_DAYS},
        )

    def counts(self, state: Ticket) -> bool:
        return state.created is not None and not state.gone

    def table(self, state: Ticket) -> tuple[Labels, ...]:
        return state.labels

    def dimensions(self, state: Ticket, target: str, policy: str, place: int) -> tuple[str | None, ...]:
        channel, priority, team, _, agent, _ = state.labels[place]
        return (target, policy, priority, channel, team, agent)

    def named(self, state: Ticket, place: int) -> Mapping[str, str | None]:
        return dict(zip(TICKET_DIMENSIONS, state.labels[place], strict=True))

    def look(self, state: Ticket) -> Was:
        return Was(state.created is not None, state.closed is not None, state.status, state.now)

    def follow(self, state: Ticket, event: Event, was: Was) -> None:
        if not was.closed or (state.created is not None and not was.created):
            self._follow(state, event, was)

    def _follow(self, ticket: Ticket, event: Event, was: Was) -> None:
        levels = ticket.sla or NOTHING
        tags = _tags(event.data, levels.tags)
        if ticket.created is None:
            if tags != levels.tags:
                ticket.sla = replace(levels, tags=tags)
            return
        if not was.created:
            levels = replace(levels, source=event.source)
        retold = tags != levels.tags or ticket.now != was.labels
        reply = event.data if isinstance(event.data, Replied) else None
        closing = ticket.closed is not None and not was.closed
        if was.created and not (retold or reply or closing or ticket.status != was.status):
            return
        if tags != levels.tags:
            levels = replace(levels, tags=tags)
        step = Step(self.rules, levels, _facts(ticket, levels), event.time)
        if not was.created:
            _create(step, ticket, event.data, was)
        elif retold:
            step.move(was.status, ticket.now)
            step.bind()
        if reply is not None:
            _reply(step, ticket, reply)
        if ticket.status != was.status or closing:
            _turn(step, ticket, was, closing)
        ticket.sla = step.done()


def _create(step: Step, ticket: Ticket, fields: Fields, was: Was) -> None:
    """Nothing starts on what was resolved before its creation."""
    step.move(was.status, ticket.now)
    if was.status == "resolved":
        return
    step.start(*FROM_CREATION)
    if given(fields.created_by) != "agent":
        step.begin_first_response()


def _reply(step: Step, ticket: Ticket, reply: Replied) -> None:
    public = reply.public is not False
    if reply.author == "customer":
        step.customer_message(public)
    elif reply.author == "agent" and public:
        place = place_of(ticket, of_agent(ticket.labels[ticket.now], given(reply.agent_id)))
        step.agent_reply(place, resolved=ticket.resolved)


def _turn(step: Step, ticket: Ticket, was: Was, closing: bool) -> None:
    step.move(ticket.status, ticket.now)
    if closing or ticket.resolved:
        step.resolve(ticket.now)
    elif was.status == "resolved":
        step.reopen()
    else:
        step.halt(ticket.status)


def _tags(data: object, known: tuple[str, ...]) -> tuple[str, ...]:
    """What is absent stays, null and "" clear."""
    if not isinstance(data, Fields) or data.tags is UNSET:
        return known
    return tuple(sorted(set(data.tags or ())))


def _facts(ticket: Ticket, levels: ServiceLevels) -> Facts:
    channel, priority, team, tier, _, topic = ticket.labels[ticket.now]
    return Facts(
        channel=channel,
        priority=priority,
        team=team,
        tier=tier,
        topic=topic,
        source=levels.source,
        tags=levels.tags,
    )
