"""How the processor itself is doing, for Prometheus."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streams.outlets.tally import Tally


class OperationsCollector(Collector):
    """Progress, freshness and sizes of the partitions that this worker owns."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        owners = list(self._app.owners.values())
        yield from self._events(owners)
        yield from self._freshness(owners)
        yield from self._checkpoints(owners)
        yield from self._state(owners)

    def _events(self, owners: list[Any]) -> Iterator[Metric]:
        tally = Tally()
        for owner in (*owners, *self._app.parked.values()):
            tally.add(owner.partition)
        tally = tally.merged(self._app.tally)
        labels: tuple[str, ...] = ("topic", "type", "outcome")
        yield _counter("cx_events", "Events taken, by what became of them.", labels, tally.events)
        labels = ("topic", "reason")
        yield _counter("cx_dead_letters", "Records that could not be used.", labels, tally.letters)
        for name, text, label, counts in (
            ("cx_retractions", "Observations taken back.", "metric", tally.retractions),
            ("cx_anomalies", "Durations that would be negative.", "metric", tally.anomalies),
            ("cx_late_contributions", "Contributions to panes past their retention.", "family", tally.late),
        ):
            yield _counter(name, text, (label,), {(key,): number for key, number in counts.items()})

    def _freshness(self, owners: list[Any]) -> Iterator[Metric]:
        labels = ("topic", "partition")
        lag = GaugeMetricFamily("cx_consumer_lag", "Records that are still to be read.", labels=labels)
        late = GaugeMetricFamily(
            "cx_event_time_lag_seconds", "Now less the newest event's time.", labels=labels
        )
        mark = GaugeMetricFamily(
            "cx_watermark_timestamp_seconds", "Event time up to which all should be here.", labels=labels
        )
        now = self._app.now()
        for owner in owners:
            number = str(owner.partition.number)
            for topic in owner.partition.next:
                if (records := self._app.lag(topic, owner.partition.number)) is not None:
                    lag.add_metric((topic, number), records)
            for topic, entities in owner.partition.entities.items():
                if entities.high is not None:
                    late.add_metric((topic, number), (now - entities.high) / 1e6)
                if (watermark := owner.partition.watermark(topic)) is not None:
                    mark.add_metric((topic, number), watermark)
        yield from (lag, late, mark)

    def _checkpoints(self, owners: list[Any]) -> Iterator[Metric]:
        labels = ("partition",)
        number = CounterMetricFamily("cx_checkpoints", "Checkpoints written.", labels=labels)
        seconds = CounterMetricFamily("cx_checkpoint_seconds", "Time spent on checkpoints.", labels=labels)
        last = GaugeMetricFamily("cx_checkpoint_last_seconds", "How long the last one took.", labels=labels)
        age = GaugeMetricFamily("cx_checkpoint_age_seconds", "Time since the last one.", labels=labels)
        figures = CounterMetricFamily("cx_figures_published", "Figures published.", labels=labels)
        for owner in owners:
            at, progress = (str(owner.partition.number),), owner.progress
            number.add_metric(at, progress.checkpoints)
            seconds.add_metric(at, progress.seconds)
            figures.add_metric(at, owner.partition.published)
            if progress.last_at is not None:
                last.add_metric(at, progress.last_seconds)
                age.add_metric(at, time.monotonic() - progress.last_at)
        yield from (number, seconds, last, age, figures)

    def _state(self, owners: list[Any]) -> Iterator[Metric]:
        rows = GaugeMetricFamily("cx_table_rows", "Rows of a table.", labels=("table", "partition"))
        unwritten = GaugeMetricFamily(
            "cx_unwritten_records", "Records taken since the last checkpoint.", labels=("partition",)
        )
        overflow = CounterMetricFamily(
            "cx_label_overflow", "Dimension values counted as other.", labels=("partition",)
        )
        for owner in owners:
            number = str(owner.partition.number)
            for table, kept in owner.partition.rows.items():
                rows.add_metric((table, number), len(kept))
            unwritten.add_metric((number,), owner.partition.unwritten)
            overflow.add_metric((number,), owner.partition.labels.overflowed)
        yield from (rows, unwritten, overflow)


def _counter(name: str, text: str, labels: tuple[str, ...], counts: Mapping[Any, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=labels)
    for place, number in counts.items():
        family.add_metric(place, number)
    return family
