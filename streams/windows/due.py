"""What is still to be published of a level, as it is kept."""

from msgspec import Struct


class Due(Struct, array_like=True):
    """What checkpoints had no room for: panes of a series, each with the numbers of its metrics."""

    panes: list[tuple[str, int, list[int]]]
