"""CX / Calls: how soon callers get through, to whom, and with what."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from grafana.boards.layout import Layout, begun, finished

PROSE = """\
How callers are served. Who waits is told as it is now, all else over the window chosen above. A rate counts
at the time of the call's first offer, once the call is answered or abandoned; handle time at the end of the
work after the call. Below the number of calls chosen above a rate says **too few**. **No data** means that
nobody called or waits, or that no worker is up.
"""

COLUMNS = (
    "calls_waiting",
    "call_longest_wait",
    "call_volume",
    "calls_answered",
    "service_level",
    "abandonment_rate",
    "speed_of_answer",
    "call_handle_time",
    "first_call_resolution",
    "transfer_rate",
)

LAYOUT = Layout(
    title="CX / Calls",
    uid="cx-calls",
    told="How callers are served.",
    prose=PROSE,
    figures=(
        "calls_waiting",
        "call_longest_wait",
        "service_level",
        "abandonment_rate",
        "speed_of_answer",
        "call_handle_time",
        "call_volume",
        "calls_answered",
        "first_call_resolution",
        "transfer_rate",
    ),
    courses=(
        ("calls_waiting",),
        ("call_longest_wait",),
        ("call_volume", "calls_answered"),
        ("service_level", "abandonment_rate"),
        ("speed_of_answer",),
        ("call_handle_time",),
        ("first_call_resolution", "transfer_rate"),
    ),
    split=(("call_volume", "team"),),
    tables={"queue": COLUMNS, "team": COLUMNS, "medium": ("speed_of_answer",)},
    details=(("service_level_negative", "service_level_positive"),),
)


def board() -> Dashboard:
    return finished(begun(LAYOUT), LAYOUT)
