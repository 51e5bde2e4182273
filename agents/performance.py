"""How agents do: a view on the metrics that are split by agent."""

from streams.views import View

AGENTS = View(
    name="agents",
    dimension="agent",
    group="team",
    metrics=(
        "tickets_resolved",
        "resolution_time",
        "first_response_time",
        "handle_time",
        "call_handle_time",
        "csat",
        "csa",
        "quality_score",
        "reopen_rate",
        "escalation_rate",
    ),
)
