"""The leaf: where a checkpoint's observations are netted before they travel.

Observations are added to few cells with many dimensions: one with all that have fine panes, one for each
coarse set. From these the cells of the dimension sets follow once per checkpoint, narrower ones from wider
ones, and not once per observation.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from streams.catalogue import Catalogue, Family, Metric, Observation
from streams.windows.panes import COARSE, FINE
from streams.windows.series import dimensions_text

MICRO = 1_000_000
WIDTH = 16
"Bits of a slot that a metric has to itself; its number in the family stands above them."

Slots = dict[int, int]
Panes = dict[int, Slots]
"Start of a fine (or coarse) pane, in seconds -> slots."

Changes = tuple[tuple[int, int], ...]
Labels = Callable[[Family, tuple[str | None, ...]], tuple[str, ...]]
Projected = dict[str, Panes]
"series -> panes."


class Leaf:
    """Nets the contributions of one checkpoint, then projects them onto their series."""

    def __init__(self, catalogue: Catalogue, labels: Labels) -> None:
        self._bases = {metric.name: catalogue.numbers[metric.name] << WIDTH for metric in catalogue.metrics}
        self._labels = labels
        self._families = {family.name: FamilyLeaf(family) for family in catalogue.families}
        self._known: dict[tuple[str, Any, int], Changes] = {}
        self.anomalies: Counter[str] = Counter()
        self.retractions: Counter[str] = Counter()

    def add(self, metric: Metric, observations: Iterable[Observation], sign: int) -> None:
        family = metric.family
        for time, dimensions, value in observations:
            changes = self._changes(metric, value, sign)
            if not changes:
                self.anomalies[metric.name] += sign > 0
                continue
            self._families[family.name].add(time // MICRO, self._labels(family, dimensions), changes)
            if sign < 0:
                self.retractions[metric.name] += 1

    def _changes(self, metric: Metric, value: Any, sign: int) -> Changes:
        """What an observation adds to which slots of its cell."""
        place = (metric.name, value, sign)
        changes = self._known.get(place)
        if changes is None:
            base = self._bases[metric.name]
            additions = metric.kind.additions(value)
            changes = tuple((base + slot, sign * number) for slot, number in additions)
            if metric.kind.name != "distribution":
                self._known[place] = changes
        return changes

    def project(self) -> Projected:
        """The netted contributions by series; the leaf is empty afterwards."""
        projected: Projected = {}
        for family in self._families.values():
            family.project(projected)
        return projected


class FamilyLeaf:
    """The cells of a family. Its first sets, of all fine dimensions, may be none of those it publishes."""

    def __init__(self, family: Family) -> None:
        self._family = family
        fine = dict.fromkeys(name for names in family.sets if not family.coarse & set(names) for name in names)
        self._sets = tuple(dict.fromkeys((tuple(fine), *family.sets)))
        self._grains = [COARSE if family.coarse & set(names) else FINE for names in self._sets]
        self._cells: list[dict[Any, Panes]] = [{} for _ in self._sets]
        self._keys: list[dict[Any, str]] = [{} for _ in self._sets]
        self._from = [self._wider(number) for number in range(len(self._sets))]
        self._direct = [
            (self._cells[number], self._grains[number], _picker(family.dimensions, names))
            for number, names in enumerate(self._sets)
            if self._from[number] is None
        ]

    def add(self, second: int, labels: tuple[str, ...], changes: Changes) -> None:
        for cells, grain, pick in self._direct:
            values = pick(labels)
            panes = cells.get(values)
            if panes is None:
                panes = cells[values] = {}
            start = second - second % grain
            slots = panes.get(start)
            if slots is None:
                panes[start] = dict(changes)
                continue
            for slot, number in changes:
                slots[slot] = slots.get(slot, 0) + number

    def project(self, into: Projected) -> None:
        for number in sorted(range(len(self._sets)), key=lambda number: -len(self._sets[number])):
            if (source := self._from[number]) is not None:
                self._narrow(source, number)
        for number, (names, cells) in enumerate(zip(self._sets, self._cells, strict=True)):
            if names in self._family.sets:
                for values, panes in cells.items():
                    if netted := _without_zeros(panes):
                        into[self._key(number, values)] = netted
            cells.clear()

    def _narrow(self, source: int, number: int) -> None:
        """Add the cells of a wider set up in those of a set within it."""
        pick = _picker(self._sets[source], self._sets[number])
        grain, cells = self._grains[number], self._cells[number]
        for values, panes in self._cells[source].items():
            labels = (values,) if len(self._sets[source]) == 1 else values
            into = cells.setdefault(pick(labels), {})
            for start, slots in panes.items():
                start -= start % grain
                if (known := into.get(start)) is None:
                    into[start] = dict(slots)
                else:
                    merge(known, slots)

    def _wider(self, number: int) -> int | None:
        """The smallest set that a set lies within and that is no coarser."""
        names = set(self._sets[number])
        fits = [
            other
            for other, wider in enumerate(self._sets)
            if names < set(wider) and self._grains[other] <= self._grains[number]
        ]
        return min(fits, key=lambda other: len(self._sets[other]), default=None)

    def _key(self, number: int, values: Any) -> str:
        key = self._keys[number].get(values)
        if key is None:
            names = self._sets[number]
            labels = (values,) if len(names) == 1 else values
            text = dimensions_text(dict(zip(names, labels, strict=True)))
            key = self._keys[number][values] = f"{self._family.name}|{text}"
        return key


def merge(into: Slots, slots: Slots) -> None:
    for slot, number in slots.items():
        into[slot] = into.get(slot, 0) + number


def _picker(dimensions: tuple[str, ...], names: tuple[str, ...]) -> Callable[[tuple[str, ...]], Any]:
    """Picks the labels of a set: one as it is, several as a tuple."""
    places = [dimensions.index(name) for name in names]
    return itemgetter(*places) if places else _nothing


def _nothing(_: tuple[str, ...]) -> tuple[str, ...]:
    return ()


def _without_zeros(panes: Panes) -> Panes:
    kept = {start: {slot: n for slot, n in slots.items() if n} for start, slots in panes.items()}
    return {start: slots for start, slots in kept.items() if slots}
