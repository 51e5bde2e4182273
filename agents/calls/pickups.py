"""How long it took until somebody was there: of calls, and of tickets in channels that are as quick."""

from msgspec import Struct

from agents.calls.state import Call
from agents.dimensions import Labels

CALL = "call"
"The medium of calls; that of a ticket is its channel."


class Pickup(Struct, frozen=True, array_like=True, gc=False):
    """The answer to a call, or the first response to a ticket; `labels` are queue, team, agent and medium."""

    time: int
    waited: int
    labels: Labels
    of_call: bool


def pickups(call: Call) -> tuple[Pickup, ...]:
    offered, answered = call.offered, call.answered
    if offered is None or answered is None:
        return ()
    return (Pickup(answered.time, answered.time - offered.time, (*answered.labels, CALL), True),)
