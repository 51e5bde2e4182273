"""Figures as records of the metrics topic."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from streams import moments
from streams.catalogue import Metric
from streams.events import OURS
from streams.windows.cells import Pane, Series
from streams.windows.change import Change
from streams.windows.kinds import Figure
from streams.windows.panes import Calendar, text, window

Add = Callable[[bytes, bytes | None], None]


KNOWN = 100_000
"Panes, and series, whose pieces of records are kept."

_ID, _REVISION = b'{"id":"', b"|r"
_FINAL, _NOT_FINAL = b',"final":true,"revision":', b',"final":false,"revision":'

Told = tuple[str, Mapping[str, str]]
"How a pane is told: its start in keys, and what stands in records."


class PaneNames:
    """Tells panes, each once."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[Pane, Told] = {}

    def __getitem__(self, pane: Pane) -> Told:
        told = self._known.get(pane)
        if told is None:
            if len(self._known) > KNOWN:
                self._known.clear()
            told = self._known[pane] = tell_pane(pane, self._calendar)
        return told


def tell_pane(pane: Pane, calendar: Calendar) -> Told:
    start = "" if pane[0] == "total" else text(pane[1])
    return start, window(*pane, calendar)


class Publisher:
    """Encodes changed figures; the key is the figure's name, a tombstone says that its pane has gone.

    A record is put together from pieces that many have in common: those of its metric, series and pane are
    encoded once, and the figure alone anew.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._encode = msgspec.json.Encoder().encode
        self._of_metrics: dict[str, tuple[bytes, bytes, bytes]] = {}
        self._of_series: dict[str, tuple[bytes, bytes, bytes]] = {}
        self._of_panes: dict[Pane, tuple[bytes, bytes]] = {}

    def publish(
        self, changes: Iterable[Change], now: int, watermark: Callable[[str], int | None], add: Add
    ) -> int:
        """Hand every change to `add`; the number of records. `now` is in microseconds."""
        subject = b'","time":"%b","subject":"' % moments.text(now).encode()
        ends: dict[str, bytes] = {}
        published = 0
        for change in changes:
            metric, series, pane = change.metric, change.series, change.pane
            named, measured, unit = self._of_metrics.get(metric.name) or self._tell_metric(metric)
            dimensions, escaped, split = self._of_series.get(series.text) or self._tell_series(series)
            start, window = self._of_panes.get(pane) or self._tell_pane(pane)
            key = b"".join((named, dimensions, start))
            published += 1
            if change.figure is None:
                add(key, None)
                continue
            family = series.family.name
            end = ends.get(family) or ends.setdefault(family, _end(watermark(family)))
            told = key if escaped is dimensions else b"".join((named, escaped, start))
            revision = b"%d" % change.revision
            head = (_ID, told, _REVISION, revision, subject, told, measured, split, unit, window)
            figure = self._encode(change.figure)[1:-1]
            finality = _FINAL if change.final else _NOT_FINAL
            add(key, b"".join((*head, figure, finality, revision, end)))
        return published

    def _tell_metric(self, metric: Metric) -> tuple[bytes, bytes, bytes]:
        """Its name in keys, and what stands before and after the dimensions in records."""
        name, unit = self._encode(metric.name), self._encode(metric.unit)
        told = self._of_metrics[metric.name] = (
            b"%b|" % metric.name.encode(),
            b'","data":{"metric":%b,"dimensions":' % name,
            b',"unit":%b,"window":' % unit,
        )
        return told

    def _tell_series(self, series: Series) -> tuple[bytes, bytes, bytes]:
        """Its dimensions in keys, the same in a JSON string, and as a JSON object."""
        if len(self._of_series) > KNOWN:
            self._of_series.clear()
        plain, escaped = series.text.encode(), self._encode(series.text)[1:-1]
        told = self._of_series[series.text] = (
            plain,
            plain if escaped == plain else escaped,
            self._encode(series.dimensions),
        )
        return told

    def _tell_pane(self, pane: Pane) -> tuple[bytes, bytes]:
        """Its part of keys, and of records."""
        if len(self._of_panes) > KNOWN:
            self._of_panes.clear()
        start, named = tell_pane(pane, self._calendar)
        told = self._of_panes[pane] = (f"|{pane[0]}|{start}".encode(), self._encode(named) + b",")
        return told


def _end(low: int | None) -> bytes:
    """What stands behind the revision where the watermark is so low."""
    watermark = b"null" if low is None else b'"%b"' % text(low).encode()
    return b',"watermark":%b},"specversion":"1.0","type":"metric.updated","source":"%b"}' % (
        watermark,
        OURS.encode(),
    )


def data(
    metric: str, dimensions: Mapping[str, str], unit: str, window_: Mapping[str, str], figure: Figure
) -> dict[str, Any]:
    """A figure as it is told, on the topic and in reports alike."""
    return {"metric": metric, "dimensions": dimensions, "unit": unit, "window": window_, **figure}
