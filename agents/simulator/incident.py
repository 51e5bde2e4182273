"""An incident: for some hours something is broken, and everybody asks about it."""

from typing import NamedTuple

TOPIC = "login"

_AT_FIRST = 4.0
"So many times the usual number of tickets come on top of the usual ones; fewer with time."


class Incident(NamedTuple):
    """From `start` to `end`, in microseconds; what is asked about it can't be solved before the end."""

    start: int
    end: int
    topic: str = TOPIC

    def surge(self, now: int) -> float:
        """How many come because of it, as a multiple of those that come anyway."""
        if not self.start <= now < self.end:
            return 0.0
        return _AT_FIRST * (1.0 - 0.75 * (now - self.start) / (self.end - self.start))

    def affects(self, topic: str, now: int) -> bool:
        return topic == self.topic and self.start <= now < self.end
