"""Cumulative histograms for `rate()` and `histogram_quantile()`: they only grow.

What is taken back stays in them; they count what this process has rolled up since its start.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.catalogue import OTHER, Catalogue
from streams.outlets.histogram import LIMITS, Histogram
from streams.outlets.names import gauge_name
from streams.windows.cells import Pane, SeriesNames, split

Place = tuple[str, tuple[str, ...], tuple[str, ...]]
"Metric, names and values of the dimensions."

Taken = tuple[Place, list[int], float]
"A histogram's counts and sum, as they were when a scrape came."


NOT_EXPORTED: dict[int, Histogram | None] = {}


class Histograms(Collector):
    """Of each distribution and exported series; the first `shown` values of a dimension are told apart."""

    def __init__(self, catalogue: Catalogue, exported: Iterable[frozenset[str]], shown: int) -> None:
        self._metrics = {family.name: catalogue.of_family(family) for family in catalogue.families}
        self._names = SeriesNames(catalogue)
        self._exported = catalogue.exported(exported)
        self._shown = shown
        self._known: dict[Place, Histogram] = {}
        self._of_series: dict[str, dict[int, Histogram | None]] = {}
        "By the number of the metric in its family."
        self._told_apart: dict[tuple[str, tuple[str, ...]], int] = {}

    def added(self, name: str, pane: Pane, slots: Mapping[int, int]) -> None:
        """Contributions were added to a cell; those to the total are counted here."""
        if pane[0] != "total":
            return
        known = self._of_series.get(name)
        if known is None:
            known = self._of_series[name] = self._distributions(name)
        if not known:
            return
        for number, part in split(slots).items():
            if number in known:
                histogram = known[number]
                if histogram is None:
                    histogram = known[number] = self._histogram(name, number)
                histogram.add(part)

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        return self.take()()

    def take(self) -> Callable[[], Iterator[Metric]]:
        """Take counts as they are, which is little work; what tells of them may run in another thread."""
        taken: defaultdict[str, list[Taken]] = defaultdict(list)
        for place, histogram in self._known.items():
            taken[place[0]].append((place, histogram.counts.copy(), histogram.sum))
        return lambda: self._told(taken)

    def _told(self, taken: Mapping[str, list[Taken]]) -> Iterator[Metric]:
        for metrics in self._metrics.values():
            for metric in metrics:
                if found := taken.get(metric.name):
                    yield _family(f"{gauge_name(metric)}_histogram", metric.title, found)

    def _distributions(self, name: str) -> dict[int, Histogram | None]:
        """The numbers of a series' metrics of which there are histograms, each made once there is need."""
        series = self._names.read(name)
        if frozenset(series.dimensions) not in self._exported[series.family.name]:
            return NOT_EXPORTED
        metrics = self._metrics[series.family.name]
        return {number: None for number, metric in enumerate(metrics) if metric.kind.name == "distribution"}

    def _histogram(self, name: str, number: int) -> Histogram:
        series = self._names.read(name)
        metric, by = self._metrics[series.family.name][number].name, tuple(sorted(series.dimensions))
        place = (metric, by, tuple(series.dimensions[dimension] for dimension in by))
        if place not in self._known:
            told_apart = self._told_apart.get((metric, by), 0)
            if by and told_apart >= self._shown:
                place = (metric, by, (OTHER,) * len(by))
            else:
                self._told_apart[metric, by] = told_apart + 1
        return self._known.setdefault(place, Histogram())


def _family(name: str, title: str, taken: list[Taken]) -> Metric:
    exposed = Metric(name, f"{title}: how many took how long, ever", "histogram")
    for (_, by, values), counts, total in taken:
        labels = dict(zip(by, values, strict=True))
        family = HistogramMetricFamily(name, title, labels=["by", *labels])
        family.add_metric([",".join(by), *values], _cumulative(counts), total)
        exposed.samples.extend(family.samples)
    return exposed


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    passed, told = 0, []
    for limit, count in zip((*map(str, LIMITS), "+Inf"), counts, strict=True):
        passed += count
        told.append((limit, float(passed)))
    return told
