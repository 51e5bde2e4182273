"""What a domain declares: its events, its state, its metrics. Everything else follows from it."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from streams.events import EventType
from streams.observation import NONE as NONE
from streams.observation import Observation as Observation
from streams.observation import Observations as Observations
from streams.state.record import State
from streams.windows.kinds import Kind
from streams.windows.levels import Level
from streams.windows.vector import MASK

UNKNOWN = "unknown"
"The label of a dimension value that is missing."

OTHER = "other"
"The label of dimension values that are not told apart."


Sets = frozenset[frozenset[str]]
"Dimension sets."


@dataclass(frozen=True, eq=False)
class Family:
    """Metrics with the same dimensions and dimension sets; one cell holds them all."""

    name: str
    dimensions: tuple[str, ...]
    sets: tuple[tuple[str, ...], ...]
    coarse: frozenset[str] = frozenset()
    "Dimensions whose sets have no minute panes."
    minutes: frozenset[tuple[str, ...]] | None = None
    "The sets with minute panes; None: all that may have them."
    shown: tuple[tuple[str, ...], ...] = ()
    "Sets that Prometheus shows beside those that are set, by the minute too."
    kept: Mapping[str, int] = field(default_factory=dict)
    "Seconds for which panes of a kind are kept, where that is less than as it is set."

    def exported(self, named: Iterable[frozenset[str]]) -> Sets:
        """The sets that Prometheus shows where these are set."""
        return frozenset(map(frozenset, self.sets)) & (frozenset(named) | set(map(frozenset, self.shown)))

    def has_minutes(self, names: tuple[str, ...]) -> bool:
        return not self.coarse & set(names) and (self.minutes is None or names in self.minutes)

    def with_minutes(self) -> tuple[tuple[str, ...], ...]:
        """The sets that have minute panes."""
        return tuple(names for names in self.sets if self.has_minutes(names))


@dataclass(frozen=True, eq=False)
class Metric:
    """One metric: what it is called and means, and the function that says what a subject contributes.

    `reads` names the fields of the subject that the function looks at: it is asked again only when
    one of them has changed. (A field that only grows, and is only looked up in, needs no mention.)
    """

    name: str
    title: str
    formula: str
    unit: str
    kind: Kind
    family: Family
    windows: tuple[str, ...]
    more_is_better: bool | None
    of: str
    reads: tuple[str, ...]
    observe: Callable[[Any], Observations]
    bounds: bool = False
    "Whether Prometheus shows the figure's interval too."


class Forward(Struct, frozen=True):
    """A fact for an entity of another domain, at the time and sequence of its cause."""

    domain: str
    target: str
    time: int
    sequence: int
    fact: Any


class FactType(NamedTuple):
    """A kind of fact that other entities tell, and the types of the events that say it, or its absence."""

    fact: type[Struct]
    told: str
    gone: str


class Deadline(NamedTuple):
    """An instant that an entity waits for: that it passes changes the entity, though nothing happens."""

    time: int
    target: str
    "What it is the instant of."


class Signal(NamedTuple):
    """A record for a topic of its own. An id stands for one thing, told again where it is told otherwise."""

    topic: str
    type: str
    id: str
    time: int
    data: Mapping[str, Any]
    stamped: str = ""
    "The name of a field of the data for the time of writing."
    dimensions: Mapping[str, str | None] = {}
    "Told in the data as figures tell them: some may be hidden, or replaced by pseudonyms."


@dataclass(frozen=True, eq=False)
class Subject:
    """What metrics observe in a state: the state itself, or parts of it.

    `of` says what of a state counts (nothing, while the entity counts for nothing) and `reads` the
    fields it looks at; `whole` means that the only subject is the state itself.
    """

    name: str
    of: Callable[[Any], tuple[Any, ...]]
    reads: tuple[str, ...]
    whole: bool = False
    differing: Callable[[Any, Any], tuple[tuple[Any, ...], tuple[Any, ...]]] | None = None
    "What `of` gives of two states, without what is known to be of both: where there may be much of that."


@dataclass(frozen=True, eq=False)
class Domain:
    """One kind of entity. `types` are in rank order, those of the processor itself last."""

    name: str
    types: tuple[EventType, ...]
    state: type[State]
    subjects: tuple[Subject, ...]
    settled: Callable[[Any], bool]
    "Whether an entity may be forgotten when its time has passed: long after it nothing changes it any more."
    forwards: Callable[[Any], Mapping[str, Forward]] | None = None
    "What other entities are to know, by a key that is unique within the sender."
    forwards_to: tuple[str, ...] = ()
    "The domains of those entities."
    forwards_read: tuple[str, ...] = ()
    "The fields that `forwards` looks at."
    facts: tuple[FactType, ...] = ()
    "What entities of this domain are told by others; where there are several kinds, structs with tags."
    kinds: tuple[str, ...] = ()
    "Prefixes of type names that belong here though not listed: counted and skipped."
    condense: Callable[[Any, Mapping[str, int]], None] | None = None
    """Moves what facts came to from a state's registers to `folded`, as far as nothing can change it.

    Facts say by `since` from when on they matter; up to when all have come is given by the domain that tells.
    """
    deadlines: Callable[[Any, int], Iterable[Deadline]] | None = None
    "All instants of a state that the clock has reached after those known to have passed, and the next ones."
    signals: Callable[[str, Any, Any], Iterable[Signal]] | None = None
    "What is to be told of a subject, whose state was this and has become that (None: wasn't there)."
    signal_topics: Mapping[str, int] = field(default_factory=dict)
    "The topics of signals, each with the days that it keeps them."


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All domains and metrics, with the numbers that tables use for them."""

    domains: tuple[Domain, ...]
    metrics: tuple[Metric, ...]
    revision: int = 1
    "Raised by hand when a fold or a function changes what it yields."
    tables: tuple[str, ...] = ()
    "What else figures are made of, each with its version."
    families: tuple[Family, ...] = field(init=False)
    numbers: Mapping[str, int] = field(init=False)
    levels: Mapping[str, tuple[str, ...]] = field(init=False)
    "Families of levels, by name, with the kinds of pane that they are published in."

    def __post_init__(self) -> None:
        families = tuple(dict.fromkeys(metric.family for metric in self.metrics))
        _unique("family", (family.name for family in families))
        _unique("metric", (metric.name for metric in self.metrics))
        numbers: dict[str, int] = {}
        for family in families:
            names = [metric.name for metric in self.metrics if metric.family is family]
            if len(names) > MASK + 1:
                raise ValueError(
                    f"family {family.name!r} has {len(names)} metrics, expected at most {MASK + 1}: "
                    "a cell tells no more of them apart"
                )
            numbers.update((name, number) for number, name in enumerate(names))
        object.__setattr__(self, "families", families)
        object.__setattr__(self, "numbers", numbers)
        panes = {family.name: self._panes_of(family) for family in families}
        object.__setattr__(self, "levels", {name: kinds for name, kinds in panes.items() if kinds})

    def of_family(self, family: Family) -> tuple[Metric, ...]:
        """The metrics of a family by their number."""
        return tuple(metric for metric in self.metrics if metric.family is family)

    def of_subject(self, name: str) -> tuple[Metric, ...]:
        return tuple(metric for metric in self.metrics if metric.of == name)

    def domain(self, name: str) -> Domain:
        return next(domain for domain in self.domains if domain.name == name)

    def fact_type(self, forward: Forward) -> FactType:
        return next(kind for kind in self.domain(forward.domain).facts if type(forward.fact) is kind.fact)

    def sources(self, family: Family) -> frozenset[str]:
        """The domains whose events decide what a family holds: those that contribute or forward to these."""
        subjects = {metric.of for metric in self.metrics if metric.family is family}
        found: set[str] = set()
        for domain in self.domains:
            seen = [subject for subject in domain.subjects if subject.name in subjects]
            if seen:
                found.add(domain.name)
            if any("registers" in subject.reads for subject in seen):
                found.update(other.name for other in self.domains if domain.name in other.forwards_to)
        return frozenset(found)

    def exported(self, named: Iterable[frozenset[str]]) -> Mapping[str, Sets]:
        """The sets of each family that Prometheus shows where these are set."""
        every = frozenset(named)
        return {family.name: family.exported(every) for family in self.families}

    def adjusted(self, hidden: frozenset[str], minutes: Sets) -> "Catalogue":
        """Without the sets of hidden dimensions; minute panes have these sets and those always shown.

        Those of levels stay as they are declared: they say which steps are still to come.
        """
        families = {
            family.name: _adjusted(family, hidden, None if family.name in self.levels else minutes)
            for family in self.families
        }
        metrics = tuple(replace(metric, family=families[metric.family.name]) for metric in self.metrics)
        return replace(self, metrics=metrics)

    def narrowed(self, names: Iterable[str], sets: tuple[tuple[str, ...], ...]) -> "Catalogue":
        """The metrics of these names, by these sets alone; without those that lack one of the dimensions."""
        wanted, dimensions = frozenset(names), {name for each in sets for name in each}
        families = {
            family.name: replace(family, sets=sets, minutes=frozenset())
            for family in self.families
            if dimensions <= set(family.dimensions)
        }
        metrics = tuple(
            replace(metric, family=families[metric.family.name])
            for metric in self.metrics
            if metric.name in wanted and metric.family.name in families
        )
        return replace(self, metrics=metrics)

    def version(self, settings: Mapping[str, Any]) -> str:
        """A digest of all that decides what events contribute."""
        told = {
            "revision": self.revision,
            "tables": self.tables,
            "settings": dict(settings),
            "types": {domain.name: [type_.name for type_ in domain.types] for domain in self.domains},
            "metrics": [
                [m.name, m.kind.name, m.unit, m.family.name, m.family.dimensions, m.family.sets]
                for m in self.metrics
            ],
            "minutes": {family.name: family.with_minutes() for family in self.families},
            "levels": self.levels,
            "kept": {family.name: family.kept for family in self.families if family.kept},
        }
        return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()[:16]

    def _panes_of(self, family: Family) -> tuple[str, ...]:
        """The kinds of pane that a family's levels are published in; none of other metrics."""
        kinds = {metric.name: metric.kind for metric in self.of_family(family)}
        panes = {kind.panes if isinstance(kind, Level) else () for kind in kinds.values()}
        if len(panes) > 1:
            raise ValueError(
                f"family {family.name!r} has {', '.join(kinds)}, expected either levels alone, "
                "of the same panes, or none"
            )
        return panes.pop()


def _adjusted(family: Family, hidden: frozenset[str], minutes: Sets | None) -> Family:
    sets = tuple(names for names in family.sets if not hidden & set(names))
    kept = frozenset(family.with_minutes())
    if minutes is not None:
        wanted = family.exported(minutes)
        kept = frozenset(names for names in kept if frozenset(names) in wanted)
    return replace(family, sets=sets, minutes=kept & set(sets))


def _unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{what} {name!r} is declared twice")
        seen.add(name)
