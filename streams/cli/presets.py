"""`report --preset`: figures beside those that the same events come to under another system's rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import typer
from rich.table import Table

from streams.catalogue import Catalogue
from streams.cli.output import note, tell_json, tell_table
from streams.cli.product import Product
from streams.cli.text import value_text

Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Comparison:
    """The metrics of a preset's catalogue, by its rules and by one's own."""

    name: str
    catalogue: Catalogue
    told: tuple[str, ...]

    @classmethod
    def of(cls, product: Product, name: str, definitions: Any) -> "Comparison":
        if name not in product.presets:
            known = ", ".join(product.presets) or "none"
            raise typer.BadParameter(f"{name!r}, expected one of {known}", param_hint="--preset")
        preset = product.presets[name]
        return cls(name, preset.build(definitions), preset.told)

    def tell(self, own: Figures, theirs: Figures, pane: str, as_json: bool) -> None:
        rows = list(self._rows(own, theirs, pane))
        if as_json:
            return tell_json(rows)
        table = Table("metric", "of", "start", "ours", "of", self.name, "of", box=None, pad_edge=False)
        for column in table.columns[3:]:
            column.justify = "right"
        for row in rows:
            of = ", ".join(f"{name} {value}" for name, value in row["dimensions"].items()) or "all"
            figures = [text for side in ("ours", self.name) for text in _told(row[side], row["unit"])]
            table.add_row(row["metric"], of, row["window"].get("start", ""), *figures)
        tell_table(table)
        for line in self.told:
            note(f"{self.name}: {line}")
        return None

    def _rows(self, own: Figures, theirs: Figures, pane: str) -> Iterator[dict[str, Any]]:
        names = {metric.name for metric in self.catalogue.metrics}
        for key in sorted({*own, *theirs}):
            figure = own.get(key) or theirs[key]
            if figure["metric"] in names and pane in ("all", figure["window"]["pane"]):
                kept = {name: figure[name] for name in ("metric", "dimensions", "unit", "window")}
                yield {**kept, "ours": _figure(own.get(key)), self.name: _figure(theirs.get(key))}


def _figure(figure: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if figure is None else {"value": figure["value"], "count": figure["count"]}


def _told(figure: Mapping[str, Any] | None, unit: str) -> tuple[str, str]:
    return ("-", "0") if figure is None else (value_text(figure["value"], unit), f"{figure['count']:,}")
