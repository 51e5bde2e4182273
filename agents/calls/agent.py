"""The door of calls: what the road has to know of them."""

from agents.calls import fold
from agents.calls.events import Answered, Ended, Offered, Transferred, Wrapped
from agents.calls.outcomes import forwards, own_outcome
from agents.calls.pickups import pickups
from agents.calls.state import Call, Wait
from agents.fields import Nothing, links
from streams.catalogue import Domain, Subject
from streams.events import EventType


def counted(call: Call) -> tuple[Call, ...]:
    return (call,)


def waits(call: Call) -> tuple[Wait, ...]:
    return call.waits


def settled(call: Call) -> bool:
    return True


CALLS = Domain(
    name="calls",
    kinds=("call.",),
    types=(
        EventType("call.offered", Offered, fold.offered, links("customer_id", "ticket_id")),
        EventType("call.answered", Answered, fold.answered),
        EventType("call.abandoned", Nothing, fold.abandoned),
        EventType("call.transferred", Transferred, fold.transferred),
        EventType("call.ended", Ended, fold.ended),
        EventType("call.wrapped", Wrapped, fold.wrapped),
    ),
    state=Call,
    subjects=(
        Subject("call", counted, reads=(), whole=True),
        Subject("wait", waits, reads=("waits",)),
        Subject("pickup", pickups, reads=("offered", "answered")),
        Subject(
            "outcome",
            own_outcome,
            reads=("ticket", "customer", "offered", "decision", "ended", "resolved", "labels"),
        ),
    ),
    settled=settled,
    forwards=forwards,
    forwards_to=("tickets", "customers"),
    forwards_read=("ticket", "customer", "offered", "sequence", "decision", "ended", "resolved", "labels"),
)
