"""Following entities under policies: what their instances contribute, wait for, and have told of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from agents.sla import views
from agents.sla.fold import advanced
from agents.sla.metrics import OPEN, SUBJECT, Step, Verdict
from agents.sla.policies import TARGETS, TOTAL_RESOLUTION, Policies
from agents.sla.records import Told, changes, grown, records
from agents.sla.standing import left_over, parts, stretches
from agents.sla.state import DECIDED, Instance, ServiceLevels
from streams.catalogue import Deadline, Signal, Subject
from streams.events import Event

KEPT_DAYS = 30
"The records of what happened."

NOTHING = ServiceLevels()


class Followed(Protocol):
    sla: ServiceLevels | None
    passed: int


S = TypeVar("S", bound=Followed)
Part = TypeVar("Part")
Fold = Callable[[Any, Event], None]


class Difference(NamedTuple):
    """The instances of two states that may differ."""

    before: Any
    after: Any
    was: ServiceLevels | None
    is_: ServiceLevels | None
    goes_on: bool
    "Whether what was still is so: more may have come, nothing else is there instead."
    old: tuple[Instance, ...]
    new: tuple[Instance, ...]

    def of(self, before: Any, after: Any, was: ServiceLevels | None, is_: ServiceLevels | None) -> bool:
        return self.before is before and self.after is after and self.was is was and self.is_ is is_


class Follower(ABC, Generic[S]):
    """Follows entities of one kind."""

    kind: ClassVar[str]
    "What records call the entity."
    reads: ClassVar[tuple[str, ...]]
    "The fields of its state that all of this depends on."

    def __init__(self, rules: Policies) -> None:
        self.rules = rules
        self._last: Difference | None = None

    @abstractmethod
    def counts(self, state: S) -> bool: ...

    @abstractmethod
    def table(self, state: S) -> tuple[Any, ...]:
        """What labels refer to by their place."""

    @abstractmethod
    def dimensions(self, state: S, target: str, policy: str, place: int) -> tuple[str | None, ...]: ...

    @abstractmethod
    def named(self, state: S, place: int) -> Mapping[str, str | None]:
        """The dimensions that records tell."""

    def until(self, state: S) -> int | None:
        """When what is open counts as there no more, though nothing was ever said of its end."""
        return None

    @abstractmethod
    def follow(self, state: S, event: Event, was: Any) -> None:
        """The instances' step, after the entity's own."""

    @abstractmethod
    def look(self, state: S) -> Any:
        """What the step must know of the state before the event."""

    def followed(self, fold: Fold) -> Fold:
        def followed(state: S, event: Event) -> None:
            levels = state.sla
            if levels is not None and levels.next is not None and levels.next < event.time:
                state.sla = advanced(levels, event.time, self.rules)
            was = self.look(state)
            fold(state, event)
            self.follow(state, event, was)

        return followed

    @property
    def subjects(self) -> tuple[Subject, Subject]:
        return (
            Subject(SUBJECT, self.verdicts, reads=self.reads, differing=self._differing_verdicts),
            Subject(OPEN, self.steps, reads=self.reads, differing=self._differing_steps),
        )

    def instances(self, state: S) -> tuple[Instance, ...]:
        """Of an entity that counts, as they are when it is known how much time has passed."""
        levels = self._known(state)
        return () if levels is None else views.at(levels)

    def verdicts(self, state: S) -> tuple[Verdict, ...]:
        return self._verdicts(state, self.instances(state))

    def steps(self, state: S) -> tuple[Step, ...]:
        levels = self._known(state)
        return () if levels is None else self._steps(state, levels, views.at(levels))

    def deadlines(self, state: S, clock: int) -> Iterable[Deadline]:
        if state.sla is None or state.sla.next is None or not self.counts(state):
            return ()
        return views.deadlines(state.sla, state.passed, clock, self.rules)

    def signals(self, subject: str, before: S | None, after: S) -> Iterator[Signal]:
        difference = self._difference(before, after)
        if difference.goes_on:
            old, new = grown(difference.old, difference.new)
        else:
            old, new = whole(difference.old), whole(difference.new)
        return changes(self._records(subject, before, old), self._records(subject, after, new))

    def _known(self, state: S) -> ServiceLevels | None:
        levels = state.sla
        if levels is None or not self.counts(state):
            return None
        return advanced(levels, state.passed + 1, self.rules)

    def _difference(self, before: S | None, after: S) -> Difference:
        """Asked three times of each change, so the last answer is kept."""
        was = None if before is None else self._known(before)
        is_ = self._known(after)
        known = self._last
        if known is not None and known.of(before, after, was, is_):
            return known
        self._last = found = self._compared(before, after, was, is_)
        return found

    def _compared(
        self, before: S | None, after: S, was: ServiceLevels | None, is_: ServiceLevels | None
    ) -> Difference:
        """Without the instances that are the same: what has ended only grows, unless all was folded anew."""
        if before is None or was is None or is_ is None or not self._goes_on(before, after, was, is_):
            old, new = (() if levels is None else views.at(levels) for levels in (was, is_))
            return Difference(before, after, was, is_, False, old, new)
        stood, stand = views.standing(was), views.standing(is_)
        same = {id(instance) for instance in stood} & {id(instance) for instance in stand}
        old = tuple(each for each in stood if id(each) not in same)
        new = (*is_.ended.since(was.ended), *(each for each in stand if id(each) not in same))
        return Difference(before, after, was, is_, True, old, new)

    def _goes_on(self, before: S, after: S, was: ServiceLevels, is_: ServiceLevels) -> bool:
        """Whether all that was still is so, and more may have come: else places may mean something else.

        Labels of a time in which something ran that has ended since change what it stood for.
        """
        return (
            begins(self.table(after), self.table(before))
            and begins(is_.moments, was.moments)
            and all(moment.time >= was.ended.until for moment in is_.moments[len(was.moments) :])
            and is_.ended.goes_on(was.ended)
        )

    def _differing_verdicts(self, before: S, after: S) -> tuple[tuple[Verdict, ...], tuple[Verdict, ...]]:
        difference = self._difference(before, after)
        return self._verdicts(before, difference.old), self._verdicts(after, difference.new)

    def _differing_steps(self, before: S, after: S) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """What is open has other steps where the labels have changed, though it is the same."""
        difference = self._difference(before, after)
        was, is_, old, new = difference.was, difference.is_, difference.old, difference.new
        if was is not None and is_ is not None and len(was.moments) != len(is_.moments):
            told = {id(each) for each in new}
            same = tuple(each for each in is_.open if each.marks and id(each) not in told)
            old, new = (*old, *same), (*new, *same)
        return (
            () if was is None else self._steps(before, was, old),
            () if is_ is None else self._steps(after, is_, new),
        )

    def _verdicts(self, state: S, found: Iterable[Instance]) -> tuple[Verdict, ...]:
        outcomes = (views.outcome(instance, self.rules) for instance in found)
        return tuple(
            Verdict(time, self.dimensions(state, target, policy, labels), met)
            for time, target, policy, labels, met in filter(None, outcomes)
        )

    def _steps(self, state: S, levels: ServiceLevels, found: Iterable[Instance]) -> tuple[Step, ...]:
        return tuple(step for instance in found for step in self._steps_of(state, levels, instance))

    def _steps_of(self, state: S, levels: ServiceLevels, instance: Instance) -> Iterator[Step]:
        target, reopens = TARGETS[instance.target], instance.target == TOTAL_RESOLUTION
        until, started = self.until(state), instance.started
        stood = stretches(instance, until)
        for stretch in stood:
            policy = self.rules.goals[stretch.goal].policy.name
            for begin, end, labels in parts(stretch, levels.moments, reopens=reopens):
                dimensions = self.dimensions(state, target, policy, labels)
                yield Step(begin, dimensions, stretch.kind, 1, started, stretch.deadline)
                if end is not None:
                    yield Step(end, dimensions, stretch.kind, -1, started, stretch.deadline)
        if (verdict := views.outcome(instance, self.rules)) is not None:
            time, _, policy, labels, met = verdict
            if not met or (left := left_over(stood)) is not None:
                dimensions = self.dimensions(state, target, policy, labels)
                yield Step(time, dimensions, DECIDED, 1, started, None, left if met else None)

    def _records(self, subject: str, state: S | None, found: list[Told]) -> dict[str, Signal]:
        if state is None or not found:
            return {}
        return records(self.kind, subject, found, self.rules, lambda place: self.named(state, place))


def whole(instances: tuple[Instance, ...]) -> list[Told]:
    return [(instance, instance.marks) for instance in instances]


def begins(whole: tuple[Any, ...], beginning: tuple[Any, ...]) -> bool:
    length = len(beginning)
    return whole is beginning or (len(whole) >= length and whole[:length] == beginning)
