"""Watermarks: how far each source partition has come, and what that makes final or gone."""

from collections.abc import Mapping

from msgspec import Struct

from streams.state.rows import Rows


class Mark(Struct, array_like=True):
    """How far a source partition has come, in seconds since 1970.

    `reached` is its watermark by events (None: no event yet); `clock` that by the wall clock, told only
    while it is caught up and idle.
    """

    reached: int | None = None
    clock: int | None = None


class Marks:
    """The marks of all sources, and per family the lowest by which panes are final, or gone.

    What is final follows the clock where nothing happens; what is gone follows events alone, so that a
    replay of an old log keeps what the log keeps. Both only grow and are part of the state.
    """

    def __init__(self, rows: Rows[Mark], sources: Mapping[str, frozenset[str]]) -> None:
        self._rows = rows
        self._sources = sources

    def take(self, source: str, reached: int | None, clock: int | None) -> None:
        mark = self._rows.get(source) or Mark()
        self._rows.put(source, Mark(_later(mark.reached, reached), clock))

    def final(self, family: str) -> int | None:
        return self._low(family).clock

    def gone(self, family: str) -> int | None:
        return self._low(family).reached

    def advance(self, family: str) -> bool:
        """Recompute a family's lows; true if one has grown."""
        marks = [self._rows.get(source) for source in self._sources[family]]
        known = [mark for mark in marks if mark is not None]
        if len(known) < len(marks):
            return False
        low = self._low(family)
        final = _lowest([_later(mark.reached, mark.clock) for mark in known])
        empty = [mark for mark in known if mark.reached is None and mark.clock is not None]
        gone = _lowest([mark.reached for mark in known if mark not in empty]) if empty != known else None
        moved = Mark(_later(low.reached, gone), _later(low.clock, final))
        if moved == low:
            return False
        self._rows.put(_low_key(family), moved)
        return True

    def finished(self, family: str) -> int | None:
        """Up to when panes were published as final: behind `final` while that takes several checkpoints."""
        behind = self._rows.peek(_behind_key(family))
        return self.final(family) if behind is None else behind.clock

    def finished_up_to(self, family: str, behind: int | None) -> None:
        """Panes that end after this second are still to be published as final; None: all have been."""
        key = _behind_key(family)
        known = self._rows.peek(key)
        if behind is not None and known != Mark(None, behind):
            self._rows.put(key, Mark(None, behind))
        elif behind is None and known is not None:
            self._rows.delete(key)

    def all(self) -> list[Mark]:
        """The marks of all sources that have told anything."""
        names = {source for sources in self._sources.values() for source in sources}
        return [mark for name in sorted(names) if (mark := self._rows.peek(name)) is not None]

    def _low(self, family: str) -> Mark:
        return self._rows.get(_low_key(family)) or Mark()


def _low_key(family: str) -> str:
    return f"={family}"


def _behind_key(family: str) -> str:
    return f"<{family}"


def _later(one: int | None, other: int | None) -> int | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _lowest(ats: list[int | None]) -> int | None:
    known = [at for at in ats if at is not None]
    return min(known) if known and len(known) == len(ats) else None
