"""The backlog from scratch: at an instant, which tickets are unresolved, how, and since when; and panes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from .events import EPOCH, Event
from .observations import Dimensions
from .tickets import Step, after_creation, history, is_gone


@dataclass(frozen=True)
class Life:
    """A ticket that counts: when it was created, and its steps."""

    created: int
    steps: list[Step]


@dataclass(frozen=True)
class Unresolved:
    """A ticket as it is at an instant, and when it was created."""

    dimensions: Dimensions
    created: int


def lives(tickets: list[list[Event]]) -> list[Life]:
    histories = [history(ordered) for ordered in tickets if not is_gone(ordered)]
    return [
        Life(after_creation(steps)[0].time, steps)
        for steps in histories
        if any(step.creates for step in steps)
    ]


def unresolved(tickets: list[Life], instant: int) -> list[Unresolved]:
    """The tickets that are unresolved after all events before an instant (in microseconds)."""
    found: list[Unresolved] = []
    for ticket in tickets:
        past = [step for step in ticket.steps if step.time < instant]
        if ticket.created < instant and past[-1].status != "resolved":
            found.append(Unresolved(dimensions(past), ticket.created))
    return found


def dimensions(past: list[Step]) -> Dimensions:
    last = past[-1]
    status = last.status if any(step.is_reply for step in past) else "new"
    return {**last.dimensions, "agent": last.assignee, "status": status}


def panes(first: int, now: int, zone: ZoneInfo) -> Iterator[tuple[str, int, int]]:
    """Hours, local days and months from a first instant to now, the running ones too: kind, start, end."""
    earliest, latest = (EPOCH + timedelta(microseconds=instant) for instant in (first, now))
    start = earliest.replace(minute=0, second=0, microsecond=0)
    while start <= latest:
        yield "hour", micros(start), micros(start + timedelta(hours=1))
        start += timedelta(hours=1)
    day = earliest.astimezone(zone).date()
    month = day.replace(day=1)
    while midnight(day, zone) <= latest:
        following = day + timedelta(days=1)
        yield "day", micros(midnight(day, zone)), micros(midnight(following, zone))
        day = following
    while midnight(month, zone) <= latest:
        following = (month + timedelta(days=31)).replace(day=1)
        yield "month", micros(midnight(month, zone)), micros(midnight(following, zone))
        month = following


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def micros(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(microseconds=1)
