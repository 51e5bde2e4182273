"""The instances of an entity: one step for each of its events, in their order."""

from collections.abc import Callable

from msgspec.structs import replace

from agents.sla import instances
from agents.sla.policies import (
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    NO_GOAL,
    PERIODIC_UPDATE,
    REPLIES,
    TOTAL_RESOLUTION,
    Facts,
    Policies,
)
from agents.sla.state import CANCELLED, MET, Instance, Moment, Now, ServiceLevels

NOT_BEGUN, RUNNING, ENDED = range(3)
"Of the first response's clock."


def advanced(levels: ServiceLevels, until: int, rules: Policies) -> ServiceLevels:
    """As it is when all that comes before `until` has passed."""
    if levels.next is None or levels.next >= until:
        return levels
    now = Now(rules, levels.moments, until)
    opened = tuple(instances.advance(instance, until, now) for instance in levels.open)
    return replace(levels, open=opened, next=earliest(opened))


def earliest(opened: tuple[Instance, ...]) -> int | None:
    return min((instance.next for instance in opened if instance.next is not None), default=None)


class Step:
    """One event's step. What has passed before it must have been let pass."""

    def __init__(self, rules: Policies, levels: ServiceLevels, facts: Facts, time: int) -> None:
        self._rules = rules
        self._levels = levels
        self._facts = facts
        self._time = time
        self._moments = levels.moments
        self._open = levels.open
        self._ended = levels.ended
        self._resolved = levels.resolved
        self._first = levels.first
        self._nexts, self._updates = levels.counts

    def done(self) -> ServiceLevels:
        return ServiceLevels(
            self._levels.source,
            self._levels.tags,
            self._moments,
            self._open,
            self._ended,
            self._resolved,
            earliest(self._open),
            self._first,
            (self._nexts, self._updates),
        )

    def move(self, status: str, labels: int) -> None:
        """The entity has another status, or other labels, from now on."""
        last = self._moments[-1] if self._moments else None
        if last is None or (last.status, last.labels) != (status, labels):
            self._moments = (*self._moments, Moment(self._time, status, labels))

    def bind(self) -> None:
        """Other policies may hold, now that the facts have changed."""
        self._open = tuple(self._bound(instance) for instance in self._open)

    def start(self, *targets: int) -> None:
        """Start the first, or only, instances of targets."""
        for target in targets:
            self._start(target, 1)

    def begin_first_response(self) -> None:
        self._first = RUNNING
        self._start(FIRST_RESPONSE, 1)

    def customer_message(self, public: bool) -> None:
        if self._first == NOT_BEGUN:
            self.begin_first_response()
        elif public and self._first == ENDED and not self._has(NEXT_RESPONSE):
            self._nexts += 1
            self._start(NEXT_RESPONSE, self._nexts)

    def agent_reply(self, labels: int, *, resolved: bool) -> None:
        """A public one. While nothing is left to do nobody waits for the next update."""
        if self._first == RUNNING:
            self._first = ENDED
        self._end(lambda instance: instance.target in REPLIES, MET, labels)
        if not resolved:
            self._updates += 1
            self._start(PERIODIC_UPDATE, self._updates)

    def resolve(self, labels: int) -> None:
        """Fulfils all that runs; replies are given up instead where their policy says so."""
        if self._first == RUNNING:
            self._first = ENDED
        self._end(self._given_up, CANCELLED, labels)
        self._end(lambda instance: True, MET, labels)

    def answer(self, labels: int) -> None:
        self._end(lambda instance: True, MET, labels)

    def give_up(self, labels: int) -> None:
        self._end(lambda instance: True, CANCELLED, labels)

    def reopen(self) -> None:
        """Starts nothing again but the total resolution, which runs on."""
        if self._resolved is not None:
            opened = instances.reopen(self._resolved, self._now)
            self._open, self._resolved = (*self._open, self._bound(opened)), None

    def halt(self, status: str) -> None:
        """The status has changed: clocks that it stops stand still, the others run."""
        self._open = tuple(self._halted(instance, status) for instance in self._open)

    @property
    def _now(self) -> Now:
        return Now(self._rules, self._moments, self._time)

    def _has(self, target: int) -> bool:
        return any(instance.target == target for instance in self._open)

    def _start(self, target: int, number: int) -> None:
        if target in self._rules.targets:
            self._open = (*self._open, self._bound(Instance(target, number, self._time)))

    def _bound(self, instance: Instance) -> Instance:
        goal = self._rules.goal(instance.target, instance.started, self._facts)
        return instances.bind(instance, goal, self._now)

    def _halted(self, instance: Instance, status: str) -> Instance:
        if instance.goal == NO_GOAL:
            return instance
        stops = self._rules.goals[instance.goal].stops
        return (instances.pause if status in stops else instances.resume)(instance, self._now)

    def _given_up(self, instance: Instance) -> bool:
        if instance.goal == NO_GOAL or instance.target not in REPLIES:
            return False
        return not self._rules.goals[instance.goal].policy.resolve_fulfils_replies

    def _end(self, which: Callable[[Instance], bool], outcome: int, labels: int) -> None:
        left = []
        for instance in self._open:
            if not which(instance):
                left.append(instance)
                continue
            ended = instances.end(instance, outcome, labels, self._now)
            # What no policy ever held for is forgotten, unless it may run on.
            if ended.target == TOTAL_RESOLUTION:
                self._resolved = ended
            elif ended.marks:
                self._ended = self._ended.plus(ended, self._time)
        self._open = tuple(left)
