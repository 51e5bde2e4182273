"""Hand-made stories of how observations become figures: panes, dimensions, quantiles."""

from datetime import UTC, datetime

import pytest

from .figures import figures
from .telling import Json, parts, plain, ticket, total


def test_observations_count_in_the_pane_of_the_event_that_ends_them() -> None:
    starts = {key[2:] for key in figures(plain()) if key[0] == "first_resolution_time" and not key[1]}
    assert starts == {
        ("hour", "2026-11-02T10:00:00Z"),
        ("day", "2026-11-02T00:00:00Z"),
        ("month", "2026-11-01T00:00:00Z"),
        ("total", ""),
    }


def test_days_and_months_begin_at_local_midnight_also_when_the_clock_is_changed() -> None:
    before = ticket("created", "2026-10-24T23:30:00Z", of="A")  # 01:30 on the 25th in Berlin, summer time
    after = ticket("created", "2026-10-25T22:30:00Z", of="B")  # 23:30 on the 25th in Berlin, winter time
    later = ticket("created", "2026-10-31T23:30:00Z", of="C")  # 00:30 on 1 November in Berlin
    found = figures([before, after, later], time_zone="Europe/Berlin", metrics=["tickets_created"])
    counts = {key[2:]: figure["value"] for key, figure in found.items() if not key[1]}
    assert counts == {
        ("hour", "2026-10-24T23:00:00Z"): 1,
        ("hour", "2026-10-25T22:00:00Z"): 1,
        ("hour", "2026-10-31T23:00:00Z"): 1,
        ("day", "2026-10-24T22:00:00Z"): 2,
        ("day", "2026-10-31T23:00:00Z"): 1,
        ("month", "2026-09-30T22:00:00Z"): 2,
        ("month", "2026-10-31T23:00:00Z"): 1,
        ("total", ""): 3,
    }


def test_quantiles_have_the_rank_rounded_up() -> None:
    waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    events: list[Json] = []
    for wait in waits:
        events.append(ticket("created", "09:00", of=f"T{wait}"))
        events.append(ticket("replied", f"09:00:{wait:02}", of=f"T{wait}", author="agent"))
    assert total(events, "first_response_time") == {
        "count": 10, "sum": 45.0, "value": 4.5, "p50": 4.0, "p90": 8.0, "p95": 9.0, "p99": 9.0,
    }  # fmt: skip


def test_only_volumes_are_by_topic() -> None:
    by_topic = {key[0] for key in figures(plain(topic="login")) if key[1].startswith("topic=")}
    assert by_topic == {"tickets_created", "tickets_resolved", "replies", "inquiry_topics"}


def test_an_unknown_name_and_a_missing_one_are_the_same_and_marks_are_escaped() -> None:
    events = [
        ticket("created", "09:00", channel="a|b,c=d%"),
        ticket("created", "09:00", of="T2", channel="é"),
    ]
    events += [ticket("created", "09:00", of="T3"), ticket("created", "09:00", of="T4", channel="unknown")]
    assert parts(events, "tickets_created", "channel") == {"a%7Cb%2Cc%3Dd%25": 1, "é": 1, "unknown": 2}


def test_the_figures_of_an_instant_and_of_chosen_metrics() -> None:
    events = [*plain(), ticket("reopened", "11:00")]
    then = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
    found = figures(events, at=then, metrics=["tickets_resolved"])
    assert found["tickets_resolved", "", "total", ""] == {"value": 1, "count": 1}
    assert {key[0] for key in found} == {"tickets_resolved"}
    with pytest.raises(ValueError, match="happiness"):
        figures(events, metrics=["happiness"])
