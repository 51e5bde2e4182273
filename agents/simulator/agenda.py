"""What happens when: the stories of a simulation, each woken at its time."""

from collections.abc import Generator
from heapq import heappop, heappush
from itertools import count

Story = Generator[int | None, None, None]
"Yields for how many microseconds it waits, or None to wait until somebody wakes it."


class Agenda:
    """Runs stories in the order of simulated time; of those at one time in the order they were put down."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.unfinished = 0
        "Stories that will come to an end, and have not."
        self._numbers = count()
        self._entries: list[tuple[int, int, Story]] = []

    def start(self, story: Story, after: int = 0) -> None:
        self.unfinished += 1
        heappush(self._entries, (self.now + after, next(self._numbers), story))

    def keep(self, story: Story) -> None:
        """Start one that never ends, so nobody waits for it."""
        heappush(self._entries, (self.now, next(self._numbers), story))

    def wake(self, story: Story) -> None:
        """Let one that waits go on; it may be about to yield None."""
        heappush(self._entries, (self.now, next(self._numbers), story))

    def has_before(self, end: int | None) -> bool:
        """Whether anything is left to happen before that time; without one, whether a story is unfinished."""
        if end is None:
            return self.unfinished > 0
        return bool(self._entries) and self._entries[0][0] < end

    def step(self) -> None:
        """Let the next story go on until it waits again."""
        self.now, _, story = heappop(self._entries)
        try:
            delay = next(story)
        except StopIteration:
            self.unfinished -= 1
            return
        if delay is not None:
            heappush(self._entries, (self.now + delay, next(self._numbers), story))
