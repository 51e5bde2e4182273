"""The clock of an instance: its running time, and when that comes to a given length."""

from collections.abc import Iterator, Sequence

from agents.business.calendars import Clock
from agents.sla.policies import Policies
from agents.sla.state import Instance, Moment

Piece = tuple[int, int | None, Clock]
"A time in which the clock ran; the end is None while it runs."


def pieces(rules: Policies, instance: Instance, moments: Sequence[Moment]) -> Iterator[Piece]:
    """When the clock ran, under each goal in its turn.

    The first goal counts from the start on, even if it came later: what ran before it ran for it too.
    """
    begin = instance.started
    for number, until in (*instance.former, (instance.goal, None)):
        goal = rules.goals[number]
        clock = rules.clock(goal, instance.started)
        for since, end in _running(moments, goal.stops, begin, until):
            yield since, end, clock
        begin = until if until is not None else begin


def reach(rules: Policies, instance: Instance, moments: Sequence[Moment], need: int) -> int | None:
    """When the running time comes to `need`; None where it hasn't and the clock stands still."""
    left = need
    for begin, end, clock in pieces(rules, instance, moments):
        if end is None:
            return clock.add(begin, left)
        ran = clock.between(begin, end)
        reached = clock.add(begin, left) if left <= ran else None
        # What is reached when the clock is stopped at that very instant has not passed.
        if reached is not None and reached < end:
            return reached
        left -= ran
    return None


def ran(rules: Policies, instance: Instance, moments: Sequence[Moment]) -> tuple[int, int | None]:
    """The running time up to since when the clock runs, and that."""
    elapsed = 0
    for begin, end, clock in pieces(rules, instance, moments):
        if end is None:
            return elapsed, begin
        elapsed += clock.between(begin, end)
    return elapsed, None


def _running(
    moments: Sequence[Moment], stops: frozenset[str], begin: int, until: int | None
) -> Iterator[tuple[int, int | None]]:
    """The spans from `begin` until then in which no status stops the clock; neighbours are one."""
    since: int | None = None
    for place, moment in enumerate(moments):
        end = moments[place + 1].time if place + 1 < len(moments) else None
        if end is not None and end <= begin:
            continue
        if until is not None and moment.time >= until:
            break
        if moment.status in stops:
            if since is not None:
                if since < moment.time:
                    yield since, moment.time
                since = None
        elif since is None:
            since = max(moment.time, begin)
    if since is not None and (until is None or since < until):
        yield since, until
