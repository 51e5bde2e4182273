"""`report --view`: figures by the values of a dimension, a row for each and pane."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import typer
from rich.table import Table

from streams.catalogue import Catalogue, Metric
from streams.cli.output import tell_json, tell_table
from streams.cli.product import Product
from streams.cli.text import printable, value_text
from streams.errors import ConfigurationError
from streams.settings import Settings
from streams.views import Row, Shown, View, rows
from streams.windows.cells import Part
from streams.windows.panes import Calendar, text, window


@dataclass
class Choice:
    """Which view is asked for, and how it is shown."""

    view: View
    settings: Settings
    pane: str
    day: date | None
    metrics: tuple[Metric, ...] = field(init=False)
    calendar: Calendar = field(init=False)

    @classmethod
    def of(cls, product: Product, name: str, settings: Settings, pane: str, day: str | None) -> "Choice":
        view = next((view for view in product.views if view.name == name), None)
        if view is None:
            known = ", ".join(view.name for view in product.views)
            raise typer.BadParameter(f"{name!r}, expected {known}", param_hint="--view")
        if hidden := {view.dimension, view.group} & set(settings.dimensions.hidden):
            raise ConfigurationError(
                f'dimensions.hidden has "{min(hidden)}", expected none that the view {name} shows'
            )
        return cls(view, settings, pane, _day(day))

    def __post_init__(self) -> None:
        self.calendar = self.settings.calendar()

    def catalogue(self, whole: Catalogue) -> Catalogue:
        """What has to be computed."""
        narrowed = self.view.catalogue(whole)
        self.metrics = tuple(
            metric for name in self.view.metrics for metric in narrowed.metrics if metric.name == name
        )
        return narrowed

    def tell(self, parts: Iterable[Part], as_json: bool) -> None:
        found = rows(self.view, filter(self._is_asked, parts), self.settings.metrics.enough, self._ranking())
        if as_json:
            tell_json([self._record(row) for row in found])
        else:
            tell_table(self._table(found))

    def _is_asked(self, part: Part) -> bool:
        kind, start = part.pane
        if self.day is not None:
            return kind == "day" and datetime.fromtimestamp(start, self.calendar.zone).date() == self.day
        return self.pane in ("all", kind)

    def _ranking(self) -> Metric | None:
        """The metric that rows are ranked by; None where that isn't turned on."""
        name = self.settings.views.ranked_by
        if not name:
            return None
        ranking = {metric.name: metric for metric in self.metrics if metric.more_is_better is not None}
        if name not in ranking:
            raise ConfigurationError(f'views.ranked_by is "{name}", expected one of {", ".join(ranking)}')
        return ranking[name]

    def _record(self, row: Row) -> Mapping[str, Any]:
        return {
            self.view.dimension: row.name,
            self.view.group: row.group,
            "window": window(*row.pane, self.calendar),
            "rank": row.rank,
            "figures": row.figures,
        }

    def _table(self, found: list[Row]) -> Table:
        ranked = bool(self.settings.views.ranked_by)
        titles = (metric.title.lower() for metric in self.metrics)
        heads = ("pane", self.view.dimension, self.view.group, *(["rank"] if ranked else []), *titles)
        table = Table(*heads, box=None, pad_edge=False)
        for row in found:
            pane = " ".join((row.pane[0], *([] if row.pane[0] == "total" else [text(row.pane[1])])))
            rank = ["-" if row.rank is None else str(row.rank)] if ranked else []
            names = printable(row.name), printable(row.group)
            table.add_row(pane, *names, *rank, *self._cells(row.figures))
        return table

    def _cells(self, figures: Mapping[str, Shown]) -> Iterator[str]:
        for metric in self.metrics:
            figure = figures.get(metric.name)
            yield "-" if figure is None else _cell(figure, metric)


def _day(told: str | None) -> date | None:
    try:
        return None if told is None else date.fromisoformat(told)
    except ValueError:
        raise typer.BadParameter(f"{told!r}, expected a date: 2026-11-22", param_hint="--day") from None


def _cell(figure: Shown, metric: Metric) -> str:
    """The figure, how much stands behind it, and its interval; of too few nothing follows."""
    if metric.kind.name == "count":
        return value_text(figure.value, metric.unit)
    if figure.few:
        return f"too few ({figure.count:,})"
    told = f"{value_text(figure.value, metric.unit)} of {figure.count:,}"
    if figure.low is None or figure.high is None:
        return told
    return f"{told} ({value_text(figure.low, metric.unit)} to {value_text(figure.high, metric.unit)})"
