"""Cells: what a series adds up to in a pane, and the figures that follow from it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from streams.catalogue import Catalogue, Family, Metric
from streams.windows.kinds import Figure
from streams.windows.leaf import WIDTH, Slots, merge
from streams.windows.panes import PUBLISHED, Calendar
from streams.windows.series import dimensions_of

Pane = tuple[str, int]
"Kind and start (seconds since 1970; 0 of the total)."

_MASK = (1 << WIDTH) - 1


class Series(NamedTuple):
    """A series, read from its name."""

    family: Family
    text: str
    dimensions: Mapping[str, str]
    kinds: tuple[str, ...]
    "The kinds of pane that it has."


class SeriesNames:
    """Reads names of series, each once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._families = {family.name: family for family in catalogue.families}
        self._known: dict[str, Series] = {}

    def read(self, name: str) -> Series:
        series = self._known.get(name)
        if series is None:
            family_name, text = name.split("|", 1)
            family = self._families[family_name]
            dimensions = dimensions_of(text)
            kinds = PUBLISHED if family.coarse & dimensions.keys() else ("minute", *PUBLISHED)
            series = self._known[name] = Series(family, text, dimensions, kinds)
        return series

    def forget(self) -> None:
        self._known.clear()


def expand(panes: Mapping[int, Slots], kinds: Iterable[str], calendar: Calendar) -> dict[Pane, Slots]:
    """Contributions by their finest pane, added up in every pane that holds them."""
    expanded: dict[Pane, Slots] = {}
    for second, slots in panes.items():
        for kind in kinds:
            pane = (kind, calendar.start(kind, second))
            if (known := expanded.get(pane)) is None:
                expanded[pane] = dict(slots)
            else:
                merge(known, slots)
    return expanded


def split(slots: Slots) -> dict[int, Slots]:
    """A cell's slots by the number of their metric in the family."""
    parts: dict[int, Slots] = {}
    for slot, number in slots.items():
        parts.setdefault(slot >> WIDTH, {})[slot & _MASK] = number
    return parts


class FamilyFigures:
    """The figures of a family's cells."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.metrics = {family.name: catalogue.of_family(family) for family in catalogue.families}

    def of(self, family: Family, slots: Slots, numbers: Iterable[int]) -> Iterator[tuple[Metric, Figure]]:
        """The figures of the metrics with these numbers."""
        metrics, parts = self.metrics[family.name], split(slots)
        for number in numbers:
            metric = metrics[number]
            yield metric, metric.kind.figure(parts.get(number, {}))
