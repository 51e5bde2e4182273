"""What is said when a cell changes."""

from typing import final

from streams.catalogue import Metric
from streams.windows.cells import Pane, Series
from streams.windows.kinds import Figure


@final
class Change:
    """A figure to publish; `figure` is None where its pane has gone. A plain class, as observations are."""

    def __init__(
        self, metric: Metric, series: Series, pane: Pane, figure: Figure | None, revision: int, final: bool
    ) -> None:
        self.metric = metric
        self.series = series
        self.pane = pane
        self.figure = figure
        self.revision = revision
        self.final = final
