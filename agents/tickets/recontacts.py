"""Whether a customer came back on a resolved topic: counted where all the customer's tickets are known."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from agents.dimensions import Labels
from agents.tickets.labels import TOPIC
from agents.tickets.state import Ticket
from streams.catalogue import Forward
from streams.moments import DAY

WINDOW = 7 * DAY

TICKETS = "tickets"
"Who tells of tickets."


class TicketFact(Struct, frozen=True, array_like=True, tag="ticket", gc=False):
    """What a customer knows of a ticket; `labels` are those of its first resolve."""

    created: int
    topic: str
    resolved: int | None
    labels: Labels | None


class Recontact(Struct, frozen=True, array_like=True, gc=False):
    """A ticket that was ever resolved, by its first resolve."""

    time: int
    labels: Labels
    good: bool
    "Which here means that the customer came back."


def forwards(ticket: Ticket) -> Mapping[str, Forward]:
    created, topic = ticket.created, ticket.labels[ticket.now][TOPIC]
    if created is None or ticket.gone or ticket.customer is None or topic is None:
        return {}
    first = ticket.first_resolve
    fact = TicketFact(created.time, topic, None, None)
    if first is not None:
        fact = TicketFact(created.time, topic, first.time, ticket.labels[first.labels])
    return {"": Forward("customers", ticket.customer, fact.resolved or created.time, 0, fact)}


def recontacts(registers: Mapping[str, tuple[int, Any]]) -> tuple[Recontact, ...]:
    topics: defaultdict[str, list[TicketFact]] = defaultdict(list)
    for ticket in _tickets(registers):
        topics[ticket.topic].append(ticket)
    found: list[Recontact] = []
    for tickets in topics.values():
        creations = sorted(ticket.created for ticket in tickets)
        for ticket in tickets:
            if ticket.resolved is not None and ticket.labels is not None:
                came_back = _came_back(creations, ticket.resolved, ticket.created)
                found.append(Recontact(ticket.resolved, ticket.labels, came_back))
    return tuple(found)


def standing(registers: Mapping[str, tuple[int, Any]]) -> int | None:
    """Up to when nothing more can come of resolved tickets, as far as that is the older half of them.

    Whether a customer came back depends on creations after the resolve alone: so what was created and
    resolved earlier can go.
    """
    tickets = [ticket for ticket in _tickets(registers) if ticket.resolved is not None]
    resolves = sorted(ticket.resolved for ticket in tickets if ticket.resolved is not None)
    if not resolves:
        return None
    latest = max(resolves[-1], *(ticket.created for ticket in tickets))
    open_ = [each.time - 1 for each in recontacts(registers) if not each.good and each.time + WINDOW > latest]
    until = min(resolves[len(resolves) // 2], latest - DAY, *open_)
    while astride := [at for each in tickets if (at := each.resolved or 0) <= until < each.created]:
        until = min(astride) - 1
    return until


def _tickets(registers: Mapping[str, tuple[int, Any]]) -> list[TicketFact]:
    return [fact for _, fact in registers.values() if isinstance(fact, TicketFact)]


def _came_back(creations: list[int], resolved: int, own: int) -> bool:
    """A resolve may lie before the creation of its own ticket, which is not another one."""
    end = resolved + WINDOW
    later = bisect_right(creations, end) - bisect_right(creations, resolved)
    return later > (resolved < own <= end)
