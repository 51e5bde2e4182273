"""CX / Agents: how those do who serve customers."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.boards import panels, variables
from grafana.boards.layout import Layout, begun, named, split_by

PROSE = """\
How agents do. Who has the hard cases takes longer, and few answers say little of anybody: look at the bounds,
between which the true figure lies in 95 of 100 cases, before you compare. Below the number chosen above a
figure says **too few**. Figures of agents can be turned off, or their ids be replaced: `docs/operations.md`.
"""

WORK = (
    "tickets_resolved",
    "calls_answered",
    "first_response_time",
    "resolution_time",
    "handle_time",
    "call_handle_time",
)
QUALITY = (
    "csat",
    "csa",
    "first_contact_resolution",
    "first_call_resolution",
    "reopen_rate",
    "escalation_rate",
)
ONE = ("tickets_resolved", "first_response_time", "handle_time", "csat")

LAYOUT = Layout(
    title="CX / Agents",
    uid="cx-agents",
    told="How agents do.",
    prose=PROSE,
    tables={"agent": (*WORK, *QUALITY)},
)


def board() -> Dashboard:
    made = begun(LAYOUT).with_variable(variables.agent())
    made.with_row(panels.row("By agent"))
    for title, names in (("Work", WORK), ("Quality", QUALITY)):
        made.with_panel(
            panels.breakdown(split_by("agent", named(*names)), "agent", title, bounds=True).height(12)
        )
    made.with_row(panels.row("$agent"))
    for metric in named(*ONE):
        made.with_panel(panels.course([metric], "agent"))
    return made
