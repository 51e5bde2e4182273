"""The rules that a ticket or survey event must keep, for the sets that are meant to be valid."""

from typing import Any

from .events import CALL_TYPES, CUSTOMER_TYPES, SURVEY_TYPES, TICKET_TYPES, microseconds
from .surveys import number

Json = dict[str, Any]

STATUSES = ("open", "pending", "held", "resolved", "closed")
AUTHORS = ("agent", "customer", "bot")
TEXT_FIELDS = (
    "customer_id", "channel", "priority", "team", "tier", "topic", "language", "agent_id", "to", "reason",
    "text", "into", "survey", "ticket_id", "touchpoint", "comment",
    "queue", "segment", "referred_by",
)  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "ticket.replied": ("author",),
    "ticket.handled": ("agent_id", "seconds"),
    "ticket.merged": ("into",),
    "call.answered": ("agent_id",),
    "call.wrapped": ("seconds",),
    "customer.merged": ("into",),
    "survey.sent": ("survey",),
    "survey.responded": ("survey", "score"),
}
SCALES: dict[str, tuple[int, int]] = {"csat": (1, 5), "csa": (1, 5), "ces": (1, 7), "nps": (0, 10)}


def broken_rules(event: Json) -> list[str]:
    """What is wrong with the event, in words; nothing where its type is of a known family but not listed."""
    found = [
        f"{name} is not a string" for name in ("id", "source", "subject") if not is_text(event.get(name))
    ]
    found += [f"{name} is too long" for name in ("id", "subject") if len(str(event.get(name)).encode()) > 256]
    if event.get("specversion") != "1.0":
        found.append("specversion")
    if not is_whole(event.get("sequence", 0)):
        found.append("sequence is not an integer")
    try:
        microseconds(event["time"])
    except ValueError as error:
        found.append(str(error))
    if event["type"] in (*TICKET_TYPES, *SURVEY_TYPES, *CALL_TYPES, *CUSTOMER_TYPES):
        data = {name: value for name, value in event.get("data", {}).items() if value not in (None, "")}
        found += broken_data(event["type"], data)
    return found


def broken_data(kind: str, data: Json) -> list[str]:
    """`data` without what is cleared."""
    found = [f"{name} is required" for name in REQUIRED.get(kind, ()) if name not in data]
    found += [f"{name} is not a string" for name in TEXT_FIELDS if name in data and not is_text(data[name])]
    if data.get("status", "open") not in STATUSES:
        found.append("unknown status")
    if data.get("author", "agent") not in AUTHORS:
        found.append("unknown author")
    if data.get("created_by", "agent") not in ("customer", "agent", "system"):
        found.append("unknown created_by")
    if not isinstance(data.get("public", True), bool):
        found.append("public is not a boolean")
    for name in ("seconds", "talk_seconds", "hold_seconds", "acquisition_cost"):
        if not is_number(data.get(name, 0)) or data.get(name, 0) < 0:
            found.append(name)
    if not isinstance(data.get("resolved", True), bool):
        found.append("resolved is not a boolean")
    if kind == "survey.responded" and not found:
        found += broken_score(data)
    return found


def broken_score(data: Json) -> list[str]:
    survey, score = data["survey"], data["score"]
    default: tuple[Any, Any] = SCALES.get(survey, (None, None))
    low, high = data.get("scale_min", default[0]), data.get("scale_max", default[1])
    if not (is_number(score) and is_number(low) and is_number(high)):
        return ["the score or its scale is not a number"]
    if number(low) >= number(high) or (survey == "nps" and (low, high) != (0, 10)):
        return ["senseless scale"]
    if not number(low) <= number(score) <= number(high):
        return ["score out of scale"]
    if survey == "nps" and not is_whole(score):
        return ["an nps score is an integer"]
    return []


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
