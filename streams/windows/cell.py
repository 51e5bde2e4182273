"""A cell as it is kept."""

from msgspec import Struct

from streams.windows.vector import Vector


class Cell(Struct, array_like=True):
    """All metrics of a family in one pane of one series, and how often each was published."""

    parts: dict[int, Vector]
    "By the number of the metric in its family."
    revisions: dict[int, int] = {}
