"""The leaf: where a checkpoint's observations are netted before they travel.

Observations are added to few cells with many dimensions: one with all that have fine panes, one for each
coarse set. From these the cells of the dimension sets follow once per checkpoint, narrower ones from wider
ones, and not once per observation.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from streams.catalogue import Catalogue, Family, Metric
from streams.observation import Observation
from streams.windows.kinds import Additions
from streams.windows.labels import Labels
from streams.windows.panes import COARSE, FINE
from streams.windows.series import dimensions_text
from streams.windows.vector import Vector, observe, vectors_at

MICRO = 1_000_000

KNOWN = 200_000
"Dimension values whose labels are remembered."

Panes = dict[int, Vector]
"Start of a fine (or coarse) pane, in seconds -> slots."

Projected = dict[str, Panes]
"series -> panes."


class FamilyLeaf:
    """The cells of a family. Its first sets, of many dimensions, need not be among those it publishes."""

    def __init__(self, family: Family, labels: Labels) -> None:
        self._family = family
        self._label = labels
        self._labels: dict[Any, list[Any]] = {}
        "Dimension values -> their labels, as each of the direct sets has them: those of all times."
        self._panes: dict[Any, list[Panes]] = {}
        "Dimension values -> the panes of their cells, until the next projection."
        # One event makes several metrics of one moment: most look-ups are repetitions.
        self._last_dimensions: Any = None
        self._last_second = 0
        self._last_slots: list[Vector] = []
        # What has no minute panes would net better apart, but each set that is added to directly costs with
        # every observation: so one takes all that is not coarse, at the finest grain that any of it needs.
        wide = _names(names for names in family.sets if not family.coarse & set(names))
        self._sets = tuple(dict.fromkeys((wide, *family.sets)))
        self._grains = [FINE if family.has_minutes(names) else COARSE for names in self._sets]
        if any(map(family.has_minutes, family.sets)):
            self._grains[0] = FINE
        self._cells: list[dict[Any, Panes]] = [{} for _ in self._sets]
        self._keys: list[dict[Any, str]] = [{} for _ in self._sets]
        self._from = [self._wider(number) for number in range(len(self._sets))]
        self._direct = [number for number in range(len(self._sets)) if self._from[number] is None]
        self._steps = [self._grains[number] for number in self._direct]
        self._picks = [picker(family.dimensions, self._sets[number]) for number in self._direct]

    def slots(self, second: int, dimensions: Any) -> list[Vector]:
        """The slots that what happens at a moment is added to, one in each of the direct sets."""
        if dimensions is self._last_dimensions and second == self._last_second:
            return self._last_slots
        panes = self._panes.get(dimensions)
        if panes is None:
            panes = self._panes_of(dimensions, second)
        found = vectors_at(panes, self._steps, second)
        self._last_dimensions = dimensions
        self._last_second = second
        self._last_slots = found
        return found

    def look_again(self) -> None:
        """All labels are to be looked up once more."""
        self._last_dimensions = None
        self._labels.clear()
        self._panes.clear()
        for keys in self._keys:
            keys.clear()

    def _panes_of(self, dimensions: Any, second: int) -> list[Panes]:
        picked = self._labels.get(dimensions)
        lasting = picked is not None
        if picked is None:
            labels, lasting = self._label(self._family, dimensions, second)
            picked = [pick(labels) for pick in self._picks]
            if lasting:
                if len(self._labels) > KNOWN:
                    self._labels.clear()
                self._labels[dimensions] = picked
        cells = [self._cells[number] for number in self._direct]
        panes = [each.setdefault(values, {}) for each, values in zip(cells, picked, strict=True)]
        if lasting:
            self._panes[dimensions] = panes
        return panes

    def project(self, into: Projected) -> None:
        self._last_dimensions = None
        self._panes.clear()
        for number in sorted(range(len(self._sets)), key=lambda number: -len(self._sets[number])):
            if (source := self._from[number]) is not None:
                self._narrow(source, number)
        for number, (names, cells) in enumerate(zip(self._sets, self._cells, strict=True)):
            if names in self._family.sets:
                for values, panes in cells.items():
                    if netted := {start: slots for start, slots in panes.items() if slots}:
                        into[self._key(number, values)] = netted
            cells.clear()

    def _narrow(self, source: int, number: int) -> None:
        """Add the cells of a wider set up in those of a set within it."""
        pick = picker(self._sets[source], self._sets[number])
        grain, cells = self._grains[number], self._cells[number]
        single = len(self._sets[source]) == 1
        for values, panes in self._cells[source].items():
            into = cells.setdefault(pick((values,) if single else values), {})
            for start, slots in panes.items():
                to = start - start % grain
                if (known := into.get(to)) is None:
                    into[to] = slots.copy()
                else:
                    known.merge(slots)

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


class MetricLeaf:
    """Turns observations of one metric into additions to the cells of its family."""

    def __init__(self, metric: Metric, number: int, family: FamilyLeaf) -> None:
        self.anomalies = 0
        self.retractions = 0
        self._number = number
        self._additions = metric.kind.additions
        self._few = metric.kind.few
        self._known: dict[Any, Additions] = {}
        "What few values add."
        self._family = family

    def add(self, observations: tuple[Observation, ...], sign: int) -> None:
        """Add what is observed, or with the sign -1 take it back."""
        own = self._number
        for seen in observations:
            value = seen.value
            additions = self._known.get(value) if self._few else self._additions(value)
            if additions is None:
                additions = self._known[value] = self._additions(value)
            if not additions:
                self.anomalies += sign > 0
                continue
            found = self._family.slots(seen.time // MICRO, seen.dimensions)
            observe(found, additions, own, sign)
            if sign < 0:
                self.retractions += 1


class Leaf:
    """Nets the contributions of one checkpoint, then projects them onto their series."""

    def __init__(self, catalogue: Catalogue, labels: Labels) -> None:
        self._labels = labels
        self._families = {family.name: FamilyLeaf(family, labels) for family in catalogue.families}
        self._metrics = {
            metric.name: MetricLeaf(
                metric, catalogue.numbers[metric.name], self._families[metric.family.name]
            )
            for metric in catalogue.metrics
        }

    def reach(self, second: int) -> None:
        """Event time has come to a second."""
        if self._labels.reach(second):
            for family in self._families.values():
                family.look_again()

    def of(self, metric: Metric) -> MetricLeaf:
        return self._metrics[metric.name]

    def add(self, metric: Metric, observations: tuple[Observation, ...], sign: int) -> None:
        self._metrics[metric.name].add(observations, sign)

    def project(self) -> Projected:
        """The netted contributions by series; the leaf is empty afterwards."""
        projected: Projected = {}
        for family in self._families.values():
            family.project(projected)
        return projected

    @property
    def anomalies(self) -> dict[str, int]:
        """Observations that made no sense, by metric."""
        return {name: leaf.anomalies for name, leaf in self._metrics.items() if leaf.anomalies}

    @property
    def retractions(self) -> dict[str, int]:
        """Observations taken back, by metric."""
        return {name: leaf.retractions for name, leaf in self._metrics.items() if leaf.retractions}


def _names(sets: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """All dimensions that occur in sets."""
    return tuple(dict.fromkeys(name for names in sets for name in names))


def picker(dimensions: tuple[str, ...], names: tuple[str, ...]) -> Callable[[tuple[str, ...]], Any]:
    """Picks the labels of a set: one as it is, several as a tuple."""
    places = [dimensions.index(name) for name in names]
    return itemgetter(*places) if places else _nothing


def _nothing(_: tuple[str, ...]) -> tuple[str, ...]:
    return ()
