"""A call's life: what each event does to it."""

from msgspec import UNSET
from msgspec.structs import replace

from agents.calls.events import Answered, Ended, Offered, Span, Wrapped
from agents.calls.state import Call, Decision, Moment, Wait
from agents.dimensions import Labels
from streams.events import Event, Text
from streams.moments import SECOND
from streams.optional import given


def offered(call: Call, event: Event) -> None:
    """The first offer counts; of a later one, as in another queue, the fields hold from then on."""
    data: Offered = event.data
    queue, team, agent = call.labels
    call.labels = _labels(call, _said(queue, data.queue), _said(team, data.team), agent)
    call.customer = _said(call.customer, data.customer_id)
    call.ticket = _said(call.ticket, data.ticket_id)
    if call.offered is None:
        call.offered = Moment(event.time, call.labels)
        call.sequence = event.sequence
    _wait(call, event.time)


def answered(call: Call, event: Event) -> None:
    data: Answered = event.data
    queue, team, _ = call.labels
    call.labels = _labels(call, queue, team, data.agent_id)
    if call.answered is None:
        call.answered = Moment(event.time, call.labels)
    _decide(call, event, answered=True)
    _wait_no_more(call, event.time)


def abandoned(call: Call, event: Event) -> None:
    _decide(call, event, answered=False)
    _wait_no_more(call, event.time)


def transferred(call: Call, event: Event) -> None:
    call.transferred = True


def ended(call: Call, event: Event) -> None:
    """Of several ends the last one stands; what it doesn't say stays as an earlier one said it."""
    data: Ended = event.data
    call.ended = Moment(event.time, call.labels)
    call.talk = _span(call.talk, data.talk_seconds)
    call.hold = _span(call.hold, data.hold_seconds)
    if data.resolved is not UNSET:
        call.resolved = data.resolved is True
    _wait_no_more(call, event.time)


def wrapped(call: Call, event: Event) -> None:
    data: Wrapped = event.data
    call.wrapped = Moment(event.time, call.labels)
    call.wrap = round(data.seconds * SECOND)


def _decide(call: Call, event: Event, *, answered: bool) -> None:
    if call.decision is None:
        call.decision = Decision(event.time, call.labels, answered)


def _wait(call: Call, time: int) -> None:
    """The caller waits, or goes on waiting in another queue."""
    since, labels = time, call.labels[:2]
    last = call.waits[-1] if call.waits else None
    if last is not None and last.until is None:
        if last.labels == labels:
            return
        since = last.since
        _wait_no_more(call, time)
    call.waits = (*call.waits, Wait(since, time, None, labels))


def _wait_no_more(call: Call, time: int) -> None:
    if call.waits and call.waits[-1].until is None:
        call.waits = (*call.waits[:-1], replace(call.waits[-1], until=time))


def _labels(call: Call, *labels: str | None) -> Labels:
    return call.labels if labels == call.labels else labels


def _said(before: str | None, value: Text) -> str | None:
    return before if value is UNSET else given(value)


def _span(before: int | None, value: Span) -> int | None:
    if value is UNSET:
        return before
    return round(value * SECOND) if isinstance(value, int | float) else None
