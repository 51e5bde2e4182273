"""Every figure that a set of events gives, from scratch: slow, and meant to be obviously right."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from . import backlog, calls, surveys, tickets
from .business import SUFFIX, Business
from .events import CALL_TYPES, CUSTOMER_TYPES, EPOCH, SURVEY_TYPES, TICKET_TYPES, microseconds, read
from .observations import Dimensions, Observation

Key = tuple[str, str, str, str]
Figure = dict[str, Any]
DimensionSet = tuple[str, ...]

TICKET_SETS: tuple[DimensionSet, ...] = (
    (),
    ("channel",),
    ("priority",),
    ("team",),
    ("tier",),
    ("agent",),
    ("channel", "priority"),
)
VOLUME_SETS: tuple[DimensionSet, ...] = (*TICKET_SETS, ("topic",))
ESCALATION_SETS: tuple[DimensionSet, ...] = ((), ("to",), ("reason",))
TOPIC_SETS: tuple[DimensionSet, ...] = ((), ("topic",))
BACKLOG_SETS: tuple[DimensionSet, ...] = (
    *TICKET_SETS,
    ("status",),
    ("status", "channel"),
    ("status", "priority"),
    ("status", "team"),
)
AGE_SETS: tuple[DimensionSet, ...] = ((), ("channel",), ("priority",), ("team",))
SURVEY_SETS: tuple[DimensionSet, ...] = ((), ("channel",), ("team",), ("tier",), ("agent",), ("touchpoint",))
CALL_SETS: tuple[DimensionSet, ...] = ((), ("queue",), ("team",), ("agent",))
BY_SURVEY_SETS: tuple[DimensionSet, ...] = tuple(("survey", *names) for names in SURVEY_SETS)
WAITING_SETS: tuple[DimensionSet, ...] = ((), ("queue",), ("team",))

# Each metric's kind and dimension sets.
CATALOGUE: dict[str, tuple[str, tuple[DimensionSet, ...]]] = {
    "tickets_created": ("count", VOLUME_SETS),
    "tickets_resolved": ("count", VOLUME_SETS),
    "tickets_closed": ("count", VOLUME_SETS),
    "replies": ("count", VOLUME_SETS),
    "inquiry_topics": ("count", TOPIC_SETS),
    "first_response_time": ("distribution", TICKET_SETS),
    "first_bot_response_time": ("distribution", TICKET_SETS),
    "next_response_time": ("distribution", TICKET_SETS),
    "resolution_time": ("distribution", TICKET_SETS),
    "first_resolution_time": ("distribution", TICKET_SETS),
    "requester_wait_time": ("distribution", TICKET_SETS),
    "agent_work_time": ("distribution", TICKET_SETS),
    "agent_wait_time": ("distribution", TICKET_SETS),
    "handle_time": ("distribution", TICKET_SETS),
    "first_contact_resolution": ("ratio", TICKET_SETS),
    "one_touch_rate": ("ratio", TICKET_SETS),
    "reopen_rate": ("ratio", TICKET_SETS),
    "escalation_rate": ("ratio", TICKET_SETS),
    "escalations": ("count", ESCALATION_SETS),
    "csat": ("ratio", SURVEY_SETS),
    "csat_score": ("scores", SURVEY_SETS),
    "csa": ("ratio", SURVEY_SETS),
    "nps": ("nps", SURVEY_SETS),
    "recontact_rate": ("ratio", TICKET_SETS),
    "call_volume": ("count", CALL_SETS),
    "calls_answered": ("count", CALL_SETS),
    "abandonment_rate": ("ratio", CALL_SETS),
    "transfer_rate": ("ratio", CALL_SETS),
    "service_level": ("ratio", CALL_SETS),
    "service_level_negative": ("ratio", CALL_SETS),
    "service_level_positive": ("ratio", CALL_SETS),
    "call_handle_time": ("distribution", CALL_SETS),
    "speed_of_answer": ("distribution", (*CALL_SETS, ("medium",))),
    "first_call_resolution": ("ratio", CALL_SETS),
    "ces": ("scores", SURVEY_SETS),
    "ces_low_effort": ("ratio", SURVEY_SETS),
    "survey_score": ("scores", BY_SURVEY_SETS),
    "survey_response_rate": ("ratio", BY_SURVEY_SETS),
}
# Levels have a figure at the end of each pane in which they changed; ages of each day, while there are any.
LEVELS: dict[str, tuple[str, tuple[DimensionSet, ...]]] = {
    "backlog": ("count", BACKLOG_SETS),
    "backlog_age": ("distribution", AGE_SETS),
    "calls_waiting": ("count", WAITING_SETS),
    "call_longest_wait": ("longest", WAITING_SETS),
}
METRICS: frozenset[str] = frozenset({*CATALOGUE, *LEVELS})
PANES: tuple[str, ...] = ("hour", "day", "month", "total")
QUANTILES: dict[str, Fraction] = {
    "p50": Fraction(1, 2),
    "p90": Fraction(9, 10),
    "p95": Fraction(19, 20),
    "p99": Fraction(99, 100),
}
SECOND = 1_000_000  # microseconds
MINUTE = 60 * SECOND


def figures(
    events: Iterable[dict[str, Any]],
    *,
    time_zone: str = "UTC",
    at: datetime | None = None,
    metrics: Collection[str] = METRICS,
    business: Business | None = None,
) -> dict[Key, Figure]:
    """The figures of `metrics` by (metric, dimensions, pane, start), the parts of a cx.metrics key.

    `events` are in log order. With `at`, the figures are those of that instant: later events are left out.
    With `business`, the durations of tickets are there in business time too.
    """
    unknown = set(metrics) - METRICS
    if unknown:
        raise ValueError(f"metrics that are not computed here: {sorted(unknown)}")
    zone = ZoneInfo(time_zone)
    cells: dict[Key, list[int | str]] = {}
    log = list(events)
    for seen in observe(log, at, business):
        metric = seen.metric.removesuffix(SUFFIX)
        if metric not in metrics or metric not in CATALOGUE:
            continue
        _, sets = CATALOGUE[metric]
        for names in sets:
            dimensions = dimension_text(names, seen.dimensions)
            for pane in PANES:
                key = (seen.metric, dimensions, pane, pane_start(pane, seen.time, zone))
                cells.setdefault(key, []).append(seen.value)
    found = {key: figure(CATALOGUE[key[0].removesuffix(SUFFIX)][0], values) for key, values in cells.items()}
    asked = set(metrics) & LEVELS.keys()
    found |= levels(log, zone, at, asked & {"backlog", "backlog_age"})
    return found | waits(log, zone, at, asked & {"calls_waiting", "call_longest_wait"})


def waits(
    events: list[dict[str, Any]], zone: ZoneInfo, at: datetime | None, metrics: Collection[str]
) -> dict[Key, Figure]:
    """Calls in the queue. One is given up with the minute in which its time is over."""
    stories = [story for story in read(events, CALL_TYPES, at).values() if story] if metrics else []

    def there(instant: int) -> list[tuple[int, Dimensions]]:
        return [found for found in (calls.waiting(story, instant) for story in stories) if found is not None]

    first = min((event.time for story in stories for event in story), default=None)
    return changes(events, zone, at, metrics, first, there)


def levels(
    events: list[dict[str, Any]], zone: ZoneInfo, at: datetime | None, metrics: Collection[str]
) -> dict[Key, Figure]:
    """The backlog, where it is asked for."""
    lives = backlog.lives(list(read(events, TICKET_TYPES, at).values())) if metrics else []

    def there(instant: int) -> list[tuple[int, Dimensions]]:
        return [(ticket.created, ticket.dimensions) for ticket in backlog.unresolved(lives, instant)]

    return changes(events, zone, at, metrics, min((life.created for life in lives), default=None), there)


def changes(
    events: list[dict[str, Any]],
    zone: ZoneInfo,
    at: datetime | None,
    metrics: Collection[str],
    first: int | None,
    there: Callable[[int], list[tuple[int, Dimensions]]],
) -> dict[Key, Figure]:
    """Levels at the ends of the panes in which they changed; now is `at`, by default the highest event time.

    `there` says what is there before an instant: since when, and with which dimensions. Of running panes the
    hour has figures of how many there are up to the end of the minute.
    """
    found: dict[Key, Figure] = {}
    if first is None:
        return found
    now = max(microseconds(event["time"]) for event in events) if at is None else backlog.micros(at)
    for pane, start, end in backlog.panes(first, now, zone):
        runs = end > now
        if runs and pane != "hour":
            continue
        instant = (now // MINUTE + 1) * MINUTE if runs else end
        before, after = there(start), there(instant)
        for metric in metrics:
            kind, sets = LEVELS[metric]
            if (runs and kind != "count") or (metric == "backlog_age" and pane != "day"):
                continue
            for names in sets:
                were, are = by_dimensions(names, before), by_dimensions(names, after)
                for dimensions in {*were, *are}:
                    was, is_ = were.get(dimensions, []), are.get(dimensions, [])
                    if metric == "backlog_age" or is_changed(kind, was, is_):
                        key = (metric, dimensions, pane, pane_start(pane, start, zone))
                        found[key] = level(kind, is_, instant)
    return found


def by_dimensions(names: DimensionSet, there: list[tuple[int, Dimensions]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for since, dimensions in there:
        found.setdefault(dimension_text(names, dimensions), []).append(since)
    return found


def is_changed(kind: str, was: list[int], is_: list[int]) -> bool:
    """How many there are, or, where it matters since when, who that is."""
    if kind == "count":
        return len(was) != len(is_)
    return sorted(since // SECOND for since in was) != sorted(since // SECOND for since in is_)


def level(kind: str, since: list[int], instant: int) -> Figure:
    """The figure of what is there at an instant, by since when it is."""
    if kind == "distribution":
        ages = sorted(instant - each for each in since)
        return distribution(ages) if ages else {"value": None, "count": 0}
    longest = max((instant // SECOND - each // SECOND for each in since), default=0)
    return {"value": len(since) if kind == "count" else longest, "count": len(since)}


def observe(
    events: list[dict[str, Any]], at: datetime | None = None, business: Business | None = None
) -> list[Observation]:
    """All observations that the events give."""
    tickets_by_id = read(events, TICKET_TYPES, at)
    sheets_by_id = read(events, SURVEY_TYPES, at)
    found: list[Observation] = []
    for ticket in tickets_by_id.values():
        found += tickets.observations(ticket, business)
    for sheet in sheets_by_id.values():
        found += surveys.observations(sheet, tickets_by_id)
    customers_by_id = read(events, CUSTOMER_TYPES, at)
    found += calls.observations(read(events, CALL_TYPES, at), tickets_by_id, customers_by_id)
    found += calls.recontacts(tickets_by_id, customers_by_id)
    return found


def dimension_text(names: DimensionSet, dimensions: Dimensions) -> str:
    """`a=x,b=y`, sorted by name, values escaped, a missing one `unknown`."""
    parts: list[str] = []
    for name in sorted(names):
        value = dimensions.get(name)
        parts.append(f"{name}={escaped('unknown' if value is None else value)}")
    return ",".join(parts)


def escaped(value: str) -> str:
    return value.replace("%", "%25").replace("|", "%7C").replace(",", "%2C").replace("=", "%3D")


def pane_start(pane: str, time: int, zone: ZoneInfo) -> str:
    """The start, in UTC, of the pane that a time (in microseconds) falls in; empty for the total."""
    if pane == "total":
        return ""
    instant = EPOCH + timedelta(microseconds=time)
    if pane == "hour":
        start = instant.replace(minute=0, second=0, microsecond=0)
    else:
        local = instant.astimezone(zone)
        day = local.day if pane == "day" else 1
        start = datetime(local.year, local.month, day, tzinfo=zone).astimezone(UTC)
    return start.strftime("%Y-%m-%dT%H:%M:%SZ")


def figure(kind: str, values: list[Any]) -> Figure:
    """The promised fields of one figure, from its observations."""
    count = len(values)
    if kind == "count":
        return {"value": count, "count": count}
    if kind == "ratio":
        return ratio(sum(values), count, 1)
    if kind == "nps":
        counts = {name: values.count(name) for name in ("promoters", "passives", "detractors")}
        return {**ratio(counts["promoters"] - counts["detractors"], count, 100), "counts": counts}
    if kind == "scores":
        return scores(values)
    return distribution(sorted(values))


def ratio(numerator: int, denominator: int, factor: int) -> Figure:
    return {
        "value": float(Fraction(numerator * factor, denominator)),
        "count": denominator,
        "numerator": numerator,
        "denominator": denominator,
    }


def scores(values: list[tuple[Fraction, Fraction]]) -> Figure:
    """From scores and what they are counted as: exact sums, quantiles of rank ceil(q n)."""
    count, total = len(values), sum((score for score, _ in values), Fraction())
    counted = sorted(each for _, each in values)
    result: Figure = {"count": count, "sum": float(total), "value": float(total / count)}
    for name, share in QUANTILES.items():
        result[name] = float(sorted(score for score, _ in values)[-(-share * count // 1) - 1])
    result["counts"] = {decimal_text(each): counted.count(each) for each in counted}
    return result


def decimal_text(number: Fraction) -> str:
    """A number of at most six decimals as people write it."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):f}"


def distribution(ordered: list[int]) -> Figure:
    """From durations in microseconds, smallest first: seconds, with exact quantiles of rank ceil(q n)."""
    count, total = len(ordered), sum(ordered)
    result: Figure = {
        "count": count,
        "sum": float(Fraction(total, SECOND)),
        "value": float(Fraction(total, SECOND * count)),
    }
    for name, share in QUANTILES.items():
        rank = -((-share * count) // 1)  # rounded up
        result[name] = float(Fraction(ordered[int(rank) - 1], SECOND))
    return result
