"""From two states of an entity to what changed in its contributions and forwarded facts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from streams.catalogue import Catalogue, Domain, Forward, Metric, Observations, Subject
from streams.errors import StateUnknown
from streams.state.changed import changed_fields
from streams.state.record import State
from streams.windows.leaf import Leaf, MetricLeaf

Differing = Callable[[Any, Any], tuple[tuple[Any, ...], tuple[Any, ...]]]

EVERYTHING = -1
"A mask of all fields."


class Watched:
    """A metric, the fields that it reads, and where its observations go."""

    def __init__(self, metric: Metric, reads: int, leaf: MetricLeaf) -> None:
        self.reads = reads
        self.observe: Callable[[Any], Observations] = metric.observe
        self.leaf = leaf
        self.sign = 1
        "-1 while what was added is taken back again."

    def move(self, before: Any, after: Any) -> None:
        was, is_ = self.observe(before), self.observe(after)
        if was == is_:
            return
        if was and is_:
            was, is_ = _unlike(was, is_)
        if is_:
            self.leaf.add(is_, self.sign)
        if was:
            self.leaf.add(was, -self.sign)

    def add(self, state: Any, sign: int) -> None:
        if found := self.observe(state):
            self.leaf.add(found, sign * self.sign)


class WatchedSubject:
    """What metrics observe in states, and those metrics."""

    def __init__(self, subject: Subject, reads: int, metrics: list[Watched]) -> None:
        self.whole = subject.whole
        self.reads = reads
        self.of: Callable[[Any], tuple[Any, ...]] = subject.of
        self._differing: Differing | None = subject.differing
        self._metrics = metrics
        self._affected: dict[int, list[Watched]] = {}

    def reverse(self) -> None:
        """From now on with the other sign."""
        for watched in self._metrics:
            watched.sign = -watched.sign

    def add(self, before: Any, after: Any, changed: int) -> None:
        if self.whole:
            self._add_whole(before, after, changed)
        elif changed & self.reads:
            if before is None:
                self._add_parts((), self.of(after))
            elif self._differing is not None:
                self._add_parts(*self._differing(before, after))
            else:
                self._add_parts(self.of(before), self.of(after))

    def _add_whole(self, before: Any, after: Any, changed: int) -> None:
        is_ = bool(self.of(after))
        was = before is not None and (bool(self.of(before)) if changed & self.reads else is_)
        if was and is_:
            for watched in self._of_fields(changed):
                watched.move(before, after)
        elif is_:
            for watched in self._metrics:
                watched.add(after, 1)
        elif was:
            for watched in self._metrics:
                watched.add(before, -1)

    def _add_parts(self, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
        """Parts alike stay; most that are several only grow."""
        if old and new:
            old, new = _unlike(old, new)
            if old and new:
                left = Counter(new)
                left.subtract(old)
                old, new = tuple((-left).elements()), tuple((+left).elements())
        # A part's metrics one after the other: they are of one moment, which the leaf then has at hand.
        for part in new:
            for watched in self._metrics:
                watched.add(part, 1)
        for part in old:
            for watched in self._metrics:
                watched.add(part, -1)

    def _of_fields(self, changed: int) -> list[Watched]:
        found = self._affected.get(changed)
        if found is None:
            found = self._affected[changed] = [
                watched for watched in self._metrics if watched.reads & changed
            ]
        return found


class Difference:
    """Gives the leaf new less old: what is new is added, what is gone is taken back.

    A metric is asked only where a field that it reads is another object than before, since the values
    of a state's fields are immutable. The first state of an entity differs from None.
    """

    def __init__(self, catalogue: Catalogue, domain: Domain, leaf: Leaf) -> None:
        self._fields = domain.state.__struct_fields__
        self._subjects = [
            WatchedSubject(subject, self._mask(subject.reads), self._metrics(catalogue, subject, leaf))
            for subject in domain.subjects
            if catalogue.of_subject(subject.name)
        ]
        self._forwards_read = self._mask(domain.forwards_read)
        self._domain = domain

    def add(self, before: State | None, after: State) -> list[tuple[str, Forward, bool]]:
        """What is new and gone, to the leaf; what to tell other entities, as `forwards` has it.

        Where a metric or `forwards` raises, the leaf is as it was.
        """
        changed = EVERYTHING if before is None else changed_fields(before, after)
        told = forwards(self._domain, before, after) if changed & self._forwards_read else []
        try:
            for subject in self._subjects:
                subject.add(before, after, changed)
        except Exception:
            self._undo(before, after, changed)
            raise
        return told

    def _undo(self, before: State | None, after: State, changed: int) -> None:
        """Do the same again with the other sign: functions are pure, so it ends where the first time did."""
        for subject in self._subjects:
            subject.reverse()
        try:
            for subject in self._subjects:
                subject.add(before, after, changed)
        except Exception:  # noqa: BLE001 - the one that is being undone
            return
        finally:
            for subject in self._subjects:
                subject.reverse()
        raise StateUnknown(f"a metric of {self._domain.name} failed once, and not again: no pure function")

    def _metrics(self, catalogue: Catalogue, subject: Subject, leaf: Leaf) -> list[Watched]:
        return [
            Watched(metric, self._mask(metric.reads) if subject.whole else EVERYTHING, leaf.of(metric))
            for metric in catalogue.of_subject(subject.name)
        ]

    def _mask(self, names: Iterable[str]) -> int:
        return sum(1 << self._fields.index(name) for name in names)


def _unlike(was: tuple[Any, ...], is_: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Without what both begin with: most that are several only grow."""
    alike, shorter = 0, min(len(was), len(is_))
    while alike < shorter and was[alike] == is_[alike]:
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
