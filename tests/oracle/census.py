"""Which kinds of mess a set of events holds, found from the events alone."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from .calls import FURTHER, LEAVING, Story, is_further
from .events import CALL_TYPES, CUSTOMER_TYPES, SURVEY_TYPES, TICKET_TYPES, Event, microseconds, read
from .surveys import latest_sent, own_or_sent, standing_answer
from .tickets import (
    DAY,
    GOING,
    SHORTHANDS,
    Step,
    history,
    is_gone,
    next_responses,
    standing_resolution,
)

Json = dict[str, Any]
SEPARATORS = "|,=%"


def kinds_of_mess(events: list[Json]) -> set[str]:
    return {
        *of_the_log(events),
        *of_fields(events),
        *of_tickets(events),
        *of_surveys(events),
        *of_calls(events),
    }


def entity(event: Json) -> tuple[str, str]:
    return (event["type"].split(".")[0], event["subject"])


def of_the_log(events: list[Json]) -> Iterator[str]:
    first: dict[tuple[str, str, str, str], Json] = {}
    at: dict[tuple[str, str, int], set[tuple[str, int | None]]] = {}
    reached = 0
    for event in events:
        earlier = first.setdefault((*entity(event), event["source"], event["id"]), event)
        if earlier is not event:
            yield "duplicate" if earlier == event else "conflict"
        time = microseconds(event["time"])
        if time < reached:
            yield "disorder"
        if time < reached - DAY:
            yield "far disorder"
        reached = max(reached, time)
        tied = at.setdefault((*entity(event), time), set())
        tied.add((event["source"] + event["id"], event.get("sequence")))
        if len({name for name, _ in tied}) > 1:
            yield "tie"
            if len({sequence for _, sequence in tied}) > 1:
                yield "tie with sequence"
    tickets = {subject for family, subject in map(entity, events) if family == "ticket"}
    sheets = {subject for family, subject in map(entity, events) if family == "survey"}
    if tickets & sheets:
        yield "one id for a ticket and a sheet"


def of_fields(events: list[Json]) -> Iterator[str]:
    for event in events:
        if not event["time"].endswith("Z"):
            yield "lower-case time" if event["time"].endswith("z") else "offset"
        if len(event["time"]) == len("2026-01-01T00:00:00.123456789Z") and event["time"].endswith("Z"):
            yield "nanoseconds"
        if event["type"] not in (*TICKET_TYPES, *SURVEY_TYPES, *CALL_TYPES, *CUSTOMER_TYPES):
            yield "unlisted type"
        if "data" not in event:
            yield "no data"
        data = event.get("data", {})
        if "x_note" in data:
            yield "extra field"
        if "traceparent" in event:
            yield "extra attribute"
        for name, value in data.items():
            if value is None:
                yield "null"
            if value == "":
                yield "empty string"
            if name == "status" and value in (None, ""):
                yield "cleared status"
            if name in ("channel", "team", "agent_id") and value:
                yield from (f"value with {mark}" for mark in SEPARATORS if mark in value)
                if not value.isascii():
                    yield "value in another script"


def of_tickets(events: list[Json]) -> Iterator[str]:
    for ordered in read(events, TICKET_TYPES).values():
        types = [event.type for event in ordered]
        if len(ordered) > 40:
            yield "busy ticket"
        if is_gone(ordered):
            yield "merged" if "ticket.merged" in types else "removed"
        elif set(types) & set(GOING):
            yield "restored"
        if "ticket.created" not in types:
            yield "never created"
            continue
        if types[0] != "ticket.created":
            yield "early event"
        if types.count("ticket.created") > 1:
            yield "second creation"
        yield from of_one_life(ordered)


def of_one_life(ordered: list[Event]) -> Iterator[str]:
    resolved_at: int | None = None
    steps = history(ordered)
    for step in steps:
        if step.creates and step.event.get("created_by") == "agent":
            yield "agent-created"
        if step.creates and step.event.get("status"):
            yield "created with status"
        if step.event.type in ("ticket.escalated", "ticket.assigned", "ticket.handled"):
            yield step.event.type
        if step.is_message_of("bot"):
            yield "bot"
        if step.is_message_of("agent"):
            yield "public reply" if step.is_public_reply_of("agent") else "private reply"
        if step.resolves:
            resolved_at = step.time if resolved_at is None else resolved_at
        if step.resolves or step.reopens or step.closes:
            way = "shorthand" if step.event.type in SHORTHANDS else "status"
            yield f"{'reopen' if step.reopens else 'close' if step.closes else 'resolve'} by {way}"
        if step.reopens and resolved_at is not None:
            yield "reopening"
            if step.time == resolved_at + 7 * DAY:
                yield "reopening at the end of the 7th day"
            if step.time > resolved_at + 7 * DAY:
                yield "reopening after 7 days"
    yield from of_waits_and_work(steps)
    if steps[-1].closes is False and any(step.closes for step in steps):
        yield "creation after a close"
    if len(steps) < len([event for event in ordered if event.type not in (*GOING, "ticket.restored")]):
        yield "event after a close"


def of_waits_and_work(steps: list[Step]) -> Iterator[str]:
    born = next(position for position, step in enumerate(steps) if step.creates)
    for earlier, later in pairwise(steps[born:]):
        if earlier.status != later.status:
            yield f"{earlier.status} to {later.status}"
    if sum(step.reopens for step in steps) > 1:
        yield "several reopenings"
    if len(next_responses(steps)) > 1:
        yield "several runs of messages"
    if any(step.is_message_of("customer") and step.event.get("public") is False for step in steps):
        yield "private customer message"
    kinds = [step.event.type for step in steps]
    if kinds.count("ticket.escalated") > 1:
        yield "several escalations"
    for kind in ("ticket.handled", "ticket.escalated"):
        if kind in kinds[:born]:
            yield f"{kind} before the creation"
        if any(step.event.type == kind and step.status == "resolved" for step in steps):
            yield f"{kind} when resolved"
    sittings = [step.event.get("seconds") for step in steps if step.event.type == "ticket.handled"]
    if sittings and standing_resolution(steps) is not None:
        yield "handled for no time" if sum(sittings) == 0 else "handled"


def of_surveys(events: list[Json]) -> Iterator[str]:
    tickets = read(events, TICKET_TYPES)
    for sheet in read(events, SURVEY_TYPES).values():
        if len(sheet) > 30:
            yield "busy sheet"
        withdrawals = [event.get("survey") for event in sheet if event.type == "survey.withdrawn"]
        yield from ("withdrawn sheet" if survey is None else "withdrawn answer" for survey in withdrawals)
        for survey in ("csat", "nps"):
            answers = [e for e in sheet if e.type == "survey.responded" and e.get("survey") == survey]
            if not answers:
                continue
            if len(answers) > 1:
                yield "changed answer"
            if len({answer.get("ticket_id") for answer in answers} - {None}) > 1:
                yield "moved answer"
            if any(answer.get("scale_max") is not None for answer in answers):
                yield f"{survey} with a scale"
            if any(e.type == "survey.sent" and e.order > answers[-1].order for e in sheet):
                yield "sent after the answer"
            answer = standing_answer(sheet, survey)
            if answer is None:
                yield "answer that no longer counts"
                continue
            yield from of_one_answer(answer, latest_sent(sheet, answer), tickets)


def of_one_answer(answer: Event, sent: Event | None, tickets: dict[str, list[Event]]) -> Iterator[str]:
    if sent is not None:
        yield "sent before the answer"
    ticket_id = own_or_sent("ticket_id", answer, sent)
    if ticket_id is None:
        yield "answer without a ticket"
        return
    if answer.get("ticket_id") is None:
        yield "ticket only in the sending"
    if ticket_id not in tickets:
        yield "answer about an unknown ticket"
        return
    ticket = tickets[ticket_id]
    if is_gone(ticket):
        yield "answer about a gone ticket"
    creation = next((event for event in ticket if event.type == "ticket.created"), None)
    if creation is not None and answer.moment < creation.moment:
        yield "answer before its ticket"
    if any(event.time == answer.time for event in ticket):
        yield "answer at the time of a ticket event"


def of_calls(events: list[Json]) -> Iterator[str]:
    stories = [Story(ordered) for ordered in read(events, CALL_TYPES).values() if ordered]
    for story in stories:
        yield from of_one_call(story)
        for other in stories:
            if other is not story and is_further(other, story):
                yield "further call on a ticket" if story.ticket else "further call of a customer"
                if other.offered and story.ended and other.offered.time == story.ended.time + FURTHER:
                    yield "further call at the end of the 7th day"
    for ordered in read(events, CUSTOMER_TYPES).values():
        yield from ("gone customer" for event in ordered if event.type in LEAVING)


def of_one_call(story: Story) -> Iterator[str]:
    types = [event.type for event in story.events]
    if story.offered is None:
        yield "call never offered"
    elif story.decided is not None and story.decided.time < story.offered.time:
        yield "call answered before its offer"
    if set(types) == {"call.offered"}:
        yield "call left waiting"
    if types.count("call.offered") > 1:
        yield "call offered again"
        if len({event.get("ticket_id") for event in story.events if event.type == "call.offered"}) > 1:
            yield "call that changes its ticket"
    if {"call.answered", "call.abandoned"} <= set(types):
        answered_first = story.decided is not None and story.decided.type == "call.answered"
        yield "abandoned after the answer" if answered_first else "answered after an abandonment"
    if types.count("call.answered") > 1:
        yield "call of two agents"
    if story.answered is not None and story.ended is None:
        yield "answered call without an end"
    if types.count("call.ended") > 1:
        yield "call ended again"
    if "call.transferred" in types:
        yield "call.transferred"
