"""When so many records can't be used that something else is wrong than the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.errors import TooManyRefused
from streams.outlets.dead_letters import Record

SPAN = 10_000
"Records of a partition that the share is taken of."


@dataclass(frozen=True)
class Bounds:
    """Beyond which a worker stops rather than fill the dead letters."""

    run: int = 5_000
    "Refused records in a row; 0 for any number."
    share: float = 0.9
    "Of the last records; 1 for all of them."


class Count(NamedTuple):
    """How many were refused so far. Committed with the offset: who is started again begins no new count."""

    run: int = 0
    "In a row, up to now."
    taken: int = 0
    "Of the present span."
    refused: int = 0
    "Of those."


class Refusals:
    """Of one partition of an input."""

    def __init__(self, place: str, bounds: Bounds) -> None:
        self._place = place
        self._bounds = bounds
        self.count = Count()

    def took(self, records: Sequence[Record], refused: Sequence[tuple[int, str]]) -> None:
        """Records, and of those that were refused the offset and what was said, in the same order.

        Raises TooManyRefused.
        """
        if not records:
            return
        if refused:
            self._look_at_each(records, dict(refused))
            return
        taken = self.count.taken + len(records)
        self.count = Count(0, taken % SPAN, self.count.refused if taken < SPAN else 0)

    def _look_at_each(self, records: Sequence[Record], refused: dict[int, str]) -> None:
        """Where a batch begins and ends makes no difference."""
        run, taken, bad = self.count
        most = self._bounds.share * SPAN if self._bounds.share < 1 else SPAN
        for record in records:
            taken += 1
            if (said := refused.get(record.offset)) is None:
                run = 0
            else:
                run, bad = run + 1, bad + 1
                if 0 < self._bounds.run < run:
                    self._stop(f"{run:,} records in a row", "run", record.offset, said)
                if bad > most:
                    self._stop(f"{bad:,} of the last {taken:,} records", "share", record.offset, said)
            if taken == SPAN:
                taken = bad = 0
        self.count = Count(run, taken, bad)

    def _stop(self, what: str, setting: str, offset: int, said: str) -> None:
        raise TooManyRefused(
            f"{self._place}: {what} could not be used, the last at offset {offset} ({said}). Nothing is "
            f"lost: mend what is wrong, or set dead_letters.{setting} to let them go to the dead letters"
        )
