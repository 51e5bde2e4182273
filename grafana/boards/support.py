"""CX / Support: what there is to do, and how quickly and how well it is done."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.boards import panels
from grafana.boards.layout import Layout, begun, finished
from grafana.boards.pipeline import health

PROSE = """\
How customers are served. Figures are over trailing windows up to now, chosen above, the backlog is as it is
now; a ticket or an answer counts at the time of its own event, however late it came. A rate that rests on few
cases says little: below the number chosen above it says **too few**. **No data** means that nothing happened,
or that no worker is up.
"""

COLUMNS = (
    "tickets_created",
    "tickets_resolved",
    "backlog",
    "first_response_time",
    "next_response_time",
    "resolution_time",
    "first_contact_resolution",
    "reopen_rate",
    "escalation_rate",
    "csat",
)

LAYOUT = Layout(
    title="CX / Support",
    uid="cx-support",
    told="How customers are served.",
    prose=PROSE,
    figures=(
        "tickets_created",
        "tickets_resolved",
        "backlog",
        "backlog_age",
        "first_response_time",
        "next_response_time",
        "resolution_time",
        "csat",
        "first_contact_resolution",
        "reopen_rate",
        "escalation_rate",
        "recontact_rate",
    ),
    courses=(
        ("tickets_created", "tickets_resolved"),
        ("backlog_age",),
        ("first_response_time",),
        ("next_response_time",),
        ("resolution_time",),
        ("first_contact_resolution",),
        ("reopen_rate", "escalation_rate", "recontact_rate"),
    ),
    split=(("backlog", "status"), ("escalations", "to"), ("escalations", "reason")),
    tables={"channel": COLUMNS, "priority": COLUMNS, "team": COLUMNS},
    changes=(("inquiry_topics", "topic"),),
    details=(
        ("tickets_closed",),
        ("replies",),
        ("inquiry_topics",),
        ("escalations",),
        ("first_bot_response_time",),
        ("first_resolution_time",),
        ("requester_wait_time",),
        ("agent_work_time",),
        ("agent_wait_time",),
        ("handle_time",),
        ("one_touch_rate",),
    ),
)


def board() -> Dashboard:
    made = begun(LAYOUT).with_row(panels.row("Pipeline"))
    for panel in health():
        made.with_panel(panel)
    return finished(made, LAYOUT)
