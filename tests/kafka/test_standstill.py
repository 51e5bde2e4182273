"""A partition that stands is noticed; a slow worker is no reason to end it."""

from faust.types.tuples import TP

from streams.kafka.standstill import PASSED_OVER, STALLED, Standstill

ONE, TWO = TP("cx.tickets", 1), TP("cx.tickets", 2)


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0
        self.standstill = Standstill(lambda: self.now)

    def see(self, tp: TP, offset: int, *, caught_up: bool = False, after: float = 0.0) -> float | None:
        self.now += after
        return self.standstill.seconds(tp, offset, caught_up)


def test_what_stands_with_something_to_read_is_noticed() -> None:
    watch = Watch()
    assert watch.see(ONE, 5) is None
    assert watch.see(ONE, 5, after=STALLED) is None
    assert watch.see(ONE, 5, after=1) == STALLED + 1


def test_what_is_caught_up_may_stand() -> None:
    watch = Watch()
    assert watch.see(ONE, 5) is None
    assert watch.see(ONE, 5, caught_up=True, after=10 * STALLED) is None
    assert watch.see(ONE, 5, after=STALLED) is None


def test_one_that_is_caught_up_is_no_sign_that_another_will_move() -> None:
    watch = Watch()
    assert watch.see(ONE, 5) is None
    assert watch.see(TWO, 7, caught_up=True) is None
    assert watch.see(TWO, 7, caught_up=True, after=STALLED + 1) is None
    assert watch.see(ONE, 5) == STALLED + 1


def test_on_a_slow_worker_others_of_the_topic_may_come_first() -> None:
    watch = Watch()
    assert watch.see(ONE, 5) is None
    for step in range(10):
        assert watch.see(TWO, step, after=PASSED_OVER / 10) is None
        assert watch.see(ONE, 5) is None
    watch.see(TWO, 10, after=1)
    assert watch.see(ONE, 5) == PASSED_OVER + 1


def test_a_rebalance_begins_anew() -> None:
    watch = Watch()
    watch.see(ONE, 5)
    watch.standstill.begin()
    assert watch.see(ONE, 5, after=10 * STALLED) is None
