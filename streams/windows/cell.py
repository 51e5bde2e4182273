"""A cell as it is kept, and what is said when it changes."""

from typing import NamedTuple

from msgspec import Struct

from streams.catalogue import Metric
from streams.windows.cells import Pane, Series
from streams.windows.kinds import Figure
from streams.windows.vector import Vector


class Cell(Struct, array_like=True):
    """All metrics of a family in one pane of one series, and how often each was published."""

    parts: dict[int, Vector]
    "By the number of the metric in its family."
    revisions: dict[int, int] = {}


class Change(NamedTuple):
    """A figure to publish; `figure` is None where its pane has gone."""

    metric: Metric
    series: Series
    pane: Pane
    figure: Figure | None
    revision: int
    final: bool
