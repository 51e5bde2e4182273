"""What metrics observe in a state."""

from typing import Any, final


@final
class Observation:
    """What is observed at a time, with the dimensions of that time (in its family's order).

    Never changed once it is made. A plain class, since as machine code it is far cheaper than a struct.
    """

    def __init__(self, time: int, dimensions: tuple[str | None, ...], value: Any) -> None:
        self.time = time
        self.dimensions = dimensions
        self.value = value

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Observation)
            and self.time == other.time
            and self.value == other.value
            and self.dimensions == other.dimensions
        )

    def __hash__(self) -> int:
        return hash((self.time, self.dimensions, self.value))

    def __repr__(self) -> str:
        return f"Observation({self.time}, {self.dimensions}, {self.value!r})"


Observations = tuple[Observation, ...]
NONE: Observations = ()
