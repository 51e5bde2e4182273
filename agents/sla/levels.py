"""Warning levels: how near to its deadline a target is when somebody is to be warned."""

from typing import NamedTuple

from streams.moments import SECOND
from streams.settings.values import duration_text

WHOLE = 1_000_000


class Level(NamedTuple):
    """A share of the target, in millionths, or a time before it is used up, in microseconds."""

    share: int = 0
    before: int = 0

    def of(self, duration: int) -> int:
        """The running time at which a target of this duration comes to it; 0 or less: never."""
        return duration * self.share // WHOLE if self.share else duration - self.before

    @property
    def name(self) -> str:
        """`75%`, or `30m` for so long before: as settings have it."""
        return f"{self.share / 10_000:g}%" if self.share else duration_text(self.before / SECOND)


DEFAULT_LEVELS = (Level(share=750_000), Level(share=900_000))
