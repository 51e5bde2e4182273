"""Short words for the hand-made stories: events, and the figures that follow from them."""

from itertools import count
from typing import Any

from .figures import Figure, figures

Json = dict[str, Any]
NUMBERS = count(1)


def time(clock: str) -> str:
    """'09:00' is on 2 November 2026 in UTC, '5 09:00' on the 5th; a full time stays as it is."""
    if "T" in clock.upper():
        return clock
    day, _, hour = clock.rpartition(" ")
    seconds = hour if hour.count(":") == 2 else f"{hour}:00"
    return f"2026-11-{int(day or 2):02}T{seconds}Z"


def event(kind: str, clock: str, subject: str, data: Json, attributes: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": f"e{next(NUMBERS):04}",
        "source": "/desk",
        "type": kind,
        "time": time(clock),
        "subject": subject,
        "data": data,
        **attributes,
    }


def ticket(kind: str, clock: str, *, of: str = "T1", attributes: Json | None = None, **data: Any) -> Json:
    return event(f"ticket.{kind}", clock, of, data, attributes or {})


def reply(clock: str, agent_id: str | None = None, *, author: str = "agent", **data: Any) -> Json:
    said = {"author": author, **({"agent_id": agent_id} if agent_id else {}), **data}
    return ticket("replied", clock, **said)


def call(kind: str, clock: str, *, of: str = "K1", attributes: Json | None = None, **data: Any) -> Json:
    return event(f"call.{kind}", clock, of, data, attributes or {})


def customer(kind: str, clock: str, *, of: str = "C1", attributes: Json | None = None, **data: Any) -> Json:
    return event(f"customer.{kind}", clock, of, data, attributes or {})


def survey(kind: str, clock: str, *, of: str = "R1", attributes: Json | None = None, **data: Any) -> Json:
    return event(f"survey.{kind}", clock, of, {"survey": "csat", **data}, attributes or {})


def answer(clock: str, score: float, *, of: str = "R1", **data: Any) -> Json:
    return survey("responded", clock, of=of, score=score, **data)


def plain(**fields: Any) -> list[Json]:
    """Created at 9, answered after 10 minutes, resolved after an hour."""
    return [
        ticket("created", "09:00", **fields),
        reply("09:10", "ana"),
        ticket("resolved", "10:00", agent_id="ana"),
    ]


def total(events: list[Json], metric: str, dimensions: str = "") -> Figure | None:
    """The metric's figure over all time."""
    return figures(events).get((metric, dimensions, "total", ""))


def share(events: list[Json], metric: str, dimensions: str = "") -> tuple[int, int] | None:
    """Numerator and denominator of the ratio over all time."""
    figure = total(events, metric, dimensions)
    return None if figure is None else (figure["numerator"], figure["denominator"])


def number(events: list[Json], metric: str, dimensions: str = "") -> int:
    """The count over all time, 0 where there is no figure."""
    figure = total(events, metric, dimensions)
    return 0 if figure is None else int(figure["count"])


def seconds(events: list[Json], metric: str, dimensions: str = "") -> float | None:
    """The sum of the durations over all time."""
    figure = total(events, metric, dimensions)
    return None if figure is None else float(figure["sum"])


def parts(events: list[Json], metric: str, dimension: str) -> dict[str, int]:
    """How many observations each value of the dimension has over all time."""
    return {
        key[1].removeprefix(f"{dimension}="): figure["count"]
        for key, figure in figures(events).items()
        if key[0] == metric and key[1].startswith(f"{dimension}=") and "," not in key[1] and key[2] == "total"
    }
