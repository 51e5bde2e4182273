"""What facts came to that are folded away: of each case when it counts, its labels, and how it went."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from msgspec import Struct

from agents.dimensions import Labels
from streams.moments import MINUTE
from streams.state.record import Folded


class Counted(Protocol):
    @property
    def time(self) -> int: ...
    @property
    def labels(self) -> Labels: ...
    @property
    def good(self) -> bool: ...


C = TypeVar("C", bound=Counted)


class Case(Struct, frozen=True, array_like=True, gc=False):
    minute: int
    labels: int
    "Their place."
    good: bool


class Cases(Struct, frozen=True, array_like=True, gc=False):
    """By the minute, as no pane is finer: a case takes about a tenth of the fact that told of it."""

    labels: tuple[Labels, ...] = ()
    cases: tuple[Case, ...] = ()

    def of(self, kind: Callable[[int, Labels, bool], C]) -> tuple[C, ...]:
        labels = self.labels
        return tuple([kind(case.minute * MINUTE, labels[case.labels], case.good) for case in self.cases])

    def joined(self, counted: Iterable[Counted]) -> "Cases":
        places = {labels: place for place, labels in enumerate(self.labels)}
        more = [
            Case(each.time // MINUTE, places.setdefault(each.labels, len(places)), each.good)
            for each in counted
        ]
        return Cases(tuple(places), (*self.cases, *more))


class FoldedFacts(Folded, frozen=True):
    outcomes: Cases = Cases()
    "Of calls."
    recontacts: Cases = Cases()
    "Of tickets."
    creations: dict[str, tuple[int, ...]] = {}
    "Of those tickets, by topic, as far as others may still ask for them."

    def reached(self, until: Mapping[str, int]) -> dict[str, int]:
        """Up to when all is folded now."""
        return self.until | {domain: max(at, self.until.get(domain, at)) for domain, at in until.items()}


NOTHING_FOLDED = FoldedFacts({})
