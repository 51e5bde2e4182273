"""Figures for Prometheus: constant metrics built at each scrape from what this worker owns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from prometheus_client.core import Metric as Exposed
from prometheus_client.registry import Collector

from streams.catalogue import OTHER, Catalogue, Metric
from streams.outlets.names import gauge_name
from streams.windows.cells import Parts, Series, SeriesNames, split
from streams.windows.kinds import NOTHING, Figure, Slots
from streams.windows.levels import Level
from streams.windows.steps import merge
from streams.windows.trailing import Trailing
from streams.windows.vector import WIDTH

Quantile = Literal["p50", "p90", "p95", "p99"]
QUANTILES: dict[str, Quantile] = {"0.5": "p50", "0.9": "p90", "0.95": "p95", "0.99": "p99"}

Labels = tuple[str, ...]


NOW = ""
"In place of a window: levels have none."


class Taken(NamedTuple):
    """What a series adds up to in a window, as it was when a scrape came (in seconds)."""

    series: str
    window: str
    slots: Slots
    at: int


class Row(NamedTuple):
    """A series in a window: the values of its dimensions, what it adds up to, and when (in seconds)."""

    window: str
    by: Labels
    values: Labels
    slots: Slots
    at: int


class FigureCollector(Collector):
    """Windowed figures of all owned partitions; with nothing to divide by a series is absent.

    Of a dimension's values the `shown` largest are told apart, the rest is summed as `other`.
    """

    def __init__(self, catalogue: Catalogue, shown: int, owned: Mapping[int, Trailing]) -> None:
        self._catalogue = catalogue
        self._names = SeriesNames(catalogue)
        self._shown = shown
        self._owned = owned
        self._sums = {
            (metric.family.name, slot << WIDTH | catalogue.numbers[metric.name])
            for metric in catalogue.metrics
            for slot in metric.kind.sums
        }

    def describe(self) -> Iterable[Exposed]:
        return ()

    def collect(self) -> Iterator[Exposed]:
        return self.take()()

    def take(self) -> Callable[[], Iterator[Exposed]]:
        """Take sums as they are, which is little work; what tells of them may run in another thread."""
        taken: list[Taken] = []
        for trailing in self._owned.values():
            for name, windows in trailing.sums.items():
                for window, total in windows.items():
                    if total.slots:
                        taken.append(Taken(name, window.name, total.slots.copy(), trailing.now))
            taken.extend(Taken(name, NOW, slots, trailing.now) for name, slots in trailing.standing())
        return lambda: self._told(taken)

    def _told(self, taken: list[Taken]) -> Iterator[Exposed]:
        found = self._rows(taken)
        rows = {family: [(row, split(row.slots)) for row in rows] for family, rows in found.items()}
        for metric in self._catalogue.metrics:
            yield from self._families(metric, rows.get(metric.family.name, []))

    def _rows(self, taken: list[Taken]) -> dict[str, list[Row]]:
        """The rows of each family, bounded."""
        grouped: dict[tuple[str, Labels, str], list[Row]] = defaultdict(list)
        for name, window, slots, at in taken:
            series = self._names.read(name)
            row = _row(series, window, slots, at)
            grouped[series.family.name, row.by, window].append(row)
        rows: dict[str, list[Row]] = defaultdict(list)
        for (family, _, _), group in grouped.items():
            rows[family].extend(self._bounded(family, group))
        return rows

    def _bounded(self, family: str, rows: list[Row]) -> list[Row]:
        if len(rows) <= self._shown:
            return rows
        largest = sorted(rows, key=lambda row: -self._size(family, row.slots))
        shown, rest = largest[: self._shown], largest[self._shown :]
        window, by, _, _, at = rows[0]
        others = (OTHER,) * len(by)
        slots: dict[int, int] = {}
        for row in [*rest, *(row for row in shown if row.values == others)]:
            merge(slots, row.slots)
        return [*(row for row in shown if row.values != others), Row(window, by, others, slots, at)]

    def _size(self, family: str, slots: Slots) -> int:
        """How much there is of a series: what it counts, without its sums."""
        counts = (number for slot, number in slots.items() if (family, slot) not in self._sums)
        return sum(number for number in counts if number > 0)

    def _families(self, metric: Metric, rows: Sequence[tuple[Row, Parts]]) -> Iterator[Exposed]:
        """The figure, where it is spread its mean, and where it is no count itself how many it rests on."""
        number, name = self._catalogue.numbers[metric.name], gauge_name(metric)
        value = Exposed(name, metric.title, "gauge")
        mean = Exposed(f"{name}_mean", f"{metric.title}: mean", "gauge")
        count = Exposed(f"{name}_count", f"{metric.title}: how many", "gauge")
        soonest = Exposed(f"{name}_soonest", f"{metric.title}: of the first", "gauge")
        low, high = (
            Exposed(f"{name}_{end}", f"{metric.title}: {end} end of its 95 % interval", "gauge")
            for end in ("low", "high")
        )
        for row, parts in rows:
            if row.window not in (metric.windows or (NOW,)):
                continue
            figure = _figure(metric, parts.get(number, {}), row.at)
            if figure is NOTHING:
                continue
            dimensions = dict(zip(row.by, row.values, strict=True))
            labels = {"by": ",".join(row.by), **dimensions}
            if row.window is not NOW:
                labels["window"] = row.window
            count.add_sample(count.name, labels, figure["count"])
            if "p50" not in figure or metric.kind.name == "scores":
                value.add_sample(name, labels, float(figure["value"] or 0))
                if metric.bounds and "low" in figure:
                    low.add_sample(low.name, labels, figure["low"])
                    high.add_sample(high.name, labels, figure["high"])
                continue
            mean.add_sample(mean.name, labels, figure["mean"])
            if "soonest" in figure:
                soonest.add_sample(soonest.name, labels, figure["soonest"])
            for quantile, field in QUANTILES.items():
                value.add_sample(name, {**labels, "quantile": quantile}, figure[field])
        plain = metric.kind.name in ("count", "level")
        exposed = (value,) if plain else (value, mean, count, low, high, soonest)
        yield from (family for family in exposed if family.samples)


def _figure(metric: Metric, slots: Slots, at: int) -> Figure:
    return metric.kind.figure_at(slots, at) if isinstance(metric.kind, Level) else metric.kind.figure(slots)


def _row(series: Series, window: str, slots: Slots, at: int) -> Row:
    by = tuple(sorted(series.dimensions))
    return Row(window, by, tuple(series.dimensions[name] for name in by), slots, at)
