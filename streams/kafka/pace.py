"""When checkpoints of a partition number are due.

What inputs changed is written on beats, the same moments in all partitions and workers: what they contribute
arrives together then, and a cell is written once for all of it, soon after. Times are in seconds, on the
monotonic clock where nothing else is said.
"""

from collections.abc import Mapping

from streams.settings.sections import Checkpoint
from streams.state.checkpoint import Half

LITTLE = 1000
"Unwritten records up to which a partition counts as nearly idle."

BEHIND = 5
"""Intervals, and times as many events, between checkpoints while catching up: nobody waits for these figures,
and each that is written once instead of five times costs a fifth."""

PARTS = 4
"Of an interval: it is one of these where instants have passed that somebody may wait to be told of."

SETTLING = 0.01
"How long after the first contributions others are waited for, at least:"

SPREAD = 0.5
"of the time that the last checkpoint of inputs took: those of partitions begin and end a little apart."

APART = 0.5
"Of the time between beats: as long as that is between checkpoints of contributions, however they come."


class Pace:
    """Knows since when something is unwritten; `first` is None where nothing is."""

    def __init__(self, settings: Checkpoint) -> None:
        self._settings = settings
        self.first: dict[Half, float | None] = dict.fromkeys(Half)
        self._written = float("-inf")
        "When contributions were written last."
        self._settling = SETTLING

    def took(self, now: float, unwritten: Mapping[Half, int]) -> bool:
        """So much is unwritten now; true if of a half it is the first."""
        began = False
        for half, first in self.first.items():
            if not unwritten[half]:
                self.first[half] = None
            elif first is None:
                self.first[half], began = now, True
        return began

    def wrote(self, now: float, half: Half | None) -> None:
        """A half was written, or all."""
        self.first.update(dict.fromkeys(Half if half is None else (half,)))
        if half is not Half.INPUTS:
            self._written = now

    def lasted(self, seconds: float, half: Half | None) -> None:
        """A checkpoint of a half, or of all, took so long."""
        if half is not Half.CONTRIBUTIONS:
            self._settling = max(SETTLING, SPREAD * seconds)

    def due(
        self, wall: float, now: float, unwritten: int, *, hurried: bool, behind: bool
    ) -> dict[Half, float]:
        """When each half that has something to write is due; `wall` tells what time it is `now`."""
        period = self._period(unwritten, hurried=hurried, behind=behind)
        due: dict[Half, float] = {}
        if (first := self.first[Half.INPUTS]) is not None:
            # While it is behind all partitions together would be too much at a time.
            due[Half.INPUTS] = first + (period if behind else _until_beat(first + wall - now, period))
        if (first := self.first[Half.CONTRIBUTIONS]) is not None:
            apart = period if behind else APART * period
            due[Half.CONTRIBUTIONS] = max(first + min(self._settling, apart), self._written + apart)
        return due

    def _period(self, unwritten: int, *, hurried: bool, behind: bool) -> float:
        if behind:
            return BEHIND * self._settings.interval
        if unwritten <= LITTLE:
            return self._settings.linger
        return self._settings.interval / PARTS if hurried else self._settings.interval


def _until_beat(at: float, period: float) -> float:
    return period - at % period if period else 0.0
