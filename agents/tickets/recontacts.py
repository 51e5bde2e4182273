"""Whether a customer came back on a resolved topic: counted where all the customer's tickets are known."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from agents.dimensions import Labels
from streams.events import Instant
from streams.moments import DAY

WINDOW = 7 * DAY

LATE = 7 * DAY
"What is told of tickets later than others by so much may not be in time for what is folded away."

TICKETS = "tickets"
"Who tells of tickets."

Registers = Mapping[str, tuple[int, Any]]
Creations = Mapping[str, tuple[int, ...]]
"By topic."
NO_CREATIONS: Creations = {}


class TicketFact(Struct, frozen=True, array_like=True, tag="ticket", gc=False):
    """What a customer knows of a ticket; `labels` are those of its first resolve."""

    created: Instant
    topic: str
    resolved: Instant | None
    labels: Annotated[Labels, Meta(min_length=6, max_length=6)] | None

    @property
    def since(self) -> int:
        """A resolve may lie before the creation."""
        return self.created if self.resolved is None else min(self.created, self.resolved)


class Recontact(Struct, frozen=True, array_like=True, gc=False):
    """A ticket that was ever resolved, by its first resolve."""

    time: int
    labels: Labels
    good: bool
    "Which here means that the customer came back."


def recontacts(registers: Registers, folded: Creations = NO_CREATIONS) -> tuple[Recontact, ...]:
    """`folded` are creations of which nothing else is told any more."""
    topics: defaultdict[str, list[TicketFact]] = defaultdict(list)
    for ticket in _tickets(registers):
        topics[ticket.topic].append(ticket)
    found: list[Recontact] = []
    for topic, tickets in topics.items():
        creations = sorted([*(ticket.created for ticket in tickets), *folded.get(topic, ())])
        for ticket in tickets:
            if ticket.resolved is not None and ticket.labels is not None:
                came_back = _came_back(creations, ticket.resolved, ticket.created)
                found.append(Recontact(ticket.resolved, ticket.labels, came_back))
    return tuple(found)


def standing(registers: Registers, folded: Creations, reached: int) -> int | None:
    """Up to when nothing more can come of resolved tickets, as far as that is the older half of them.

    `reached` is up to when tickets have been told.
    """
    resolves = sorted(ticket.resolved for ticket in _tickets(registers) if ticket.resolved is not None)
    if not resolves:
        return None
    found = recontacts(registers, folded)
    unknown = [each.time - 1 for each in found if not each.good and each.time + WINDOW + LATE > reached]
    return min(resolves[len(resolves) // 2], reached - DAY, *unknown)


def creations_after(until: int, registers: Registers, kept: Registers, folded: Creations) -> Creations:
    """The creations that those who are kept, or later ones, may ask for, of tickets that are not kept."""
    first: dict[str, int] = {}
    for ticket in _tickets(kept):
        first[ticket.topic] = min(first.get(ticket.topic, until), ticket.since)
    found = {topic: list(creations) for topic, creations in folded.items()}
    for key, (_, fact) in registers.items():
        if isinstance(fact, TicketFact) and key not in kept:
            found.setdefault(fact.topic, []).append(fact.created)
    after = {
        topic: tuple(created for created in creations if created > first.get(topic, until))
        for topic, creations in found.items()
    }
    return {topic: creations for topic, creations in after.items() if creations}


def _tickets(registers: Registers) -> list[TicketFact]:
    return [fact for _, fact in registers.values() if isinstance(fact, TicketFact)]


def _came_back(creations: list[int], resolved: int, own: int) -> bool:
    """A resolve may lie before the creation of its own ticket, which is not another one."""
    end = resolved + WINDOW
    later = bisect_right(creations, end) - bisect_right(creations, resolved)
    return later > (resolved < own <= end)
