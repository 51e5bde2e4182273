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

BACKLOG = Family(
    name="backlog",
    dimensions=("status", "channel", "priority", "team", "tier", "agent"),
    sets=(
        *TICKET_SETS,
        ("status",),
        ("status", "channel"),
        ("status", "priority"),
        ("status", "team"),
    ),
    coarse=frozenset({"agent"}),
    minutes=frozenset(),
    shown=(("status",),),
)

# Apart, as ages are published each day.
BACKLOG_AGES = Family(
    name="backlog_ages",
    dimensions=BACKLOG.dimensions,
    sets=((), ("channel",), ("priority",), ("team",)),
    minutes=frozenset(),
    kept={"day": 35 * 86400},
)

ESCALATIONS = Family(
    name="escalations",
    dimensions=("to", "reason"),
    sets=((), ("to",), ("reason",)),
    shown=(("to",), ("reason",)),
)

INQUIRIES = Family(
    name="inquiries",
    dimensions=TICKET_DIMENSIONS,
    sets=((), ("topic",)),
    shown=(("topic",),),
)

RECONTACTS = Family(
    name="recontacts",
    dimensions=TICKET_DIMENSIONS,
    sets=TICKET_SETS,
    coarse=frozenset({"agent"}),
)

CALL_DIMENSIONS = ("queue", "team", "agent")
CALL_SETS = ((), ("queue",), ("team",), ("agent",))

CALLS = Family(
    name="calls",
    dimensions=CALL_DIMENSIONS,
    sets=CALL_SETS,
    coarse=frozenset({"agent"}),
    shown=(("queue",),),
)

WAITING_CALLS = Family(
    name="waiting_calls",
    dimensions=("queue", "team"),
    sets=((), ("queue",), ("team",)),
    shown=(("queue",),),
)

# Apart from other calls' figures, as tickets and customers contribute to it.
SOLVED_CALLS = Family(
    name="solved_calls",
    dimensions=CALL_DIMENSIONS,
    sets=CALL_SETS,
    coarse=frozenset({"agent"}),
    shown=(("queue",),),
)

# Tickets are in the sets of calls too, without a queue, so that the parts of each set sum to the whole. The
# medium tells them from calls: of a ticket it is the channel.
PICKUPS = Family(
    name="pickups",
    dimensions=(*CALL_DIMENSIONS, "medium"),
    sets=(*CALL_SETS, ("medium",)),
    coarse=frozenset({"agent"}),
    shown=(("queue",), ("medium",)),
)

SERVICE_LEVELS = Family(
    name="service_levels",
    dimensions=("target", "policy", "priority", "channel", "team", "agent"),
    sets=(
        ("target",),
        ("target", "policy"),
        ("target", "priority"),
        ("target", "channel"),
        ("target", "team"),
        ("target", "agent"),
    ),
    coarse=frozenset({"agent"}),
    shown=(
        ("target",),
        ("target", "policy"),
        ("target", "priority"),
        ("target", "channel"),
        ("target", "team"),
    ),
)

OPEN_TARGETS = Family(
    name="open_targets",
    dimensions=SERVICE_LEVELS.dimensions,
    sets=SERVICE_LEVELS.sets,
    coarse=SERVICE_LEVELS.coarse,
    minutes=frozenset(),
    shown=SERVICE_LEVELS.shown,
)

# A forecast's chances are of one promise: those of others say little of it.
FORECASTS = Family(
    name="forecasts",
    dimensions=SERVICE_LEVELS.dimensions,
    sets=(("target", "policy"),),
    minutes=frozenset(),
    shown=(("target", "policy"),),
)

ANSWER_DIMENSIONS = ("channel", "team", "tier", "agent", "touchpoint")

ANSWERS = Family(
    name="answers",
    dimensions=ANSWER_DIMENSIONS,
    sets=((), *((name,) for name in ANSWER_DIMENSIONS)),
    coarse=frozenset({"agent"}),
)

SURVEYS = Family(
    name="surveys",
    dimensions=("survey", *ANSWER_DIMENSIONS),
    sets=(("survey",), *(("survey", name) for name in ANSWER_DIMENSIONS)),
    coarse=frozenset({"agent"}),
    shown=(("survey",),),
)
"Figures of different surveys don't add up to anything: there is no total."
