"""CloudEvents as parsed JSON, read into one ordered list per entity, without duplicates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

# The order of these lists is the rank of the types among events of one time and sequence.
TICKET_TYPES: tuple[str, ...] = (
    "ticket.created",
    "ticket.updated",
    "ticket.assigned",
    "ticket.escalated",
    "ticket.replied",
    "ticket.pended",
    "ticket.held",
    "ticket.resumed",
    "ticket.handled",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.closed",
    "ticket.merged",
    "ticket.removed",
    "ticket.restored",
)
SURVEY_TYPES: tuple[str, ...] = ("survey.sent", "survey.responded", "survey.withdrawn")
CALL_TYPES: tuple[str, ...] = (
    "call.offered",
    "call.answered",
    "call.abandoned",
    "call.transferred",
    "call.ended",
    "call.wrapped",
)
CUSTOMER_TYPES: tuple[str, ...] = (
    "customer.created",
    "customer.updated",
    "customer.activated",
    "customer.left",
    "customer.returned",
    "customer.merged",
    "customer.removed",
)

OWN_SOURCE = "/metricland"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

RFC_3339 = re.compile(
    r"(?P<second>\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?P<offset>[Zz]|[+-]\d\d:\d\d)"
)


@dataclass(frozen=True)
class Event:
    """One accepted event. `time` is in microseconds since 1970."""

    type: str
    rank: int
    subject: str
    source: str
    id: str
    time: int
    sequence: int
    data: dict[str, Any]

    @property
    def moment(self) -> tuple[int, int]:
        return (self.time, self.sequence)

    @property
    def order(self) -> tuple[int, int, int, str, str]:
        return (self.time, self.sequence, self.rank, self.source, self.id)

    def get(self, name: str) -> Any:
        """The field's value, None where it is absent or cleared."""
        value = self.data.get(name)
        return None if value == "" else value


Entities = dict[str, list[Event]]


def microseconds(text: str) -> int:
    """An RFC 3339 time as microseconds since 1970; finer digits are cut off."""
    match = RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    wall = datetime.fromisoformat(match["second"].upper().replace(" ", "T")).replace(tzinfo=UTC)
    offset = match["offset"]
    shift = timedelta()
    if offset not in "Zz":
        shift = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        if offset[0] == "-":
            shift = -shift
    fraction = ((match["fraction"] or "") + "000000")[:6]
    return (wall - shift - EPOCH) // timedelta(microseconds=1) + int(fraction)


def read(events: Iterable[dict[str, Any]], types: tuple[str, ...], at: datetime | None = None) -> Entities:
    """The events of the given types by subject, in their order: the first of source + id in the log counts.

    With `at`, only events up to that instant.
    """
    latest = None if at is None else (at - EPOCH) // timedelta(microseconds=1)
    known: dict[str, dict[tuple[str, str], Event]] = {}
    for raw in events:
        if raw["type"] not in types or raw["source"] == OWN_SOURCE:
            continue
        event = Event(
            type=raw["type"],
            rank=types.index(raw["type"]),
            subject=raw["subject"],
            source=raw["source"],
            id=raw["id"],
            time=microseconds(raw["time"]),
            sequence=raw.get("sequence") or 0,
            data=raw.get("data") or {},
        )
        known.setdefault(event.subject, {}).setdefault((event.source, event.id), event)
    return {
        subject: sorted(
            (event for event in entity.values() if latest is None or event.time <= latest),
            key=lambda event: event.order,
        )
        for subject, entity in known.items()
    }
