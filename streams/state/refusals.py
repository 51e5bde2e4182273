"""When so many records can't be used that something else is wrong than the records."""

from collections.abc import Sequence
from dataclasses import dataclass

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


class Refusals:
    """Of one partition of an input."""

    def __init__(self, place: str, bounds: Bounds) -> None:
        self._place = place
        self._bounds = bounds
        self._run = 0
        self._taken = self._refused = 0

    def took(self, records: Sequence[Record], refused: Sequence[tuple[int, str]]) -> None:
        """Records, and of those that were refused the offset and what was said, in the same order.

        Raises TooManyRefused.
        """
        self._taken += len(records)
        self._refused += len(refused)
        if not refused:
            self._run = 0 if records else self._run
        else:
            self._run = self._longest(records, dict(refused))
        if self._bounds.share < 1 and self._refused > self._bounds.share * SPAN:
            self._stop(f"{self._refused:,} of the last {self._taken:,} records", "share", refused)
        if self._taken >= SPAN:
            self._taken = self._refused = 0

    def _longest(self, records: Sequence[Record], refused: dict[int, str]) -> int:
        """The run that these end with; on the way none may be too long."""
        run = self._run
        for record in records:
            run = run + 1 if record.offset in refused else 0
            if 0 < self._bounds.run < run:
                self._stop(f"{run:,} records in a row", "run", [(record.offset, refused[record.offset])])
        return run

    def _stop(self, what: str, setting: str, refused: Sequence[tuple[int, str]]) -> None:
        offset, said = refused[-1]
        raise TooManyRefused(
            f"{self._place}: {what} could not be used, the last at offset {offset} ({said}). Nothing is "
            f"lost: mend what is wrong, or set dead_letters.{setting} to let them go to the dead letters"
        )
