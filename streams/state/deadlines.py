"""The instants that entities wait for: when the clock reaches them, a record on their topic says so."""

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Any, NamedTuple

from streams.catalogue import Deadline

AT_ONCE = 20_000
"Entities whose deadlines a checkpoint writes: what a long standstill has left is written by several."

SLACK = 4
"So many entries for each entity that waits, most of them out of date, are swept away."

NEVER = -1
"Before all times."


class Due(NamedTuple):
    subject: str
    deadline: Deadline


class Waiting:
    """Of each entity of one partition the next instant, and the clock, which never goes back.

    A deadline has been written for certain when its record has come back and the state knows it: what was
    written and is on its way is remembered in memory alone, so a new owner may write it again, which changes
    nothing.
    """

    def __init__(
        self, deadlines: Callable[[Any, int], Iterable[Deadline]], state_of: Callable[[str], Any | None]
    ) -> None:
        self._deadlines = deadlines
        self._state_of = state_of
        self._schedule = Schedule()
        self._sent: dict[str, int] = {}
        "Up to when deadlines were written, of entities where the record has not come back yet."
        self._wanted = NEVER
        self.clock = NEVER
        "Up to when all deadlines have been written."

    def look(self, subject: str, state: Any) -> None:
        """An entity has changed, or the record of its deadline has come back."""
        sent = self._sent.get(subject, NEVER)
        if state.passed >= sent:
            self._sent.pop(subject, None)
        waits = (each.time for each in self._deadlines(state, sent) if each.time > sent)
        self._schedule.set(subject, min(waits, default=None))

    def forget(self, subject: str) -> None:
        """An entity is not there any more."""
        self._sent.pop(subject, None)
        self._schedule.set(subject, None)

    def reach(self, clock: int) -> bool:
        """It has become so late; true if anything is due."""
        self._wanted = max(self._wanted, clock)
        earliest = self._schedule.earliest
        return earliest is not None and earliest <= self._wanted

    def due(self) -> list[Due]:
        """What the clock has reached and was not written yet."""
        subjects = list(islice(self._schedule.due(self._wanted), AT_ONCE))
        reached = self._wanted
        if len(subjects) == AT_ONCE:
            reached = max(subjects[-1][0], self.clock)
            subjects += self._schedule.due(reached)
        self.clock = max(self.clock, reached)
        return [Due(subject, each) for _, subject in subjects for each in self._reached(subject)]

    def restore(self, states: Iterable[tuple[str, Any]]) -> None:
        """All entities as a checkpoint left them: what they don't know to have passed may be on its way."""
        for subject, state in states:
            times = (each.time for each in self._deadlines(state, NEVER))
            self._schedule.set(subject, min(times, default=None))

    def __contains__(self, subject: object) -> bool:
        return subject in self._schedule or subject in self._sent

    def __len__(self) -> int:
        return len(self._schedule)

    def _reached(self, subject: str) -> list[Deadline]:
        state, sent = self._state_of(subject), self._sent.get(subject, NEVER)
        if state is None:
            return []
        waits = [each for each in self._deadlines(state, self.clock) if each.time > sent]
        due = [each for each in waits if each.time <= self.clock]
        if due:
            self._sent[subject] = max(each.time for each in due)
        later = (each.time for each in waits if each.time > self.clock)
        self._schedule.set(subject, min(later, default=None))
        return due


class Schedule:
    """Of each entity the next instant. An entry that no longer stands is dropped when its turn comes."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def set(self, subject: str, time: int | None) -> None:
        if time is None:
            self._next.pop(subject, None)
        elif self._next.get(subject) != time:
            self._next[subject] = time
            heappush(self._heap, (time, subject))
            if len(self._heap) > SLACK * len(self._next) + SLACK:
                self._heap = [(time, subject) for subject, time in self._next.items()]
                heapify(self._heap)

    @property
    def earliest(self) -> int | None:
        """The earliest instant, or one before it that no longer stands."""
        return self._heap[0][0] if self._heap else None

    def due(self, clock: int) -> Iterator[tuple[int, str]]:
        """The entities whose instant the clock has reached, in the order of their instants; they leave."""
        while self._heap and self._heap[0][0] <= clock:
            time, subject = heappop(self._heap)
            if self._next.get(subject) == time:
                del self._next[subject]
                yield time, subject

    def __contains__(self, subject: object) -> bool:
        return subject in self._next

    def __len__(self) -> int:
        return len(self._next)
