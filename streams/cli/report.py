"""`report`: every metric of a set of events, as a batch, without a broker."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich.table import Table

from streams import moments
from streams.batch import Batch
from streams.cli import views
from streams.cli.options import Config, Json, product_of, settings_of
from streams.cli.output import note, tell, tell_table
from streams.cli.presets import Comparison
from streams.cli.text import printable, value_text
from streams.windows.panes import PUBLISHED

Files = Annotated[
    list[typer.FileBinaryRead], typer.Argument(metavar="FILE...", help="Events as JSON lines; - for input.")
]
At = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Its `now`: 2026-11-22T09:00:00Z [default: the last event's time]."),
]
PaneOption = Annotated[
    str | None,
    typer.Option(
        "--pane",
        metavar="PANE",
        help=f"Show {', '.join(PUBLISHED)} or all figures [default: total; of a view: day].",
    ),
]
ViewOption = Annotated[
    str | None, typer.Option("--view", metavar="NAME", help="A table of chosen figures: agents.")
]
PresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset", metavar="NAME", help="Beside the figures by the rules of zendesk, chatwoot or intercom."
    ),
]
Day = Annotated[str | None, typer.Option(metavar="DATE", help="Show a view of this day alone.")]


def report(
    context: typer.Context,
    files: Files,
    at: At = None,
    pane: PaneOption = None,
    view: ViewOption = None,
    day: Day = None,
    preset: PresetOption = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Compute every metric of the events in files. The stream's figures equal these.

    \b
    metricland report events.jsonl
    metricland report --pane day events.jsonl
    metricland report --view agents --day 2026-11-22 events.jsonl
    metricland report --preset zendesk --config metricland.toml events.jsonl
    metricland report --json a.jsonl b.jsonl | jq '.[] | select(.metric == "csat")'
    """
    pane = pane or ("day" if view else "total")
    if pane not in (*PUBLISHED, "all"):
        raise typer.BadParameter(
            f"{pane!r}, expected one of {', '.join(PUBLISHED)}, all", param_hint="--pane"
        )
    settings = settings_of(context, config)
    if day is not None and (view is None or pane != "day"):
        raise typer.BadParameter("only with --view, of days", param_hint="--day")
    if preset is not None and view is not None:
        raise typer.BadParameter("not with --view", param_hint="--preset")
    product = product_of(context)
    catalogue = settings.adjusted(product.catalogue_of(settings))
    chosen = None if view is None else views.Choice.of(product, view, settings, pane, day)
    if chosen is not None:
        catalogue = chosen.catalogue(catalogue)
    compared = None if preset is None else Comparison.of(product, preset, settings.definitions)
    batch, *others = (
        Batch(
            settings.adjusted(each),
            settings.calendar(),
            settings.pane_retention(),
            settings.pseudonyms(),
            settings.events.horizon,
        )
        for each in (catalogue, *([compared.catalogue] if compared else ()))
    )
    read = sum(_take(batch, others, file) for file in files)
    now = _moment(at)
    if chosen is not None:
        chosen.tell(batch.parts(now), as_json)
    elif compared is not None:
        now = batch.latest if now is None else now
        compared.tell(batch.figures(now), others[0].figures(now), pane, as_json)
    elif as_json:
        _tell_json(batch.figures(now))
    else:
        _tell(batch.figures(now), pane)
    _summarise(batch, read)


def _moment(text: str | None) -> int | None:
    try:
        return None if text is None else moments.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None


def _take(batch: Batch, others: Sequence[Batch], file: BinaryIO) -> int:
    """Take a file's lines and say which were refused; the number of its events."""
    before, read = len(batch.refused), 0
    for number, line in enumerate(file, 1):
        if record := line.removeprefix(b"\xef\xbb\xbf").strip():
            for each in (batch, *others):
                each.take((record,), number)
            read += 1
    for number, refused in batch.refused[before:]:
        note(printable(f"{file.name}:{number}: {refused}"))
    return read


def _tell_json(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """An array, with a line for each figure."""
    lines = (msgspec.json.encode({"key": key, **figures[key]}).decode() for key in sorted(figures))
    tell("[" + ",\n ".join(lines) + "]")


def _tell(figures: Mapping[str, Mapping[str, Any]], pane: str) -> None:
    table = Table("metric", "of", "pane", "start", "value", "count", box=None, pad_edge=False)
    table.columns[4].justify = table.columns[5].justify = "right"
    for key in sorted(figures, key=_place):
        figure = figures[key]
        if pane in ("all", figure["window"]["pane"]):
            table.add_row(
                figure["metric"],
                ", ".join(f"{name} {value}" for name, value in figure["dimensions"].items()) or "all",
                figure["window"]["pane"],
                figure["window"].get("start", ""),
                value_text(figure["value"], figure["unit"]),
                f"{figure['count']:,}",
            )
    tell_table(table)


def _place(key: str) -> tuple[str, ...]:
    metric, dimensions, pane, start = key.split("|")
    return metric, pane, start, dimensions


def _summarise(batch: Batch, read: int) -> None:
    latest = "" if batch.latest is None else f", the last of {moments.text(batch.latest)}"
    refused = f", {len(batch.refused):,} refused" if batch.refused else ""
    skipped = f", {batch.skipped:,} of types that are not measured" if batch.skipped else ""
    late = f", {batch.too_late:,} too late for their entity" if batch.too_late else ""
    faults = f", {batch.faults:,} that a metric fails at" if batch.faults else ""
    note(f"{read:,} events{latest}{refused}{skipped}{late}{faults}")
