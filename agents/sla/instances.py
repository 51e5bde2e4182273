"""What happens to one instance: each function gives it as it is afterwards."""

from collections.abc import Sequence

from msgspec.structs import replace

from agents.sla.clock import ran, reach
from agents.sla.policies import NO_GOAL, Policies
from agents.sla.state import BREACHED, CANCELLED, MET, OPEN, Happened, Instance, Mark, Moment, Now


def bind(instance: Instance, goal: int, now: Now) -> Instance:
    """Another policy or priority has come to hold; a breach that has happened stays under its own."""
    if instance.overdue or (goal == instance.goal and not instance.idle):
        return instance
    if goal == NO_GOAL:
        return instance if instance.idle else _release(instance, now)
    former = instance.former
    if instance.goal not in (NO_GOAL, goal):
        former = (*former, (instance.goal, now.time))
    bound = replace(instance, goal=goal, idle=False, former=former, reached=0)
    elapsed, since = ran(now.rules, bound, now.moments)
    bound = _aimed(replace(bound, elapsed=elapsed, since=since), now)
    bound = advance(_marked(bound, Happened.ACTIVATED, now), now.time, now)
    return _marked(bound, Happened.PAUSED, now) if since is None and not bound.overdue else bound


def advance(instance: Instance, until: int, now: Now) -> Instance:
    """Let pass what comes before `until`: warning levels, and the deadline."""
    while instance.next is not None and instance.next < until:
        instance = _pass(instance, instance.next, now)
    return instance


def pause(instance: Instance, now: Now) -> Instance:
    if instance.since is None:
        return instance
    stopped = replace(instance, elapsed=elapsed_at(instance, now.time, now.rules), since=None)
    if not _told_of(instance):
        return stopped
    return _marked(replace(stopped, deadline=None, next=None), Happened.PAUSED, now)


def resume(instance: Instance, now: Now) -> Instance:
    if instance.since is not None or instance.goal == NO_GOAL:
        return instance
    running = replace(instance, since=now.time)
    if not _told_of(instance):
        return running
    return _marked(_aimed(running, now), Happened.RESUMED, now)


def end(instance: Instance, outcome: int, labels: int, now: Now) -> Instance:
    """It is fulfilled (MET) or given up (CANCELLED): past its deadline either is a breach."""
    if instance.goal == NO_GOAL:
        return replace(instance, outcome=CANCELLED)
    elapsed = elapsed_at(instance, now.time, now.rules)
    ended = replace(instance, elapsed=elapsed, since=None, next=None)
    if instance.overdue:
        return _marked(replace(ended, outcome=BREACHED), Happened.BREACHED, now, labels)
    if instance.idle:
        return replace(ended, outcome=CANCELLED)
    what = Happened.MET if outcome == MET else Happened.CANCELLED
    return replace(_marked(replace(ended, outcome=outcome), what, now, labels), deadline=None)


def reopen(instance: Instance, now: Now) -> Instance:
    """It runs on with the time that it had used, where no status stops it."""
    opened = replace(instance, outcome=OPEN)
    if instance.goal == NO_GOAL:
        return opened
    if now.moments[-1].status in now.rules.goals[instance.goal].stops:
        return opened
    running = replace(opened, since=now.time)
    if instance.idle:
        return running
    return _marked(_aimed(running, now), Happened.RESUMED, now)


def elapsed_at(instance: Instance, time: int, rules: Policies) -> int:
    if instance.since is None:
        return instance.elapsed
    clock = rules.clock(rules.goals[instance.goal], instance.started)
    return instance.elapsed + clock.between(instance.since, time)


def labels_at(moments: Sequence[Moment], time: int) -> int:
    """Of after all that has happened up to a time, that time included."""
    for moment in reversed(moments):
        if moment.time <= time:
            return moment.labels
    return moments[0].labels


def _told_of(instance: Instance) -> bool:
    """Pauses of what is overdue, or under no policy, are nobody's concern."""
    return not instance.idle and not instance.overdue


def _release(instance: Instance, now: Now) -> Instance:
    """No policy holds any more. The clock goes on, for the next one that does."""
    left = _marked(instance, Happened.CANCELLED, now)
    return replace(left, idle=True, deadline=None, next=None)


def _pass(instance: Instance, time: int, now: Now) -> Instance:
    goal, labels = now.rules.goals[instance.goal], labels_at(now.moments, time)
    if instance.reached == len(goal.steps):
        mark = Mark(Happened.OVERDUE, time, goal.number, instance.deadline, goal.duration, labels)
        return replace(instance, overdue=True, next=None, marks=(*instance.marks, mark))
    need, level = goal.steps[instance.reached]
    passed = replace(instance, reached=instance.reached + 1)
    passed = replace(passed, next=_next(passed, now))
    known = instance.warned >> level & 1
    if known and instance.reached:
        return passed
    what = Happened.NEAR if known else Happened.AT_RISK
    mark = Mark(what, time, goal.number, instance.deadline, need, labels, level)
    return replace(passed, warned=instance.warned | 1 << level, marks=(*instance.marks, mark))


def _aimed(instance: Instance, now: Now) -> Instance:
    """With the deadline and the next instant that follow from its clock."""
    if instance.overdue:
        return instance
    aimed = replace(instance, deadline=_instant(instance, now.rules.goals[instance.goal].duration, now))
    return replace(aimed, next=_next(aimed, now))


def _next(instance: Instance, now: Now) -> int | None:
    steps = now.rules.goals[instance.goal].steps
    if instance.reached < len(steps):
        return _instant(instance, steps[instance.reached][0], now)
    return instance.deadline


def _instant(instance: Instance, need: int, now: Now) -> int | None:
    if need <= instance.elapsed:
        return reach(now.rules, instance, now.moments, need)
    if instance.since is None:
        return None
    clock = now.rules.clock(now.rules.goals[instance.goal], instance.started)
    return clock.add(instance.since, need - instance.elapsed)


def _marked(instance: Instance, what: Happened, now: Now, labels: int | None = None) -> Instance:
    mark = Mark(
        what,
        now.time,
        instance.goal,
        instance.deadline,
        elapsed_at(instance, now.time, now.rules),
        now.labels if labels is None else labels,
    )
    return replace(instance, marks=(*instance.marks, mark))
