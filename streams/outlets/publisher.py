"""Figures as records of the metrics topic."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from streams import moments
from streams.events import OURS
from streams.windows.cell import Change
from streams.windows.cells import Pane
from streams.windows.kinds import Figure
from streams.windows.panes import Calendar, text, window
from streams.windows.series import figure_key

Add = Callable[[bytes, bytes | None], None]


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
            if len(self._known) > 100_000:
                self._known.clear()
            start = "" if pane[0] == "total" else text(pane[1])
            told = self._known[pane] = (start, window(*pane, self._calendar))
        return told


class Publisher:
    """Encodes changed figures; the key is the figure's name, a tombstone says that its pane has gone."""

    def __init__(self, calendar: Calendar) -> None:
        self._panes = PaneNames(calendar)
        self._encode = msgspec.json.Encoder().encode

    def publish(
        self, changes: Iterable[Change], now: int, watermark: Callable[[str], int | None], add: Add
    ) -> int:
        """Hand every change to `add`; the number of records. `now` is in microseconds."""
        time, published = moments.text(now), 0
        lows: dict[str, str | None] = {}
        for change in changes:
            family = change.series.family.name
            if family not in lows:
                low = watermark(family)
                lows[family] = None if low is None else text(low)
            start, span = self._panes[change.pane]
            key = figure_key(change.metric.name, change.series.text, change.pane[0], start)
            add(key.encode(), self._record(change, key, time, span, lows[family]))
            published += 1
        return published

    def _record(
        self, change: Change, key: str, time: str, span: Mapping[str, str], low: str | None
    ) -> bytes | None:
        if change.figure is None:
            return None
        data_ = data(change.metric.name, change.series.dimensions, change.metric.unit, span, change.figure)
        data_["final"] = change.final
        data_["revision"] = change.revision
        data_["watermark"] = low
        event = {
            "id": f"{key}|r{change.revision}",
            "time": time,
            "subject": key,
            "data": data_,
            "specversion": "1.0",
            "type": "metric.updated",
            "source": OURS,
        }
        return self._encode(event)


def data(
    metric: str, dimensions: Mapping[str, str], unit: str, window_: Mapping[str, str], figure: Figure
) -> dict[str, Any]:
    """A figure as it is told, on the topic and in reports alike."""
    return {"metric": metric, "dimensions": dimensions, "unit": unit, "window": window_, **figure}
