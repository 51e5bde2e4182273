"""Cells: what a series adds up to in a pane, and the figures that follow from it."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from streams.catalogue import Catalogue, Family, Metric
from streams.windows.kinds import Slots
from streams.windows.leaf import Panes
from streams.windows.panes import COARSE, PUBLISHED, Calendar
from streams.windows.series import dimensions_of
from streams.windows.vector import MASK, WIDTH, Vector

Pane = tuple[str, int]
"Kind and start (seconds since 1970; 0 of the total)."

Parts = Mapping[int, Slots]
"Slots by the number of their metric in the family."


class Series(NamedTuple):
    """A series, read from its name."""

    family: Family
    text: str
    dimensions: Mapping[str, str]
    kinds: tuple[str, ...]
    "The kinds of pane that it has."


class Part(NamedTuple):
    """What one metric adds up to in a pane of a series."""

    metric: Metric
    series: Series
    pane: Pane
    slots: Slots


class SeriesNames:
    """Reads names of series, each once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._families = {family.name: family for family in catalogue.families}
        self._levels = catalogue.levels
        self._known: dict[str, Series] = {}

    def read(self, name: str) -> Series:
        series = self._known.get(name)
        if series is None:
            family_name, text = name.split("|", 1)
            family = self._families[family_name]
            dimensions = dimensions_of(text)
            series = self._known[name] = Series(family, text, dimensions, self._kinds(family, dimensions))
        return series

    def _kinds(self, family: Family, dimensions: Mapping[str, str]) -> tuple[str, ...]:
        levels = self._levels.get(family.name)
        kinds = PUBLISHED if levels is None else (*levels, "total")
        return ("minute", *kinds) if family.has_minutes(_declared(family, dimensions)) else kinds


def _declared(family: Family, dimensions: Mapping[str, str]) -> tuple[str, ...]:
    """A set as its family has it."""
    return next(names for names in family.sets if set(names) == dimensions.keys())


def expand(panes: Panes, kinds: tuple[str, ...], calendar: Calendar) -> dict[Pane, Vector]:
    """Contributions by their finest pane, added up in every pane that holds them. Panes may share slots."""
    expanded: dict[Pane, Vector] = {}
    if "minute" in kinds:
        expanded.update((("minute", start), slots) for start, slots in panes.items())
    quarters = _regroup(panes, lambda start: start - start % COARSE)
    days = _regroup(quarters, lambda start: calendar.start("day", start))
    months = _regroup(days, lambda start: calendar.start("month", start))
    for kind, starts in (
        ("hour", _regroup(quarters, lambda start: start - start % 3600)),
        ("day", days),
        ("month", months),
        ("total", _regroup(months, lambda start: 0)),
    ):
        if kind in kinds:
            expanded.update(((kind, start), slots) for start, slots in starts.items())
    return expanded


def _regroup(panes: Panes, start_of: Callable[[int], int]) -> Panes:
    if len(panes) == 1:
        return {start_of(start): slots for start, slots in panes.items()}
    grouped: Panes = {}
    for start, slots in panes.items():
        to = start_of(start)
        if (known := grouped.get(to)) is None:
            grouped[to] = slots.copy()
        else:
            known.merge(slots)
    return grouped


def split(slots: Slots) -> dict[int, dict[int, int]]:
    """A cell's slots by the number of their metric in the family."""
    parts: dict[int, dict[int, int]] = {}
    for slot, number in slots.items():
        place = slot & MASK
        part = parts.get(place)
        if part is None:
            part = parts[place] = {}
        part[slot >> WIDTH] = number
    return parts


def joined(parts: Parts) -> dict[int, int]:
    """The inverse of `split`."""
    return {slot << WIDTH | number: n for number, slots in parts.items() for slot, n in slots.items()}


def decoded(type_: type, slots: Any) -> Vector:
    """For msgspec, which knows no vectors."""
    return Vector(slots)
