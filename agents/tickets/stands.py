"""How a ticket stands in the backlog, from when on."""

from agents.dimensions import Labels
from agents.tickets.labels import TOPIC
from agents.tickets.state import RESOLVED, Stand, Step, Ticket

NEW = "new"
"Of an unresolved ticket without a public reply of an agent, whatever else its status is."


def counted(ticket: Ticket) -> tuple[Ticket, ...]:
    """A ticket contributes once it is created and while it is not merged or removed."""
    return (ticket,) if ticket.created is not None and not ticket.gone else ()


def stand(ticket: Ticket, time: int) -> None:
    """Note how a ticket stands from a time on, where that is otherwise than before."""
    if ticket.created is None:
        return
    status = ticket.status if ticket.status == RESOLVED or ticket.replies else NEW
    stands = ticket.stands
    if stands and stands[-1].time == time:
        stands = stands[:-1]
    if not stands:
        changed = status != RESOLVED
    elif stands[-1].status != status:
        changed = True
    else:
        changed = status != RESOLVED and _seen(ticket, stands[-1].labels) != _seen(ticket, ticket.now)
    if changed:
        stands = (*stands, Stand(time, status, ticket.now))
    if stands != ticket.stands:
        ticket.stands = stands


def steps(ticket: Ticket) -> tuple[Step, ...]:
    """What a ticket that counts contributes to levels; one that has left for another status comes there."""
    return _steps_since(ticket, 0)


def differing_steps(before: Ticket, after: Ticket) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps of both without those that both have: a ticket that goes on keeps how it has stood."""
    if before.created is not after.created or before.gone or after.gone:
        return steps(before), steps(after)
    place, were, are = 0, before.stands, after.stands
    shorter = min(len(were), len(are))
    while place < shorter and were[place] is are[place]:
        place += 1
    return _steps_since(before, place), _steps_since(after, place)


def _steps_since(ticket: Ticket, place: int) -> tuple[Step, ...]:
    """The steps of how it stands from a place in `stands` on."""
    created = ticket.created
    if created is None or ticket.gone:
        return ()
    found: list[Step] = []
    before = _counts_as(ticket, ticket.stands[place - 1]) if place else None
    for each in ticket.stands[place:]:
        if before is not None:
            found.append(Step(each.time, -1, created.time, before))
        before = _counts_as(ticket, each)
        if before is not None:
            found.append(Step(each.time, 1, created.time, before))
    return tuple(found)


def _counts_as(ticket: Ticket, stand: Stand) -> Labels | None:
    """By what it counts in the backlog while it stands so; None where it does not."""
    return None if stand.status == RESOLVED else (stand.status, *_seen(ticket, stand.labels))


def _seen(ticket: Ticket, place: int) -> Labels:
    """The labels that the backlog is split by: all but the topic, which is the last."""
    return ticket.labels[place][:TOPIC]
