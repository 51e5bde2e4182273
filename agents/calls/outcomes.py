"""Whether a call solved what it was about: no further call has come of it.

Further calls are those on the same ticket; of a call without one, the customer's in the same queue. Neither
is known to the call, so it is told to its ticket or its customer, and counted there.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from agents.calls.state import Call
from agents.dimensions import Labels
from streams.catalogue import Forward
from streams.events import Instant
from streams.moments import DAY

FURTHER = 7 * DAY

LONGEST = DAY
"A call that was offered before that is over."

LATE = 7 * DAY
"What is told of calls later than others by so much may not be in time for what is folded away."

CALLS = "calls"
"Who tells of calls."


class CallFact(Struct, frozen=True, array_like=True, tag="call", gc=False):
    """What a ticket or a customer knows of a call."""

    offered: Instant
    queue: str | None
    ended: Instant | None
    labels: Annotated[Labels, Meta(min_length=3, max_length=3)] | None
    "When the call was answered; None where it counts elsewhere or not at all."
    resolved: bool

    @property
    def since(self) -> int:
        return self.offered


class Outcome(Struct, frozen=True, array_like=True, gc=False):
    """An answered call, by its first offer."""

    time: int
    labels: Labels
    good: bool
    "Solved."


def own_outcome(call: Call) -> tuple[Outcome, ...]:
    """A call that neither a ticket nor a customer could know of counts by itself."""
    if call.ticket is not None or call.customer is not None or (fact := _fact(call)) is None:
        return ()
    return tuple(_outcomes([fact]))


def forwards(call: Call) -> Mapping[str, Forward]:
    """The customer is told of a call on a ticket too: it is a further one to those without a ticket."""
    fact = _fact(call)
    if fact is None:
        return {}
    told: dict[str, Forward] = {}
    if call.ticket is not None:
        told["ticket"] = Forward("tickets", call.ticket, fact.offered, call.sequence, fact)
        fact = CallFact(fact.offered, fact.queue, None, None, False)
    if call.customer is not None:
        told["customer"] = Forward("customers", call.customer, fact.offered, call.sequence, fact)
    return told


Registers = Mapping[str, tuple[int, Any]]


def outcomes_on_ticket(registers: Registers) -> tuple[Outcome, ...]:
    return tuple(_outcomes(_calls(registers)))


def outcomes_of_customer(registers: Registers) -> tuple[Outcome, ...]:
    return tuple(outcome for calls in _queues(registers) for outcome in _outcomes(calls))


def standing_on_ticket(registers: Registers, reached: int) -> int | None:
    """Up to when nothing more can come of the calls on a ticket, as far as that is the older half of them.

    `reached` is up to when calls have been told.
    """
    return _standing([_calls(registers)], reached)


def standing_of_customer(registers: Registers, reached: int) -> int | None:
    return _standing(_queues(registers), reached)


def _queues(registers: Registers) -> list[list[CallFact]]:
    queues: defaultdict[str | None, list[CallFact]] = defaultdict(list)
    for call in _calls(registers):
        queues[call.queue].append(call)
    return list(queues.values())


def _calls(registers: Registers) -> list[CallFact]:
    return [fact for _, fact in registers.values() if isinstance(fact, CallFact)]


def _standing(queues: list[list[CallFact]], reached: int) -> int | None:
    """Whether a call is followed by another depends on later ones alone: so earlier ones can go."""
    offers = sorted(call.offered for calls in queues for call in calls)
    if not offers:
        return None
    unknown = [offer - 1 for calls in queues for offer in _unknown(calls, reached)]
    return min(offers[len(offers) // 2], reached - LONGEST, *unknown)


def _unknown(calls: list[CallFact], reached: int) -> Iterable[int]:
    """The offers of calls that another one may still follow."""
    offers = sorted(call.offered for call in calls)
    for call in calls:
        place = bisect_right(offers, call.offered)
        followed = place < len(offers) and offers[place] <= min(call.offered + FURTHER, reached - LONGEST)
        if not followed and max(call.offered, call.ended or 0) + FURTHER + LATE > reached:
            yield call.offered


def _outcomes(calls: list[CallFact]) -> Iterable[Outcome]:
    offers = sorted(call.offered for call in calls)
    for call in calls:
        if call.labels is not None:
            yield Outcome(call.offered, call.labels, call.resolved and not _further(offers, call))


def _further(offers: list[int], call: CallFact) -> bool:
    """Whether one was offered after this one, up to 7 days after its end."""
    place = bisect_right(offers, call.offered)
    return place < len(offers) and call.ended is not None and offers[place] <= call.ended + FURTHER


def _fact(call: Call) -> CallFact | None:
    if call.offered is None:
        return None
    decision = call.decision
    labels = decision.labels if decision is not None and decision.answered else None
    ended = call.ended.time if call.ended is not None else None
    return CallFact(call.offered.time, call.labels[0], ended, labels, call.resolved)
