"""Dimension sets, windows and families that several domains share."""

from streams.catalogue import Family

Labels = tuple[str | None, ...]

OPERATIONS = ("5m", "1h", "24h")
SATISFACTION = ("24h", "7d", "30d")

TICKET_DIMENSIONS = ("channel", "priority", "team", "tier", "agent", "topic")
TICKET_SETS = (
    (),
    ("channel",),
    ("priority",),
    ("team",),
    ("tier",),
    ("agent",),
    ("channel", "priority"),
)

TICKETS = Family(
    name="tickets",
    dimensions=TICKET_DIMENSIONS,
    sets=TICKET_SETS,
    coarse=frozenset({"agent"}),
)

TICKET_VOLUMES = Family(
    name="ticket_volumes",
    dimensions=TICKET_DIMENSIONS,
    sets=(*TICKET_SETS, ("topic",)),
    coarse=frozenset({"agent"}),
)

ESCALATIONS = Family(
    name="escalations",
    dimensions=("to", "reason"),
    sets=((), ("to",), ("reason",)),
)

INQUIRIES = Family(
    name="inquiries",
    dimensions=TICKET_DIMENSIONS,
    sets=((), ("topic",)),
)

ANSWERS = Family(
    name="answers",
    dimensions=("channel", "team", "tier", "agent", "touchpoint"),
    sets=((), ("channel",), ("team",), ("tier",), ("agent",), ("touchpoint",)),
    coarse=frozenset({"agent"}),
)
