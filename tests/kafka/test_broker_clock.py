"""What time it is at the broker, by the times that it gave to appended records."""

from streams.kafka.broker_clock import BrokerClock

SECOND = 1_000_000
NOON = 1_794_000_000 * SECOND


class Monotonic:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def clock() -> tuple[BrokerClock, Monotonic]:
    monotonic = Monotonic()
    return BrokerClock(monotonic), monotonic


def test_before_anything_was_appended_nothing_is_known() -> None:
    found, _ = clock()
    assert found.now() is None
    assert found.ahead(NOON) == 0


def test_it_goes_on_from_the_last_append_and_is_never_ahead_of_the_broker() -> None:
    """An append was made at some time before its acknowledgement: at that time it is at least as late."""
    found, monotonic = clock()
    found.observe(0, NOON, sent=99.0, acknowledged=100.0)
    assert found.now() == NOON
    monotonic.now = 107.5
    assert found.now() == NOON + 7_500_000


def test_of_several_brokers_the_slowest_counts() -> None:
    found, _ = clock()
    found.observe(0, NOON, sent=99.9, acknowledged=100.0)
    found.observe(1, NOON - 30 * SECOND, sent=99.9, acknowledged=100.0)
    assert found.now() == NOON - 30 * SECOND
    found.observe(1, NOON - SECOND, sent=99.9, acknowledged=100.0)
    assert found.now() == NOON - SECOND


def test_a_clock_is_wrong_by_what_no_delay_explains() -> None:
    found, _ = clock()
    found.observe(0, NOON, sent=90.0, acknowledged=100.0)
    assert found.ahead(NOON + 3600 * SECOND) == 3590 * SECOND
    assert found.ahead(NOON - 3600 * SECOND) == -3600 * SECOND
    assert found.ahead(NOON + 9 * SECOND) == 0


def test_a_broker_whose_clock_is_set_back_is_followed() -> None:
    found, _ = clock()
    found.observe(0, NOON, sent=99.9, acknowledged=100.0)
    found.observe(0, NOON - 600 * SECOND, sent=99.9, acknowledged=100.0)
    assert found.now() == NOON - 600 * SECOND
