"""The leaf: where observations are netted, with all dimensions and by the finest pane."""

from collections import Counter
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from streams.catalogue import Catalogue, Family, Metric, Observation
from streams.windows.panes import COARSE, FINE
from streams.windows.series import dimensions_text

MICROS_FINE = FINE * 1_000_000
WIDTH = 16
"Bits of a slot that a metric has to itself; its number in the family stands above them."

Slots = dict[int, int]
Labels = Callable[[Family, tuple[str | None, ...]], tuple[str, ...]]
Projected = dict[str, dict[int, Slots]]
"series -> second at which a (fine or coarse) pane starts -> slots."


class Leaf:
    """Nets the contributions of one checkpoint, then projects them onto their series."""

    def __init__(self, catalogue: Catalogue, labels: Labels) -> None:
        self._bases = {metric.name: catalogue.numbers[metric.name] << WIDTH for metric in catalogue.metrics}
        self._labels = labels
        self._projections = {family: Projection(family) for family in catalogue.families}
        self._cells: dict[Family, dict[tuple[tuple[str, ...], int], Slots]] = {
            family: {} for family in catalogue.families
        }
        self.anomalies: Counter[str] = Counter()
        self.retractions: Counter[str] = Counter()

    def add(self, metric: Metric, observations: Iterable[Observation], sign: int) -> None:
        base = self._bases[metric.name]
        cells = self._cells[metric.family]
        for time, dimensions, value in observations:
            additions = metric.kind.additions(value)
            if not additions:
                self.anomalies[metric.name] += sign > 0
                continue
            place = (self._labels(metric.family, dimensions), time // MICROS_FINE)
            slots = cells.get(place)
            if slots is None:
                slots = cells[place] = {}
            for slot, number in additions:
                slot += base
                slots[slot] = slots.get(slot, 0) + sign * number
            if sign < 0:
                self.retractions[metric.name] += 1

    def project(self) -> Projected:
        """The netted contributions by series; the leaf is empty afterwards."""
        projected: Projected = {}
        for family, cells in self._cells.items():
            if cells:
                self._projections[family].project(cells, projected)
                cells.clear()
        return projected


class Projection:
    """How cells of a family with all its dimensions add to its dimension sets."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._plans = [self._plan(names) for names in family.sets]
        self._keys: dict[tuple[int, Any], str] = {}

    def _plan(self, names: tuple[str, ...]) -> tuple[Callable[[tuple[str, ...]], Any], int]:
        places = [self._family.dimensions.index(name) for name in names]
        pick = itemgetter(*places) if places else _nothing
        return pick, (COARSE if self._family.coarse & set(names) else FINE)

    def project(self, cells: dict[tuple[tuple[str, ...], int], Slots], into: Projected) -> None:
        for number, (pick, seconds) in enumerate(self._plans):
            sums: dict[Any, dict[int, Slots]] = {}
            for (labels, fine), slots in cells.items():
                start = fine * FINE
                start -= start % seconds
                panes = sums.setdefault(pick(labels), {})
                if (known := panes.get(start)) is None:
                    panes[start] = dict(slots)
                else:
                    merge(known, slots)
            for values, panes in sums.items():
                if netted := _without_zeros(panes):
                    into[self._key(number, values)] = netted

    def _key(self, number: int, values: Any) -> str:
        key = self._keys.get((number, values))
        if key is None:
            names = self._family.sets[number]
            labels = (values,) if len(names) == 1 else values
            text = dimensions_text(dict(zip(names, labels, strict=True)))
            key = self._keys[number, values] = f"{self._family.name}|{text}"
        return key


def merge(into: Slots, slots: Slots) -> None:
    for slot, number in slots.items():
        into[slot] = into.get(slot, 0) + number


def _nothing(_: tuple[str, ...]) -> tuple[str, ...]:
    return ()


def _without_zeros(panes: dict[int, Slots]) -> dict[int, Slots]:
    kept = {start: {slot: n for slot, n in slots.items() if n} for start, slots in panes.items()}
    return {start: slots for start, slots in kept.items() if slots}
