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
    created = ticket.created
    if created is None or ticket.gone:
        return ()
    found: list[Step] = []
    before: Labels | None = None
    for each in ticket.stands:
        if before is not None:
            found.append(Step(each.time, -1, created.time, before))
        before = None if each.status == RESOLVED else (each.status, *_seen(ticket, each.labels))
        if before is not None:
            found.append(Step(each.time, 1, created.time, before))
    return tuple(found)


def _seen(ticket: Ticket, place: int) -> Labels:
    """The labels that the backlog is split by: all but the topic, which is the last."""
    return ticket.labels[place][:TOPIC]
