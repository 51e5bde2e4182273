"""When a process says that Kafka doesn't answer it."""

from datetime import UTC, datetime

import pytest

from streams.crash import FATAL, UNAVAILABLE
from streams.kafka.contact import Contact
from streams.settings.sections import Consumer

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC).timestamp()
CONSUMER = Consumer(session_timeout=10.0, rebalance_timeout=15.0)
WORD = "no answer from Kafka since 2026-11-22T08:59:59Z"


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.word = ""
        self.contact = Contact(
            CONSUMER, lambda: self.word, clock=lambda: self.now, wall=lambda: int((NINE + self.now) * 1e6)
        )

    def silence(self, now: float, beat: float | None, *, joining: bool = False, word: str = "") -> str | None:
        self.now, self.word = now, word
        told = self.contact.silence(beat, joining=joining)
        code = self.contact.exit_code(beat, joining=joining)
        assert code == (UNAVAILABLE if told or word else FATAL)
        return told


def test_a_member_without_a_heartbeat_for_as_long_as_a_session() -> None:
    world = World()
    assert world.silence(12.9, beat=3) is None
    assert world.silence(13, beat=3) == "no answer from Kafka since 2026-11-22T09:00:03Z"


@pytest.mark.parametrize("beat, joining", [(None, False), (None, True), (0.0, True)])
def test_one_that_joins_sends_none_for_as_long_as_a_rebalance(beat: float | None, joining: bool) -> None:
    world = World()
    assert world.silence(24.9, beat, joining=joining) is None
    assert world.silence(25, beat, joining=joining) == "no answer from Kafka since 2026-11-22T09:00:00Z"


def test_where_the_supervisor_says_so_it_is_believed() -> None:
    """At once by one that has never had an answer, or has had none for a session."""
    world = World()
    assert world.silence(1, None, word=WORD) == WORD
    assert world.silence(9.9, 0, word=WORD) is None
    assert world.silence(10, 0, word=WORD) == WORD
    assert world.silence(10, 0, joining=True, word=WORD) == WORD
    assert world.silence(10, 9, word="") is None
