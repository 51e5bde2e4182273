"""Messy but valid sets of events, in the order of a log, the same for the same seed.

All times lie in [start, start + days), so a set of at most 13 days fits into the shortest retention.
"""

import copy
from datetime import UTC, datetime
from random import Random

from .call_stories import CallStory, tell_of_customer
from .events import CALL_TYPES, CUSTOMER_TYPES, SURVEY_TYPES, TICKET_TYPES, microseconds
from .mess import CALM, DEFAULT, Mess
from .survey_stories import SheetStory
from .ticket_stories import CUSTOMERS, TicketStory
from .writer import DAY, SECOND, Json, Writer

__all__ = ["CALM", "DEFAULT", "START", "Mess", "events"]

# 12 days from here hold the end of summer time in Europe and in the US, and the end of a month.
START = datetime(2026, 10, 22, tzinfo=UTC)
LISTED = (*TICKET_TYPES, *SURVEY_TYPES, *CALL_TYPES, *CUSTOMER_TYPES)


def events(
    seed: int,
    tickets: int = 40,
    surveys: int = 40,
    start: datetime = START,
    days: float = 12.0,
    mess: Mess = DEFAULT,
    calls: int = 40,
) -> list[Json]:
    """The stories of so many tickets, answer sheets and calls, as CloudEvents in log order."""
    rng = Random(f"metricland {seed}")
    writer = Writer(rng, mess, start, days)
    told_tickets: list[TicketStory] = []
    for number in range(tickets):
        story = TicketStory(writer, entity_id(writer, "t", number), is_busy(writer, number, tickets))
        story.tell()
        told_tickets.append(story)
    for number in range(surveys):
        # Some sheets have the id of a ticket: they are other entities all the same.
        letter = "t" if writer.chance(mess.awkward) else "r"
        sheet = SheetStory(
            writer, entity_id(writer, letter, number), told_tickets, is_busy(writer, number, surveys)
        )
        sheet.tell()
    call: CallStory | None = None
    for number in range(calls):
        call = CallStory(writer, entity_id(writer, "k", number), told_tickets, before=call)
        call.tell()
    for customer in CUSTOMERS if calls else ():
        tell_of_customer(writer, customer)
    return in_log_order(writer)


def entity_id(writer: Writer, letter: str, number: int) -> str:
    return (
        f"{letter}{number}|ü={number}%" if number % 10 == 7 and writer.mess.awkward else f"{letter}{number}"
    )


def is_busy(writer: Writer, number: int, of: int) -> bool:
    return number < of * writer.mess.busy


def in_log_order(writer: Writer) -> list[Json]:
    """The told events and their duplicates as they arrive, sooner or later after they happened."""
    mess, rng = writer.mess, writer.rng
    by_entity: dict[tuple[str, str], list[Json]] = {}
    for _, event in writer.told:
        if event["type"] in LISTED:
            by_entity.setdefault(entity_of(event), []).append(event)

    arrivals: list[tuple[int, Json]] = []
    for time, event in writer.told:
        arrivals.append((time + delay(writer), event))
        if writer.chance(mess.duplicates):
            arrivals.append((time + delay(writer), copy.deepcopy(event)))
        if event["type"] in LISTED and writer.chance(mess.conflicts):
            twin = rng.choice(by_entity[entity_of(event)])
            arrivals.append((time + delay(writer), conflicting(writer, event, twin)))
    if mess.near_disorder or mess.far_disorder:
        return [event for _, event in sorted(arrivals, key=lambda arrival: arrival[0])]
    return [event for _, event in sorted(arrivals, key=lambda arrival: in_order(arrival[1]))]


def entity_of(event: Json) -> tuple[str, str]:
    return (event["type"].split(".")[0], event["subject"])


def in_order(event: Json) -> tuple[int, int, int, str, str]:
    """The order of the contract, for a log without disorder."""
    rank = LISTED.index(event["type"]) if event["type"] in LISTED else len(LISTED)
    return (microseconds(event["time"]), event.get("sequence", 0), rank, event["source"], event["id"])


def delay(writer: Writer) -> int:
    mess, rng = writer.mess, writer.rng
    if rng.random() < mess.far_disorder:
        return int(rng.random() * mess.far_days * DAY)
    if rng.random() < mess.near_disorder:
        return int(rng.random() * mess.near_seconds * SECOND)
    return 0


def conflicting(writer: Writer, event: Json, twin: Json) -> Json:
    """The source and id of an event with the content of another one of its entity, or with another time."""
    other = copy.deepcopy(twin)
    if twin is event:
        moved = writer.clamped(microseconds(event["time"]) + writer.span())
        other["time"] = writer.digits(moved, 0) + "Z"
    return {**other, "source": event["source"], "id": event["id"]}
