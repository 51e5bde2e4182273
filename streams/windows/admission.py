"""What is kept of a dimension value that tables tell apart."""

from msgspec import Struct


class Admission(Struct, array_like=True):
    """A value that has a name; under a dimension alone, what holds for values admitted from now on."""

    day: int = 0
    "The day since 1970 of its last use, as far as that has been looked at."
    since: int | None = None
    "From which second on it is named, and counts as `other` before; None: always."
