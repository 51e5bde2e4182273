"""Figures as records of the metrics topic."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from streams import moments
from streams.events import OURS
from streams.windows.kinds import Figure
from streams.windows.panes import Calendar, text, window
from streams.windows.rollup import Change
from streams.windows.series import figure_key

Add = Callable[[str, bytes | None], None]


class Publisher:
    """Encodes changed figures; the key is the figure's name, a tombstone says that its pane has gone."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._encode = msgspec.json.Encoder().encode

    def publish(self, changes: Iterable[Change], now: int, watermark: Callable[[str], int | None], add: Add) -> int:
        """Hand every change to `add`; the number of records. `now` is in microseconds."""
        time, published = moments.text(now), 0
        for change in changes:
            kind, start = change.pane
            text_ = "" if kind == "total" else text(start)
            key = figure_key(change.metric.name, change.series.text, kind, text_)
            value = None if change.figure is None else self._record(change, key, time, watermark)
            add(key, value)
            published += 1
        return published

    def _record(self, change: Change, key: str, time: str, watermark: Callable[[str], int | None]) -> bytes:
        assert change.figure is not None
        low = watermark(change.series.family.name)
        event: dict[str, Any] = {
            "specversion": "1.0",
            "type": "metric.updated",
            "source": OURS,
            "id": f"{key}|r{change.revision}",
            "time": time,
            "subject": key,
            "data": data(
                change.metric.name,
                change.series.dimensions,
                change.metric.unit,
                window(*change.pane, self._calendar),
                change.figure,
            )
            | {"final": change.final, "revision": change.revision, "watermark": low and text(low)},
        }
        return self._encode(event)


def data(
    metric: str, dimensions: Mapping[str, str], unit: str, window_: Mapping[str, str], figure: Figure
) -> dict[str, Any]:
    """A figure as it is told, on the topic and in reports alike."""
    return {
        "metric": metric,
        "dimensions": dimensions,
        "unit": unit,
        "window": window_,
        **{name: value for name, value in msgspec.structs.asdict(figure).items() if value is not UNSET},
    }
