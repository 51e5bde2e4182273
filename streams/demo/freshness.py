"""How long it takes from an event to a figure that it is in.

A sample begins when the broker appends events (their records' own timestamp, LogAppendTime) and ends
when a reader of committed records has in hand a figure that holds them, both by this machine's clock. So
all of it counts: the fetch, the fold, the checkpoint's transaction, the way to the owner of the series,
the second transaction, and the reading of the figure.

A figure says by its watermark what it holds: when that has passed a second, every partition has taken an
event of that second or a later one, and here events come in the order of their time. So the samples are
the events that bring the last partition to a second, of those that are sure to change the figure: else
that would wait for something else to tell. What the other partitions do meanwhile can only make a sample
longer. Which events are samples depends on what was before them, never on how long they take.
"""

from collections import deque
from collections.abc import Sequence
from math import ceil, inf
from typing import NamedTuple

ENOUGH = 5
"Samples that a quantile is worth telling of."


class Quantiles(NamedTuple):
    median: float
    high: float
    "99 % are no longer."
    samples: int


class Freshness:
    """Of the figures of one input, whose watermarks lie `disorder` seconds behind its events."""

    def __init__(self, partitions: int, disorder: float) -> None:
        self.seconds: list[float] = []
        "The samples."
        self._disorder = disorder
        self._reached: list[float] = [0.0] * partitions
        self._history = inf
        self.caught_up = False
        "The history is in the figures."
        self._open: deque[tuple[float, float]] = deque()

    def begin(self) -> None:
        """What was sent is history: nothing is a sample before that is in the figure."""
        self._history = min(self._reached)

    def sent(self, partition: int, second: float, appended: float, sure: bool) -> None:
        """Since then a partition has events up to that time; are some sure to change the figure?"""
        before = min(self._reached)
        self._reached[partition] = max(second // 1, self._reached[partition])
        after = min(self._reached)
        if after > before and sure and self.caught_up:
            self._open.append((after, appended))

    def seen(self, watermark: float, now: float) -> None:
        """A figure with this watermark is in hand."""
        held = watermark + self._disorder
        self.caught_up = self.caught_up or held >= self._history
        while self._open and self._open[0][0] <= held:
            _, appended = self._open.popleft()
            self.seconds.append(now - appended)

    def quantiles(self) -> Quantiles | None:
        """None while there are too few samples."""
        if len(self.seconds) < ENOUGH:
            return None
        ordered = sorted(self.seconds)
        return Quantiles(_quantile(ordered, 0.5), _quantile(ordered, 0.99), len(ordered))


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[ceil(share * len(ordered)) - 1]
