"""How instances stood, from when to when: what there is in flight, at risk and overdue at any instant."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from agents.sla.policies import DONE
from agents.sla.state import AT_RISK, OVERDUE, RUNNING, Happened, Instance, Moment, Stretch

ENDS = frozenset({Happened.PAUSED, Happened.MET, Happened.BREACHED, Happened.CANCELLED})
"After these it neither runs nor is overdue."

_time = attrgetter("time")


def stretches(instance: Instance, until: int | None = None) -> list[Stretch]:
    """All of them; `until` ends what lasts longer."""
    found = _one_by_one(instance)
    told = [*_running(found), *(each for each in found if each.kind != RUNNING)]
    if until is None:
        return told
    return [
        each._replace(end=until if each.end is None else min(each.end, until))
        for each in told
        if each.begin < until
    ]


def _one_by_one(instance: Instance) -> list[Stretch]:
    """One after the other. A deadline that had passed before a policy came to hold was missed then."""
    found: list[Stretch] = []
    near = overdue = False
    for mark in instance.marks:
        what, time = mark.what, mark.time
        if what == Happened.OVERDUE:
            found, overdue = [each for each in found if each.begin < time], True
        elif found and found[-1].end is None:
            time = max(time, found[-1].begin)
        if what == Happened.ACTIVATED:
            near = False
        elif what in (Happened.AT_RISK, Happened.NEAR):
            near = True
        if found and ((end := found[-1].end) is None or end > time):
            last = found.pop()
            if last.begin < time:
                found.append(last._replace(end=time))
        if what not in ENDS:
            kind = OVERDUE if overdue else AT_RISK if near else RUNNING
            found.append(Stretch(kind, time, None, mark.goal, mark.deadline))
    return found


def _running(found: list[Stretch]) -> Iterator[Stretch]:
    """Where the clock ran, at risk or not, towards one deadline."""
    running: Stretch | None = None
    for each in found:
        if each.kind == OVERDUE:
            continue
        if running is not None:
            if (running.end, running.goal, running.deadline) == (each.begin, each.goal, each.deadline):
                running = running._replace(end=each.end)
                continue
            yield running
        running = each._replace(kind=RUNNING)
    if running is not None:
        yield running


def left_over(stood: Sequence[Stretch]) -> int | None:
    """How long before its deadline what was met last ran; None where it never ran towards one."""
    for each in reversed(stood):
        if each.kind == RUNNING and each.end is not None and each.deadline is not None:
            return each.deadline - each.end
    return None


def parts(
    stretch: Stretch, moments: Sequence[Moment], *, reopens: bool
) -> Iterator[tuple[int, int | None, int]]:
    """A stretch by the labels of its moments: begin, end, and the place of the labels.

    What `reopens` was not open while the entity was resolved, also where it turns out overdue since before.
    """
    first = max(0, bisect_right(moments, stretch.begin, key=_time) - 1)
    begin, last = stretch.begin, moments[first]
    for moment in moments[first + 1 :]:
        if stretch.end is not None and moment.time >= stretch.end:
            break
        was_open, is_open = not (reopens and last.status in DONE), not (reopens and moment.status in DONE)
        if moment.labels != last.labels or was_open != is_open:
            if begin < moment.time and was_open:
                yield begin, moment.time, last.labels
            begin = moment.time
        last = moment
    if not (reopens and last.status in DONE):
        yield begin, stretch.end, last.labels
