"""What the instances of an entity come to at a time: their states, outcomes and next instants."""

from collections.abc import Iterator
from typing import Literal

from agents.sla import instances
from agents.sla.fold import advanced
from agents.sla.policies import TARGETS, Policies
from agents.sla.state import (
    BREACHED,
    CANCELLED,
    MET,
    NONE_ENDED,
    OPEN,
    Happened,
    Instance,
    Mark,
    Now,
    Outcome,
    ServiceLevels,
)
from streams.catalogue import Deadline

State = Literal["active", "paused", "at_risk", "overdue", "met", "breached", "cancelled"]
ENDS: dict[int, State] = {MET: "met", BREACHED: "breached", CANCELLED: "cancelled"}


def at(levels: ServiceLevels) -> tuple[Instance, ...]:
    """All instances that a policy ever held for."""
    return (*levels.ended.since(NONE_ENDED), *standing(levels))


def standing(levels: ServiceLevels) -> tuple[Instance, ...]:
    """Those of them that have not ended for good."""
    found = levels.open if levels.resolved is None else (levels.resolved, *levels.open)
    return tuple(instance for instance in found if instance.marks)


def state_of(instance: Instance) -> State:
    if instance.outcome != OPEN:
        return ENDS[instance.outcome]
    if instance.overdue:
        return "overdue"
    if instance.idle:
        return "cancelled"
    if instance.since is None:
        return "paused"
    return "at_risk" if instance.reached else "active"


def outcome(instance: Instance, rules: Policies) -> Outcome | None:
    """Whether it was met; from its deadline on an open one counts as breached. None while in flight."""
    if instance.overdue:
        mark = _last(instance, Happened.OVERDUE)
    elif instance.outcome == MET:
        mark = _last(instance, Happened.MET)
    else:
        return None
    policy = rules.goals[mark.goal].policy.name
    return Outcome(mark.time, TARGETS[instance.target], policy, mark.labels, not instance.overdue)


def deadlines(levels: ServiceLevels, passed: int, clock: int, rules: Policies) -> Iterator[Deadline]:
    """All instants after `passed` that the clock has reached, and of each instance the one after these."""
    if levels.next is None:
        return
    levels = advanced(levels, passed + 1, rules)
    now = Now(rules, levels.moments, clock)
    for instance in levels.open:
        while instance.next is not None:
            yield Deadline(instance.next, _name(instance, rules))
            if instance.next > clock:
                break
            instance = instances.advance(instance, instance.next + 1, now)


def _last(instance: Instance, what: Happened) -> Mark:
    return next(mark for mark in reversed(instance.marks) if mark.what == what)


def _name(instance: Instance, rules: Policies) -> str:
    """`first_response/1/75%`: which of its instants is next."""
    steps = rules.goals[instance.goal].steps
    ends = instance.reached == len(steps)
    level = "deadline" if ends else rules.levels[steps[instance.reached][1]].name
    return f"{TARGETS[instance.target]}/{instance.number}/{level}"
