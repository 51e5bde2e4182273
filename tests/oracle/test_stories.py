"""The generated sets: the same for the same seed, valid, and really messy."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from .census import kinds_of_mess
from .events import CALL_TYPES, CUSTOMER_TYPES, SURVEY_TYPES, TICKET_TYPES, microseconds, read
from .figures import LEVELS, METRICS, figures
from .rules import broken_rules
from .stories import CALM, DEFAULT, START, events

EVERY_MESS = {
    "duplicate", "conflict", "disorder", "far disorder", "tie", "tie with sequence",
    "one id for a ticket and a sheet",
    "offset", "lower-case time", "nanoseconds",
    "unlisted type", "no data", "extra field", "extra attribute", "null", "empty string", "cleared status",
    "value with |", "value with ,", "value with =", "value with %", "value in another script",
    "busy ticket", "merged", "removed", "restored", "never created", "early event", "second creation",
    "creation after a close", "event after a close", "agent-created", "created with status",
    "ticket.escalated", "ticket.assigned", "ticket.handled", "bot", "public reply", "private reply",
    "resolve by status", "resolve by shorthand", "close by status", "close by shorthand",
    "reopen by status", "reopen by shorthand", "reopening", "reopening at the end of the 7th day",
    "reopening after 7 days",
    "open to pending", "open to held", "pending to open", "held to open", "pending to held",
    "held to pending",    "pending to resolved", "held to resolved", "resolved to open", "several reopenings",
    "several runs of messages", "private customer message", "several escalations",
    "ticket.handled before the creation", "ticket.handled when resolved", "handled", "handled for no time",
    "ticket.escalated before the creation", "ticket.escalated when resolved",
    "busy sheet", "withdrawn sheet", "withdrawn answer", "answer that no longer counts", "changed answer",
    "moved answer", "csat with a scale", "nps with a scale", "sent before the answer",
    "sent after the answer", "answer without a ticket", "ticket only in the sending",
    "answer about an unknown ticket", "answer about a gone ticket", "answer before its ticket",
    "answer at the time of a ticket event",
    "call never offered", "call answered before its offer", "call offered again",
    "call that changes its ticket", "abandoned after the answer", "answered after an abandonment",
    "call of two agents", "answered call without an end", "call ended again", "call.transferred",
    "further call on a ticket", "further call of a customer", "further call at the end of the 7th day",
    "gone customer", "call left waiting",
}  # fmt: skip


def test_the_same_seed_gives_the_same_set() -> None:
    assert json.dumps(events(7)) == json.dumps(events(7))
    assert json.dumps(events(7)) != json.dumps(events(8))


@pytest.mark.parametrize("seed", range(3))
def test_the_events_are_valid_and_inside_their_days(seed: int) -> None:
    start, days = datetime(2026, 3, 1, tzinfo=UTC), 5.0
    told = events(seed, tickets=60, surveys=60, start=start, days=days)
    assert [(event, broken) for event in told if (broken := broken_rules(event))] == []
    first = int(start.timestamp()) * 1_000_000
    last = int((start + timedelta(days=days)).timestamp()) * 1_000_000
    assert all(first <= microseconds(event["time"]) < last for event in told)
    assert json.loads(json.dumps(told)) == told


def test_a_large_set_holds_every_kind_of_mess() -> None:
    found = kinds_of_mess(events(1, tickets=600, surveys=400, calls=400))
    assert sorted(EVERY_MESS - found) == []


def test_a_small_set_holds_most_of_it() -> None:
    assert len(EVERY_MESS - kinds_of_mess(events(2))) < 25


def test_a_calm_set_holds_none() -> None:
    told = events(1, mess=CALM)
    assert kinds_of_mess(told) <= {
        "no data", "public reply", "open to resolved", "ticket.handled", "resolve by shorthand",
        "answer without a ticket", "further call of a customer",
    }  # fmt: skip
    assert figures(told)


def test_a_knob_turns_one_mess_off() -> None:
    told = events(1, tickets=200, surveys=200, mess=replace(DEFAULT, conflicts=0, merges=0, odd_scales=0))
    found = kinds_of_mess(told)
    assert not found & {"conflict", "merged"}
    assert "duplicate" in found


def test_no_entity_outgrows_the_memory_for_refolding() -> None:
    told = events(3, tickets=100, surveys=100)
    for types in (TICKET_TYPES, SURVEY_TYPES, CALL_TYPES, CUSTOMER_TYPES):
        assert max(len(entity) for entity in read(told, types).values()) < 256


def test_every_metric_has_figures_and_they_do_not_depend_on_the_order() -> None:
    told = events(4, tickets=60, surveys=60, start=START, mess=replace(DEFAULT, conflicts=0))
    found = figures(told, time_zone="Europe/Berlin")
    assert {key[0] for key in found} == METRICS
    assert figures(told[::-1], time_zone="Europe/Berlin") == found


def test_the_parts_of_a_set_sum_to_its_whole() -> None:
    found = figures(events(5), time_zone="America/New_York")
    wholes: dict[tuple[str, str, str, str], int] = {}
    for (metric, dimensions, pane, start), figure in found.items():
        if metric in LEVELS.keys() - {"backlog_age"}:
            continue  # where a part is as before it is absent
        names = ",".join(part.split("=")[0] for part in dimensions.split(",")) if dimensions else ""
        wholes[metric, names, pane, start] = wholes.get((metric, names, pane, start), 0) + figure["count"]
    for (metric, _, pane, start), count in wholes.items():
        whole = "survey" if metric.startswith("survey_") else ""
        assert count == wholes[metric, whole, pane, start]
