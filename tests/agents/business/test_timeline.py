"""Sums of open time: made as they are asked for, in bounded memory."""

import tracemalloc

from agents.business.timeline import PIECE, Spans, Timeline
from streams.moments import DAY, HOUR


def mornings(start: int, end: int) -> Spans:
    """Six to twelve each day."""
    days = range(start // DAY, -(-end // DAY))
    spans = ((day * DAY + 6 * HOUR, day * DAY + 12 * HOUR) for day in days)
    return [(max(one, start), min(other, end)) for one, other in spans if one < end and other > start]


def test_far_times_are_reached_both_ways() -> None:
    timeline = Timeline(mornings)
    near, before, after = 20_000 * DAY, -100_000 * DAY, 200_000 * DAY
    for start, end in (
        (near, near + DAY),
        (before, near),
        (near, after),
        (before, after),
        (near, near + DAY),
    ):
        assert timeline.between(start, end) == (end - start) // 4
        assert timeline.add(start, (end - start) // 4) == end - 12 * HOUR


def test_only_what_is_asked_for_is_made() -> None:
    made = []

    def opens(start: int, end: int) -> Spans:
        made.append(start)
        return mornings(start, end)

    timeline = Timeline(opens)
    for hour in range(1000):
        timeline.between(50 * PIECE + hour * HOUR, 51 * PIECE - HOUR)
    assert made == [50 * PIECE]


def test_memory_is_bounded_however_far_times_lie_apart() -> None:
    timeline = Timeline(mornings)
    tracemalloc.start()
    for leap in range(-500, 500, 20):
        timeline.between(leap * PIECE, (leap + 25) * PIECE)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 6_000_000
