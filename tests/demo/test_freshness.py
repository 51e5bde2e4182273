"""Which events are samples, and how long they count as taking."""

from streams.demo.freshness import ENOUGH, Freshness

DISORDER = 120.0


def freshness(partitions: int = 2) -> Freshness:
    """One whose history, up to second 1000, has been processed."""
    fresh = Freshness(partitions, DISORDER)
    for number in range(partitions):
        fresh.sent(number, 1000.0, 1000.0, sure=True)
    fresh.begin()
    seen(fresh, 1000, 1000.0)
    return fresh


def seen(fresh: Freshness, second: int, now: float) -> None:
    """A figure that holds all before and one event of that second in each partition."""
    fresh.seen(second - DISORDER, now)


def test_a_sample_is_what_brings_the_last_partition_to_a_second() -> None:
    fresh = freshness()
    fresh.sent(0, 1001.3, appended=1001.4, sure=True)
    fresh.sent(1, 1001.7, appended=1001.8, sure=True)
    seen(fresh, 1000, 1001.9)
    assert fresh.seconds == []
    seen(fresh, 1001, 1002.0)
    assert [round(each, 6) for each in fresh.seconds] == [0.2]
    seen(fresh, 1001, 1002.1)
    assert len(fresh.seconds) == 1


def test_one_that_may_change_no_figure_is_none() -> None:
    fresh = freshness(partitions=1)
    fresh.sent(0, 1001.0, appended=1001.0, sure=False)
    seen(fresh, 1001, 1005.0)
    assert fresh.seconds == []


def test_further_events_of_the_second_are_none() -> None:
    fresh = freshness(partitions=1)
    fresh.sent(0, 1001.0, appended=1001.0, sure=True)
    fresh.sent(0, 1001.9, appended=1001.9, sure=True)
    seen(fresh, 1001, 1002.0)
    assert fresh.seconds == [1.0]


def test_a_figure_that_is_late_shows_all_that_waited() -> None:
    fresh = freshness(partitions=1)
    for second in (1001, 1002, 1005):
        fresh.sent(0, float(second), appended=float(second), sure=True)
    seen(fresh, 1003, 1006.0)
    assert fresh.seconds == [5.0, 4.0]
    seen(fresh, 1005, 1007.0)
    assert fresh.seconds == [5.0, 4.0, 2.0]


def test_history_is_no_sample_nor_what_waits_behind_it() -> None:
    fresh = Freshness(1, DISORDER)
    fresh.sent(0, 1000.0, appended=2000.0, sure=True)
    fresh.begin()
    fresh.sent(0, 2001.0, appended=2001.0, sure=True)
    seen(fresh, 900, 2002.0)
    assert not fresh.caught_up
    seen(fresh, 2001, 2003.0)
    assert fresh.caught_up
    assert fresh.seconds == []
    fresh.sent(0, 2004.0, appended=2004.0, sure=True)
    seen(fresh, 2004, 2004.5)
    assert fresh.seconds == [0.5]


def test_quantiles_are_ranks() -> None:
    fresh = Freshness(1, DISORDER)
    fresh.seconds = [0.1] * (ENOUGH - 1)
    assert fresh.quantiles() is None
    fresh.seconds = [number / 100 for number in range(100, 0, -1)]
    assert fresh.quantiles() == (0.5, 0.99, 100)
