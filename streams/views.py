"""Views: tables of figures by the values of a dimension, from metrics that there are: none of their own."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec import Struct, structs

from streams.catalogue import OTHER, UNKNOWN, Catalogue, Metric
from streams.windows.cells import Pane, Part
from streams.windows.kinds import NOTHING

NOBODY = frozenset({UNKNOWN, OTHER})


@dataclass(frozen=True)
class View:
    """A row for each value of `dimension` in each pane, ranked among those of the same `group`."""

    name: str
    dimension: str
    group: str
    "Another dimension: of its values a row has the one that most of what it counts has."
    metrics: tuple[str, ...]
    "In the order of the columns; those that a catalogue lacks are left out."

    def catalogue(self, whole: Catalogue) -> Catalogue:
        """What has to be computed for it."""
        return whole.narrowed(self.metrics, ((self.dimension,), (self.group, self.dimension)))


class Shown(Struct, omit_defaults=True):
    """A figure with its 95 % interval; of `few` observations nothing follows."""

    value: float
    count: int
    low: float | None = None
    high: float | None = None
    few: bool = False


class Row(Struct):
    pane: Pane
    name: str
    group: str
    figures: dict[str, Shown]
    rank: int | None = None
    "Among those of its group, 1 is the best; None where it isn't ranked."


def rows(view: View, parts: Iterable[Part], few: int, ranked_by: Metric | None = None) -> list[Row]:
    """The view of what its catalogue's metrics have; figures on fewer than `few` observations are marked.

    With `ranked_by` rows are ranked by that metric, as far as enough stands behind it.
    """
    figures: dict[tuple[Pane, str], dict[str, Shown]] = {}
    groups: dict[tuple[Pane, str], dict[str, int]] = {}
    for part in parts:
        figure = part.metric.kind.figure(part.slots)
        if figure is NOTHING or figure["value"] is None:
            continue
        place = part.pane, part.series.dimensions[view.dimension]
        if (group := part.series.dimensions.get(view.group)) is not None:
            counts = groups.setdefault(place, {})
            counts[group] = counts.get(group, 0) + figure["count"]
            continue
        low, high = part.metric.kind.interval(part.slots) or (None, None)
        is_few = part.metric.kind.name != "count" and figure["count"] < few
        shown = Shown(figure["value"], figure["count"], low, high, is_few)
        figures.setdefault(place, {})[part.metric.name] = shown
    found = [
        Row(pane, name, _most(groups[pane, name]), figures[pane, name])
        for pane, name in sorted(figures, key=lambda place: (place[0][1], place[1] in NOBODY, place[1]))
    ]
    return found if ranked_by is None else list(_ranked(found, ranked_by))


def _most(counts: Mapping[str, int]) -> str:
    return min(counts, key=lambda group: (-counts[group], group))


def _ranked(rows_: list[Row], metric: Metric) -> Iterator[Row]:
    """Equal ones share a rank."""
    values: dict[tuple[Pane, str], list[float]] = {}
    sign = -1 if metric.more_is_better else 1

    def value(row: Row) -> float | None:
        shown = row.figures.get(metric.name)
        return None if shown is None or shown.few or row.name in NOBODY else sign * shown.value

    for row in rows_:
        if (own := value(row)) is not None:
            values.setdefault((row.pane, row.group), []).append(own)
    for row in rows_:
        own = value(row)
        rank = None if own is None else 1 + sum(other < own for other in values[row.pane, row.group])
        yield structs.replace(row, rank=rank)
