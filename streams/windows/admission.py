"""What is kept of a dimension value that tables tell apart."""

from msgspec import Struct


class Admission(Struct, array_like=True):
    """A value's place among those of its dimension, or (`day` 0) what a dimension says of all that come later."""

    day: int = 0
    "The day since 1970 of its last use, as far as that has been looked at."
    since: int | None = None
    "From which second on it is named, and counts as `other` before; None: always."
