"""The service levels of tickets: their fold goes on beside that of the ticket."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import replace as with_fields
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from agents.sla import views
from agents.sla.fold import Step, advanced
from agents.sla.metrics import OPEN, SUBJECT, Standing, Verdict
from agents.sla.policies import (
    AGENT_WORK,
    REQUESTER_WAIT,
    RESOLUTION,
    TARGETS,
    TOTAL_RESOLUTION,
    Facts,
    Policies,
)
from agents.sla.records import TOPIC as SLA_TOPIC
from agents.sla.records import changes, records
from agents.sla.standing import parts, stretches
from agents.sla.state import Instance, ServiceLevels
from agents.tickets.agent import TICKETS, counted
from agents.tickets.events import Fields, Replied
from agents.tickets.labels import AGENT, CHANNEL, PRIORITY, TEAM, TIER, TOPIC, of_agent, place_of
from agents.tickets.state import Ticket
from streams.catalogue import Deadline, Domain, Signal, Subject
from streams.events import Event, given

Fold = Callable[[Ticket, Event], None]
READS = ("sla", "passed", "created", "gone")
FROM_CREATION = (RESOLUTION, TOTAL_RESOLUTION, REQUESTER_WAIT, AGENT_WORK)
KEPT_DAYS = 30
"The records of what happened."

NOTHING_YET = ServiceLevels()


class Was(NamedTuple):
    """What a ticket was before an event."""

    created: bool
    closed: bool
    status: str
    labels: int


@dataclass(frozen=True, eq=False)
class TicketLevels:
    """Follows tickets under policies."""

    rules: Policies

    def domain(self, tickets: Domain = TICKETS) -> Domain:
        """Tickets with their service levels."""
        return with_fields(
            tickets,
            types=tuple(
                type_ if type_.ours else type_._replace(fold=self._followed(type_.fold))
                for type_ in tickets.types
            ),
            subjects=(
                *tickets.subjects,
                Subject(SUBJECT, self.verdicts, reads=READS),
                Subject(OPEN, self.standings, reads=READS),
            ),
            deadlines=self.deadlines,
            signals=self.signals,
            signal_topics={SLA_TOPIC: KEPT_DAYS},
        )

    def instances(self, ticket: Ticket | None) -> tuple[Instance, ...]:
        """Of a ticket that counts, as they are when it is known how much time has passed."""
        if ticket is None or ticket.sla is None or not counted(ticket):
            return ()
        return views.at(ticket.sla, ticket.passed, self.rules)

    def verdicts(self, ticket: Ticket) -> tuple[Verdict, ...]:
        found = (views.outcome(instance, self.rules) for instance in self.instances(ticket))
        return tuple(
            Verdict(
                outcome.time, _dimensions(ticket, outcome.target, outcome.policy, outcome.labels), outcome.met
            )
            for outcome in found
            if outcome is not None
        )

    def standings(self, ticket: Ticket) -> tuple[Standing, ...]:
        return tuple(
            standing for instance in self.instances(ticket) for standing in self._standings(ticket, instance)
        )

    def deadlines(self, ticket: Ticket, clock: int) -> Iterator[Deadline]:
        if ticket.sla is None or not counted(ticket):
            return iter(())
        return views.deadlines(ticket.sla, ticket.passed, clock, self.rules)

    def signals(self, subject: str, before: Ticket | None, after: Ticket) -> Iterator[Signal]:
        old, new = self.instances(before), self.instances(after)
        same = {id(instance) for instance in old} & {id(instance) for instance in new}
        return changes(
            self._records(subject, before, [each for each in old if id(each) not in same]),
            self._records(subject, after, [each for each in new if id(each) not in same]),
        )

    def _standings(self, ticket: Ticket, instance: Instance) -> Iterator[Standing]:
        levels = ticket.sla
        assert levels is not None
        target = TARGETS[instance.target]
        for stretch in stretches(instance):
            policy = self.rules.goals[stretch.goal].policy.name
            for begin, end, labels in parts(
                stretch, levels.moments, reopens=instance.target == TOTAL_RESOLUTION
            ):
                dimensions = _dimensions(ticket, target, policy, labels)
                yield Standing(begin, end, stretch.state, dimensions, stretch.deadline)

    def _records(self, subject: str, ticket: Ticket | None, found: list[Instance]) -> dict[str, Signal]:
        if ticket is None or not found:
            return {}
        known = ticket.labels
        return records(subject, found, self.rules, lambda place: _named(known[place]))

    def _followed(self, fold: Fold) -> Fold:
        def followed(ticket: Ticket, event: Event) -> None:
            levels = ticket.sla
            if levels is not None and levels.next is not None and levels.next < event.time:
                ticket.sla = advanced(levels, event.time, self.rules)
            was = Was(ticket.created is not None, ticket.closed is not None, ticket.status, ticket.now)
            fold(ticket, event)
            if not was.closed or (ticket.created is not None and not was.created):
                self._follow(ticket, event, was)

        return followed

    def _follow(self, ticket: Ticket, event: Event, was: Was) -> None:
        levels = ticket.sla or NOTHING_YET
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
    labels = ticket.labels[ticket.now]
    return Facts(
        channel=labels[CHANNEL],
        priority=labels[PRIORITY],
        team=labels[TEAM],
        tier=labels[TIER],
        topic=labels[TOPIC],
        source=levels.source,
        tags=levels.tags,
    )


def _dimensions(ticket: Ticket, target: str, policy: str, place: int) -> tuple[str | None, ...]:
    labels = ticket.labels[place]
    return (target, policy, labels[PRIORITY], labels[CHANNEL], labels[TEAM], labels[AGENT])


def _named(labels: tuple[str | None, ...]) -> Mapping[str, str | None]:
    return {
        "channel": labels[CHANNEL],
        "priority": labels[PRIORITY],
        "team": labels[TEAM],
        "tier": labels[TIER],
        "agent": labels[AGENT],
        "topic": labels[TOPIC],
    }
