"""From two states of an entity to what changed in its contributions and forwarded facts."""

from collections.abc import Callable, Iterable, Iterator
from operator import is_not
from typing import Any

from msgspec.structs import astuple

from streams.catalogue import Catalogue, Domain, Forward, Metric, Observations, Subject
from streams.state.entity import State

Add = Callable[[Metric, Observations, int], None]


class Difference:
    """Yields new less old: what is new is added, what is gone is taken back.

    A metric is asked only where a field that it reads is another object than before, since the values
    of a state's fields are immutable. The first state of an entity differs from None.
    """

    def __init__(self, catalogue: Catalogue, domain: Domain) -> None:
        self._fields = domain.state.__struct_fields__
        self._masks: dict[tuple[bool, ...], int] = {}
        self._subjects = tuple(
            (subject, self._mask(subject.reads), self._metrics(catalogue, subject))
            for subject in domain.subjects
        )
        self._affected: dict[tuple[str, int], tuple[Metric, ...]] = {}

    def add(self, before: State | None, after: State, add: Add) -> None:
        changed = self._changed(before, after)
        for subject, reads, metrics in self._subjects:
            if subject.whole:
                self._add_whole(subject, reads, metrics, changed, before, after, add)
            elif changed & reads:
                old = subject.of(before) if before is not None else ()
                self._add_parts(metrics, old, subject.of(after), add)

    def _add_whole(
        self,
        subject: Subject,
        reads: int,
        metrics: tuple[tuple[Metric, int], ...],
        changed: int,
        before: State | None,
        after: State,
        add: Add,
    ) -> None:
        new = subject.of(after)
        old = (subject.of(before) if before is not None else ()) if changed & reads else new
        if old and new:
            for metric in self._of_fields(subject, metrics, changed):
                was, is_ = metric.observe(before), metric.observe(after)
                if was != is_:
                    if was and is_:
                        was, is_ = _unlike(was, is_)
                    if is_:
                        add(metric, is_, 1)
                    if was:
                        add(metric, was, -1)
        elif old or new:
            state, sign = (after, 1) if new else (before, -1)
            for metric, _ in metrics:
                if found := metric.observe(state):
                    add(metric, found, sign)

    def _add_parts(
        self, metrics: tuple[tuple[Metric, int], ...], old: Iterable[Any], new: Iterable[Any], add: Add
    ) -> None:
        gone = list(old)
        for part in new:
            if part in gone:
                gone.remove(part)
                continue
            for metric, _ in metrics:
                add(metric, metric.observe(part), 1)
        for part in gone:
            for metric, _ in metrics:
                add(metric, metric.observe(part), -1)

    def _changed(self, before: State | None, after: State) -> int:
        """The fields that are other objects than before, as a mask; all of them where there was no before."""
        if before is None:
            return -1
        pattern = tuple(map(is_not, astuple(before), astuple(after)))
        mask = self._masks.get(pattern)
        if mask is None:
            mask = self._masks[pattern] = sum(1 << place for place, other in enumerate(pattern) if other)
        return mask

    def _of_fields(
        self, subject: Subject, metrics: tuple[tuple[Metric, int], ...], changed: int
    ) -> tuple[Metric, ...]:
        place = (subject.name, changed)
        found = self._affected.get(place)
        if found is None:
            found = self._affected[place] = tuple(m for m, reads in metrics if reads & changed)
        return found

    def _metrics(self, catalogue: Catalogue, subject: Subject) -> tuple[tuple[Metric, int], ...]:
        metrics = catalogue.of_subject(subject.name)
        if not subject.whole:
            return tuple((metric, -1) for metric in metrics)
        return tuple((metric, self._mask(metric.reads)) for metric in metrics)

    def _mask(self, names: Iterable[str]) -> int:
        return sum(1 << self._fields.index(name) for name in names)


def _unlike(was: Observations, is_: Observations) -> tuple[Observations, Observations]:
    """Without what both begin with: most that are several only grow."""
    alike = 0
    for one, other in zip(was, is_, strict=False):
        if one != other:
            break
        alike += 1
    return was[alike:], is_[alike:]


def observations(catalogue: Catalogue, domain: Domain, state: State) -> Iterator[tuple[Metric, Observations]]:
    """All that a state contributes, without a look at what it was before."""
    for subject in domain.subjects:
        for part in subject.of(state):
            for metric in catalogue.of_subject(subject.name):
                yield metric, metric.observe(part)


def forwards(domain: Domain, before: State | None, after: State) -> list[tuple[str, Forward, bool]]:
    """What to tell other entities: (key, fact, whether it holds); one that moves leaves its old target."""
    if domain.forwards is None:
        return []
    old = domain.forwards(before) if before is not None else {}
    new = domain.forwards(after)
    told: list[tuple[str, Forward, bool]] = []
    for key, was in old.items():
        is_ = new.get(key)
        if is_ is None or (is_.domain, is_.target) != (was.domain, was.target):
            told.append((key, was, False))
    told.extend((key, forward, True) for key, forward in new.items() if old.get(key) != forward)
    return told
