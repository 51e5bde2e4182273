"""The figures of the demo as a table that moves."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.catalogue import Metric
from streams.cli.text import value_text
from streams.demo.reading import Figure
from streams.windows.levels import Level

SPAN = 60.0
"Seconds that a change is told over."

HOURS = 24
WIDE = 112
"Columns that all of it needs."
BARS = "▁▂▃▄▅▆▇█"
WORDLESS = frozenset({"ratio", "seconds"})
"Units that a value is never told without."

Totals = Mapping[str, Mapping[str, Mapping[str, Figure]]]


@dataclass
class Board:
    metrics: Iterable[Metric]
    totals: Totals
    _before: dict[str, deque[tuple[float, str, float]]] = field(default_factory=dict)

    def render(self, now: float, width: int, head: str, foot: str, *, moves: bool = True) -> RenderableType:
        """`now` is any clock in seconds; before anything `moves`, nothing changes."""
        if not moves:
            self._before.clear()
        return Group(Text(head), "", self._table(now, width >= WIDE), "", Text(foot))

    def line(self) -> str:
        """The totals, in words."""
        return ", ".join(
            f"{metric.title.lower()} {figure_text(figure, metric)}"
            for metric in self.metrics
            if (figure := overall(self.totals, metric))
        )

    def _table(self, now: float, wide: bool) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for title in ("", "this hour", "in a minute", "all", "of"):
            table.add_column(title, justify="right" if title else "left", no_wrap=True)
        if wide:
            table.add_column("today", justify="right", no_wrap=True)
            table.add_column(f"by hour, {HOURS} hours", no_wrap=True)
        for metric in self.metrics:
            panes = self.totals[metric.name]
            total = overall(self.totals, metric)
            cells: list[str | Text] = [
                metric.title,
                figure_text(latest(panes["hour"]), metric),
                self._change(metric, now),
                figure_text(total, metric),
                rests_on(total, metric) if total else "",
            ]
            if wide:
                hours = [value_of(panes["hour"][start]) for start in sorted(panes["hour"])[-HOURS:]]
                cells += [figure_text(latest(panes["day"]), metric), bars(hours)]
            table.add_row(*cells)
        return table

    def _change(self, metric: Metric, now: float) -> Text:
        """How far this hour's figure has moved in the last minute."""
        hours = self.totals[metric.name]["hour"]
        start = max(hours, default="")
        value = value_of(hours[start]) if start else None
        if value is None:
            return Text()
        before = self._before.setdefault(metric.name, deque())
        while before and (before[0][0] < now - SPAN or before[0][1] != start):
            before.popleft()
        before.append((now, start, value))
        return _moved(value - before[0][2], metric)


def overall(totals: Totals, metric: Metric) -> Figure | None:
    """Of all time; a level as it is now."""
    return latest(totals[metric.name]["hour" if isinstance(metric.kind, Level) else "total"])


def rests_on(figure: Figure, metric: Metric) -> str:
    """How many stand behind a figure that isn't itself how many there are."""
    return "" if metric.kind.name in ("count", "level") else f"{figure['count']:,}"


def latest(starts: Mapping[str, Figure]) -> Figure | None:
    """Of the last pane."""
    return starts[max(starts)] if starts else None


def value_of(figure: Figure) -> float | None:
    """Of a distribution the median: a mean tells little of a waiting time."""
    value: float | None = figure.get("p50", figure["value"])
    return value


def figure_text(figure: Figure | None, metric: Metric) -> str:
    if figure is None:
        return ""
    told = value_text(value_of(figure), metric.unit)
    says = metric.unit in WORDLESS or metric.unit in metric.title.lower()
    return told if says else f"{told} {metric.unit}"


def bars(values: list[Any]) -> str:
    """A column of each value, from nothing to the largest."""
    top = max((value for value in values if value is not None), default=0)
    if top <= 0:
        return ""
    return "".join(" " if value is None else BARS[_height(value / top)] for value in values)


def _height(share: float) -> int:
    return min(max(int(share * len(BARS)), 0), len(BARS) - 1)


def _moved(change: float, metric: Metric) -> Text:
    told = value_text(abs(change), metric.unit)
    if told == value_text(type(change)(0), metric.unit):
        return Text()
    style = ""
    if metric.more_is_better is not None:
        style = "green" if (change > 0) is metric.more_is_better else "red"
    return Text(f"{'▲' if change > 0 else '▼'} {told}", style)
