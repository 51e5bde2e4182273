"""Whether Kafka answers this process: by the heartbeats of its group, and by what its supervisor says."""

import time
from collections.abc import Callable

from streams.crash import FATAL, UNAVAILABLE
from streams.kafka.watch import no_answer_since, wall_clock
from streams.settings.sections import Consumer


class Contact:
    """`word` is what the supervisor said last of an outage; empty where there is none."""

    def __init__(
        self,
        settings: Consumer,
        word: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = wall_clock,
    ) -> None:
        self._settings = settings
        self._word = word
        self._clock = clock
        self._wall = wall
        self._started = clock()

    def silence(self, heartbeat: float | None, *, joining: bool) -> str | None:
        """Since when Kafka hasn't answered, where that is longer than a session.

        `heartbeat`: when the group's coordinator last answered, by the clock; None if it never did. A member
        that joins sends no heartbeats, and waits for the others for as long as a rebalance may take.
        """
        last = self._started if heartbeat is None else heartbeat
        silent = self._clock() - last
        if heartbeat is not None and silent < self._settings.session_timeout:
            return None
        if word := self._word():
            return word
        joins = heartbeat is None or joining
        if silent < self._settings.session_timeout + (self._settings.rebalance_timeout if joins else 0):
            return None
        return no_answer_since(self._wall() - int(silent * 1e6))

    def exit_code(self, heartbeat: float | None, *, joining: bool) -> int:
        """Of a process that can't go on now."""
        away = self._word() or self.silence(heartbeat, joining=joining)
        return UNAVAILABLE if away else FATAL
