"""CX / Support: how customers are served, now, over time, and by whom."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard

from agents.catalogue import CATALOGUE
from grafana.boards import panels, variables
from grafana.boards.pipeline import health
from grafana.boards.words import is_count
from streams.catalogue import Metric
from streams.settings import Settings

PROSE = """\
How customers are served. Figures are over trailing windows up to now, chosen above; a ticket or an answer
counts at the time of its own event, however late it came. A rate that rests on few cases says little: below
the number chosen above it says **too few**. **No data** means that nothing happened, or that no worker is up.
"""


def board() -> Dashboard:
    made = panels.board("CX / Support", "cx-support", "How customers are served.")
    for choice in (*variables.windows(), variables.enough()):
        made.with_variable(choice)
    made.with_panel(panels.prose(PROSE)).with_row(panels.row("Now"))
    for metric in whole():
        made.with_panel(panels.figure(metric))
    made.with_row(panels.row("Pipeline"))
    for panel in health():
        made.with_panel(panel)
    made.with_row(panels.row("Over time"))
    for metrics in together():
        made.with_panel(panels.course(metrics))
    for by in dimensions():
        made.with_row(panels.row(f"By {by}"))
        made.with_panel(panels.breakdown([*split_by(by)], by))
    return made


def whole() -> Iterator[Metric]:
    """Those that have a figure over everything."""
    return (metric for metric in CATALOGUE.metrics if () in metric.family.sets)


def together() -> list[list[Metric]]:
    """What shares a panel: counts of the same thing; all else is alone."""
    shared: dict[str, list[Metric]] = {}
    for metric in whole():
        place = metric.unit if is_count(metric) else metric.name
        shared.setdefault(place, []).append(metric)
    return list(shared.values())


def dimensions() -> list[str]:
    """Those that Prometheus shows by default, one at a time."""
    return [names for names in Settings().dimensions.exported if names and "," not in names]


def split_by(by: str) -> Iterator[Metric]:
    return (metric for metric in CATALOGUE.metrics if (by,) in metric.family.sets)
