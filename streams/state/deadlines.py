"""The instants that entities wait for: when the clock reaches them, the entities are told."""

from collections.abc import Callable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Any, NamedTuple

from streams.catalogue import Deadline

AT_ONCE = 20_000
"Entities that a checkpoint tells: what a long standstill has left is told in several."

SLACK = 4
"So many entries for each entity that waits, most of them out of date, are swept away."

NEVER = -1
"Before all times."


class Due(NamedTuple):
    subject: str
    deadline: Deadline


class Waiting:
    """Of each entity of one partition the next instant, and the clock.

    The clock never goes back. At each checkpoint all instants that it has reached have been told, so with
    the clock of a checkpoint and its rows it is known what must not be told again.
    """

    def __init__(
        self, deadlines: Callable[[Any, int], Iterable[Deadline]], state_of: Callable[[str], Any | None]
    ) -> None:
        self._deadlines = deadlines
        self._state_of = state_of
        self._schedule = Schedule()
        self._told: dict[str, int] = {}
        "Up to when entities were told, where that has not come back to them yet."
        self._wanted = NEVER
        self.clock = NEVER
        "Up to when all instants have been told."

    def look(self, subject: str, state: Any) -> None:
        """An entity has changed, or was told."""
        told = self._told.get(subject, NEVER)
        if state.passed >= told:
            self._told.pop(subject, None)
        waits = (each.time for each in self._deadlines(state, told) if each.time > told)
        self._schedule.set(subject, min(waits, default=None))

    def reach(self, clock: int) -> bool:
        """It has become so late; true if anything is due."""
        self._wanted = max(self._wanted, clock)
        earliest = self._schedule.earliest
        return earliest is not None and earliest <= self._wanted

    def due(self) -> list[Due]:
        """What the clock has reached and nobody was told of."""
        subjects = list(islice(self._schedule.due(self._wanted), AT_ONCE))
        reached = self._wanted
        if len(subjects) == AT_ONCE:
            reached = max(subjects[-1][0], self.clock)
            subjects += self._schedule.due(reached)
        self.clock = max(self.clock, reached)
        return [Due(subject, each) for _, subject in subjects for each in self._tell(subject)]

    def restore(self, states: Iterable[tuple[str, Any]], clock: int) -> None:
        """Take up where a checkpoint left off: what its clock had reached is on its way."""
        self.clock = self._wanted = clock
        for subject, state in states:
            times = [each.time for each in self._deadlines(state, clock)]
            if told := max((time for time in times if time <= clock), default=None):
                self._told[subject] = told
            self._schedule.set(subject, min((time for time in times if time > clock), default=None))

    def __contains__(self, subject: object) -> bool:
        return subject in self._schedule or subject in self._told

    def __len__(self) -> int:
        return len(self._schedule)

    def _tell(self, subject: str) -> list[Deadline]:
        state, told = self._state_of(subject), self._told.get(subject, NEVER)
        if state is None:
            return []
        waits = [each for each in self._deadlines(state, self.clock) if each.time > told]
        due = [each for each in waits if each.time <= self.clock]
        if due:
            self._told[subject] = max(each.time for each in due)
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
