"""How a board is laid out: figures now, their course, tables by dimension, and the rest in a closed row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grafana_foundation_sdk.builders.dashboard import Dashboard

from agents.catalogue import CATALOGUE
from grafana.boards import panels, variables
from streams.catalogue import Metric

METRICS = {metric.name: metric for metric in CATALOGUE.metrics}

Names = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    title: str
    uid: str
    told: str
    prose: str
    figures: Names = ()
    courses: tuple[Names, ...] = ()
    "What shares a panel has one unit."
    split: tuple[tuple[str, str], ...] = ()
    "Metrics whose parts are drawn over time, each with the dimension."
    tables: Mapping[str, Names] = field(default_factory=dict)
    "The columns, by dimension; those that aren't split by it are left out."
    changes: tuple[tuple[str, str], ...] = ()
    "Counts that are told with their change, each with the dimension."
    details: tuple[Names, ...] = ()
    "Courses that nobody needs every day."


def begun(layout: Layout) -> Dashboard:
    """A board up to its figures now."""
    made = panels.board(layout.title, layout.uid, layout.told)
    for choice in (*variables.windows(named(*_all(layout))), variables.enough()):
        made.with_variable(choice)
    made.with_panel(panels.prose(layout.prose))
    if layout.figures:
        made.with_row(panels.row("Now"))
        for metric in named(*layout.figures):
            made.with_panel(panels.figure(metric))
    return made


def finished(made: Dashboard, layout: Layout) -> Dashboard:
    """All that follows."""
    if layout.courses or layout.split:
        made.with_row(panels.row("Over time"))
    for names in layout.courses:
        made.with_panel(panels.course(named(*names)))
    for name, by in layout.split:
        made.with_panel(panels.parts(METRICS[name], by))
    for by, names in layout.tables.items():
        made.with_row(panels.row(f"By {by}"))
        made.with_panel(panels.breakdown(split_by(by, named(*names)), by))
    for name, by in layout.changes:
        made.with_row(panels.row(f"By {by}"))
        made.with_panel(panels.changes(METRICS[name], by))
    if layout.details:
        closed = panels.row("Details").collapsed(True)
        for names in layout.details:
            closed.with_panel(panels.course(named(*names)))
        made.with_row(closed)
    return made


def named(*names: str) -> list[Metric]:
    return [METRICS[name] for name in names]


def split_by(by: str, metrics: Sequence[Metric]) -> list[Metric]:
    return [metric for metric in metrics if (by,) in metric.family.sets]


def _all(layout: Layout) -> Iterator[str]:
    yield from layout.figures
    for names in (*layout.courses, *layout.tables.values(), *layout.details):
        yield from names
    for name, _ in (*layout.split, *layout.changes):
        yield name
