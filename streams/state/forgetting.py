"""Forgets entities when the panes that they count in are gone: nothing is taken back any more."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from streams.catalogue import Domain
from streams.state.deadlines import Waiting
from streams.state.forgotten import Forgotten, Trace
from streams.state.record import Entity
from streams.state.rows import Rows

AT_ONCE = 200
"Entities that a checkpoint looks at."

TURNS = 400
"Sweeps over all entities in the time for which they are remembered, at most."


class Forgetting:
    """Of one domain in one partition; entities are `remembered` (microseconds) after their newest time.

    Open ones, and those that wait for an instant, are never forgotten.
    """

    def __init__(
        self,
        domain: Domain,
        rows: Rows[Entity[Any]],
        forgotten: Forgotten,
        waiting: Waiting | None,
        remembered: int,
    ) -> None:
        self._domain = domain
        self._rows = rows
        self._forgotten = forgotten
        self._waiting = waiting
        self._remembered = remembered
        self._sweep: Iterator[str] = iter(())
        self._swept: int | None = None

    def sweep(self, watermark: int) -> None:
        """Look at some entities; when all have been looked at, again after a while (microseconds)."""
        low = watermark - self._remembered
        subjects = list(islice(self._sweep, AT_ONCE))
        if not subjects and (self._swept is None or low - self._swept > self._remembered // TURNS):
            self._swept, self._sweep = low, self._rows.walk()
            subjects = list(islice(self._sweep, AT_ONCE))
        for subject in subjects:
            entity = self._rows.peek(subject)
            if entity is not None and entity.newest < low and self._may_go(subject, entity):
                self.forget(subject, Trace(entity.newest, entity.last is not None))

    def forget(self, subject: str, trace: Trace) -> None:
        self._rows.delete(subject)
        self._forgotten.add(subject, trace)
        if self._waiting is not None:
            self._waiting.forget(subject)

    def _may_go(self, subject: str, entity: Entity[Any]) -> bool:
        """Who is known by facts alone is nothing by itself."""
        if self._waiting is not None and subject in self._waiting:
            return False
        return entity.last is None or self._domain.settled(entity.state)
