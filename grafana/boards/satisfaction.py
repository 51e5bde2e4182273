"""CX / Satisfaction: what customers say of it, and how sure that is."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.boards.layout import Layout, begun, finished

PROSE = """\
What customers say. An answer counts at its own time, a changed one once, a withdrawn one not at all. Between
the bounds drawn beside a figure the true one lies in 95 of 100 cases: where two reach into each other, a
difference may be chance. Below the number of answers chosen above a figure says **too few**.
"""

ASKED = ("csat", "csat_score", "csa", "ces", "ces_low_effort", "nps")

LAYOUT = Layout(
    title="CX / Satisfaction",
    uid="cx-satisfaction",
    told="What customers say.",
    prose=PROSE,
    figures=("csat", "csa", "ces", "nps"),
    courses=(("csat",), ("csa",), ("ces",), ("nps",)),
    split=(("survey_response_rate", "survey"), ("csat", "channel")),
    tables={
        "survey": ("survey_response_rate", "survey_score"),
        "channel": ASKED,
        "team": ASKED,
    },
    details=(("csat_score",), ("ces_low_effort",)),
)


def board() -> Dashboard:
    return finished(begun(LAYOUT), LAYOUT)
