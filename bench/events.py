"""The peers' event set: tickets with four events each, 20 created a second, in time order."""

import random
from collections.abc import Iterator

import msgspec

from streams import moments

CHANNELS = ("email", "chat", "phone", "social")
PRIORITIES = ("low", "normal", "high", "urgent")
START = 1_760_000_000 * moments.SECOND
Told = tuple[int, str, str, str]
"Time, ticket, type, data as JSON."


def ticket_events(number: int, seed: int = 7) -> Iterator[tuple[bytes, bytes]]:
    """So many ticket events as (key, value): created, replied, replied, resolved."""
    told = sorted(_told(number // 4, random.Random(seed)))
    for place, (time, ticket, type_, data) in enumerate(told):
        value = (
            f'{{"specversion":"1.0","id":"e{place}","source":"/helpdesk/demo","type":"{type_}",'
            f'"time":"{_milliseconds(time)}","subject":"{ticket}",'
            f'"datacontenttype":"application/json","data":{data}}}'
        )
        yield ticket.encode(), value.encode()


def open_tickets(number: int, now: int) -> Iterator[tuple[bytes, bytes]]:
    """Created over the last ten days and answered once: (key, value)."""
    rng = random.Random(7)
    for place in range(number):
        ticket, at = f"T{place:08d}", now - 10 * moments.DAY * (number - place) // number
        opened = {"channel": rng.choice(CHANNELS), "priority": rng.choice(PRIORITIES)}
        answered = {"author": "agent", "agent_id": f"agent-{rng.randrange(200)}"}
        for type_, data, after in (("created", opened, 0), ("replied", answered, 60)):
            event = {
                "specversion": "1.0",
                "id": f"{type_}-{place}",
                "source": "/helpdesk/demo",
                "type": f"ticket.{type_}",
                "time": moments.text(at + after * moments.SECOND),
                "subject": ticket,
                "data": data,
            }
            yield ticket.encode(), msgspec.json.encode(event)


def _milliseconds(time: int) -> str:
    return moments.to_datetime(time).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(tickets: int, rng: random.Random) -> Iterator[Told]:
    for number in range(tickets):
        ticket, agent = f"T{number:08d}", f"agent-{rng.randrange(200)}"
        at = START + number * moments.SECOND // 20
        yield (
            at,
            ticket,
            "ticket.created",
            f'{{"channel":"{rng.choice(CHANNELS)}","priority":"{rng.choice(PRIORITIES)}",'
            f'"customer_id":"C{rng.randrange(50_000):06d}"}}',
        )
        reply = f'{{"agent_id":"{agent}","public":true,"author":"agent"}}'
        for type_, wait, data in (
            ("ticket.replied", 600, reply),
            ("ticket.replied", 600, reply),
            ("ticket.resolved", 1800, f'{{"agent_id":"{agent}"}}'),
        ):
            at += int(rng.expovariate(1 / wait) * moments.SECOND)
            yield at, ticket, type_, data
