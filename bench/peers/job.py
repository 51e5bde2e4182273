"""The job that all do, and what must come of it.

An event creates a ticket, replies to it or resolves it. Of each ticket is kept: when it was created, its
channel and priority, its first reply by an agent, its resolve, the number of replies and the last agent.
The first reply and the resolve are observed, at their time: how long they took since the creation.
Observations are counted and summed in windows of 60 seconds by metric, channel and priority, whichever
partition their ticket is of. Tickets and windows outlive the process, and windows are told on a topic: the
last record of a window has its count and its sum of milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

MINUTE = 60_000

Windows = dict[str, tuple[int, int]]
'"first_response|email|high|1760000040000" -> count, milliseconds.'

_decode = msgspec.json.decode


def windows(events: Iterable[tuple[bytes, bytes]]) -> Windows:
    """What must come of events in time order."""
    tickets: dict[str, dict[str, Any]] = {}
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, value in events:
        event = _decode(value)
        time, data = milliseconds(event["time"]), event["data"]
        if event["type"] == "ticket.created":
            tickets[event["subject"]] = {"created": time, **data}
            continue
        ticket = tickets[event["subject"]]
        metric = "resolution" if event["type"] == "ticket.resolved" else "first_response"
        if metric in ticket:
            continue
        ticket[metric] = time
        window = found[f"{metric}|{ticket['channel']}|{ticket['priority']}|{time // MINUTE * MINUTE}"]
        window[0] += 1
        window[1] += time - ticket["created"]
    return {name: (count, total) for name, (count, total) in found.items()}


def milliseconds(time: str) -> int:
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def plain(key: bytes, value: bytes) -> tuple[str, tuple[int, int]]:
    """A window as most tell it: its name, perhaps in quotes, and [..., count, sum]."""
    *_, count, total = _decode(value)
    return key.decode().strip('"'), (count, int(total))


def as_figure(key: bytes, value: bytes) -> tuple[str, tuple[int, int]] | None:
    """A window among the figures of our own engine."""
    metric, dimensions, pane, start = key.decode().split("|")
    if pane != "minute":
        return None
    names = "|".join(each.partition("=")[2] for each in dimensions.split(","))
    figure = _decode(value)["data"]
    return f"{metric}|{names}|{milliseconds(start)}", (figure["count"], round(figure["sum"] * 1000))
