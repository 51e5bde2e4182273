"""`metrics`: the catalogue."""

from typing import Annotated, Any

import typer
from rich.table import Table

from streams.catalogue import Catalogue, Metric
from streams.cli.options import Config, Json, product_of, settings_of
from streams.cli.output import tell_json, tell_table
from streams.settings import Settings
from streams.topics import input_topic

DIRECTIONS = {True: "up", False: "down", None: ""}
Names = Annotated[list[str] | None, typer.Argument(metavar="[METRIC]...", help="[default: all]")]


def metrics(
    context: typer.Context, names: Names = None, config: Config = None, as_json: Json = False
) -> None:
    """Show what is measured: formulas, units, what each is split by, where it comes from.

    \b
    metricland metrics                the whole catalogue
    metricland metrics csat nps       some of it
    metricland metrics --json         with all that is known of each
    """
    settings = settings_of(context, config)
    catalogue = product_of(context).catalogue_of(settings)
    chosen = [metric for metric in catalogue.metrics if not names or metric.name in names]
    for name in set(names or ()) - {metric.name for metric in chosen}:
        known = ", ".join(metric.name for metric in catalogue.metrics)
        raise typer.BadParameter(f"{name!r} is no metric, expected of {known}")
    if as_json:
        tell_json([_described(metric, catalogue, settings) for metric in chosen])
    else:
        _tell(chosen, catalogue, settings)


def _described(metric: Metric, catalogue: Catalogue, settings: Settings) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": metric.title,
        "formula": metric.formula,
        "unit": metric.unit,
        "better": DIRECTIONS[metric.more_is_better] or None,
        "dimension_sets": metric.family.sets,
        "windows": metric.windows,
        "topics": _topics(metric, catalogue, settings),
    }


def _topics(metric: Metric, catalogue: Catalogue, settings: Settings) -> list[str]:
    return [
        input_topic(settings, domain.name)
        for domain in catalogue.domains
        if any(subject.name == metric.of for subject in domain.subjects)
    ]


def _tell(chosen: list[Metric], catalogue: Catalogue, settings: Settings) -> None:
    table = Table("metric", "unit", "better", "what it is", box=None, pad_edge=False)
    for metric in chosen:
        split = ", ".join("+".join(names) for names in metric.family.sets if names)
        topics = ", ".join(_topics(metric, catalogue, settings))
        what = (
            f"{metric.title}: {metric.formula}",
            f"by {split}; over {', '.join(metric.windows)}; from {topics}",
        )
        table.add_row(metric.name, metric.unit, DIRECTIONS[metric.more_is_better], "\n".join(what))
    tell_table(table)
