"""Cumulative histograms for `rate()` and `histogram_quantile()`: they only grow.

What is taken back stays in them; they count what this process has rolled up since its start.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.catalogue import OTHER, Catalogue
from streams.outlets.names import gauge_name
from streams.windows import sketch
from streams.windows.cells import Pane, SeriesNames, split
from streams.windows.kinds import BUCKETS, MICRO, Slots

MINUTE, HOUR, DAY = 60, 3600, 86_400
LIMITS = (
    *(10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY),
)
"Seconds that service levels are commonly set at."

Place = tuple[str, tuple[str, ...], tuple[str, ...]]
"Metric, names and values of the dimensions."

Taken = tuple[Place, list[int], float]
"A histogram's counts and sum, as they were when a scrape came."


class Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(LIMITS) + 1)
        self.sum = 0.0

    def add(self, bucket: int, number: int) -> None:
        # What took exactly a limit is within it, though its bucket reaches a little beyond.
        self.counts[bisect_left(LIMITS, sketch.lowest(bucket) / MICRO)] += number
        self.sum += number * sketch.middle(bucket) / MICRO


class Histograms(Collector):
    """Of each distribution and exported series; the first `shown` values of a dimension are told apart."""

    def __init__(self, catalogue: Catalogue, exported: Iterable[frozenset[str]], shown: int) -> None:
        self._metrics = {family.name: catalogue.of_family(family) for family in catalogue.families}
        self._names = SeriesNames(catalogue)
        self._exported = catalogue.exported(exported)
        self._shown = shown
        self._known: dict[Place, Histogram] = {}
        self._told_apart: dict[tuple[str, tuple[str, ...]], int] = {}

    def added(self, name: str, pane: Pane, slots: Mapping[int, int]) -> None:
        """Contributions were added to a cell; those to the total are counted here."""
        if pane[0] != "total":
            return
        series = self._names.read(name)
        if frozenset(series.dimensions) not in self._exported[series.family.name]:
            return
        for number, part in split(slots).items():
            metric = self._metrics[series.family.name][number]
            if metric.kind.name == "distribution":
                self._count(self._histogram(metric.name, series.dimensions), part)

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

    def _histogram(self, metric: str, dimensions: Mapping[str, str]) -> Histogram:
        by = tuple(sorted(dimensions))
        place = (metric, by, tuple(dimensions[name] for name in by))
        if place not in self._known:
            told_apart = self._told_apart.get((metric, by), 0)
            if by and told_apart >= self._shown:
                place = (metric, by, (OTHER,) * len(by))
            else:
                self._told_apart[metric, by] = told_apart + 1
        return self._known.setdefault(place, Histogram())

    @staticmethod
    def _count(histogram: Histogram, part: Slots) -> None:
        for slot, number in part.items():
            if slot >= BUCKETS and number > 0:
                histogram.add(slot - BUCKETS, number)


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
