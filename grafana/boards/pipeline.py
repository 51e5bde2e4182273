"""CX / Pipeline: how the processor itself is doing, in the order in which an event passes through it."""

from grafana_foundation_sdk.builders import dashboard, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import dashboard as model

from grafana.boards import panels, words
from grafana.boards.queries import JOB

PROSE = """\
How the processor itself is doing, in the order in which an event passes through it. An orange number is over
the limit of an alert; each alert has a section in `docs/runbook.md`.
"""

LAG = 10_000
"Records still to be read, above which an alert follows."
SILENCE = 6 * 3600
"Seconds without an event, after which an alert follows."

RATE = "[$__rate_interval]"


def board() -> Dashboard:
    made = panels.board("CX / Pipeline", "cx-pipeline", "How the processor itself is doing.")
    made.with_panel(panels.prose(PROSE)).with_row(panels.row("Now"))
    for now in health():
        made.with_panel(now)
    for title, each in (("In", _in()), ("Time", _time()), ("Checkpoints", _checkpoints()), ("Out", _out())):
        made.with_row(panels.row(title))
        for panel in each:
            made.with_panel(panel)
    return made


def health() -> list[stat.Panel]:
    """Whether figures can be believed: one line of a board."""
    return [
        _number("Workers up", "Processes whose figures Prometheus can read.", f"sum(up{{{JOB}}})", below=1),
        _number(
            "Still to read",
            "Records of all topics that are not taken yet.",
            f"sum(cx_consumer_lag{{{JOB}}})",
            above=LAG,
        ),
        _number(
            "Newest event",
            "How long ago the newest event of all happened.",
            f"min(cx_event_time_lag_seconds{{{JOB}}})",
            "s",
            above=SILENCE,
        ),
        _number(
            "Watermark",
            "How far back the time is up to which all events of all partitions are expected to be here.",
            f"time() - min(cx_watermark_timestamp_seconds{{{JOB}}})",
            "s",
        ),
        _number(
            "Last checkpoint",
            "How long ago the partition wrote that has not written for longest.",
            f"max(cx_checkpoint_age_seconds{{{JOB}}})",
            "s",
        ),
        _number(
            "Dead letters",
            "Records that could not be used, within the time range above.",
            f"sum(increase(cx_dead_letters_total{{{JOB}}}[$__range])) or 0 * sum(up{{{JOB}}} == 1)",
            above=1,
        ),
    ]


def _in() -> list[timeseries.Panel]:
    return [
        _course(
            "Events",
            "Events taken, by what became of them: folded into a state, known already, or refused.",
            f"sum by (topic, outcome) (rate(cx_events_total{{{JOB}}}{RATE}))",
            "{{topic}} {{outcome}}",
            "eps",
        ),
        _course(
            "Dead letters",
            "Records that could not be used, by reason.",
            f"sum by (topic, reason) (rate(cx_dead_letters_total{{{JOB}}}{RATE}))",
            "{{topic}} {{reason}}",
            "eps",
        ),
        _course(
            "Still to read",
            f"Records that are not taken yet. An alert follows where it stays above {LAG:,}.",
            f"sum by (topic) (cx_consumer_lag{{{JOB}}})",
            "{{topic}}",
        ),
    ]


def _time() -> list[timeseries.Panel]:
    return [
        _course(
            "Behind the clock",
            "Now less the time of the newest event. It grows while nothing happens.",
            f"max by (topic) (cx_event_time_lag_seconds{{{JOB}}})",
            "{{topic}}",
            "s",
        ),
        _course(
            "Watermark behind the clock",
            "Of the partition that is furthest behind.",
            f"time() - min by (topic) (cx_watermark_timestamp_seconds{{{JOB}}})",
            "{{topic}}",
            "s",
        ),
        _course(
            "Taken back",
            "Observations that an event took back, such as a resolution by a reopening.",
            f"sum by (metric) (rate(cx_retractions_total{{{JOB}}}{RATE}))",
            "{{metric}}",
            "eps",
        ),
        _course(
            "Anomalies",
            "Durations that would be negative, and count in no figure.",
            f"sum by (metric) (rate(cx_anomalies_total{{{JOB}}}{RATE}))",
            "{{metric}}",
            "eps",
        ),
    ]


def _checkpoints() -> list[timeseries.Panel]:
    return [
        _course(
            "Checkpoints",
            "Transactions written.",
            f"sum by (instance) (rate(cx_checkpoints_total{{{JOB}}}{RATE}))",
            "{{instance}}",
            "ops",
        ),
        _course(
            "Duration",
            "Of a checkpoint, on average.",
            f"sum by (partition) (rate(cx_checkpoint_seconds_total{{{JOB}}}{RATE}))\n/\n"
            f"sum by (partition) (rate(cx_checkpoints_total{{{JOB}}}{RATE}))",
            "{{partition}}",
            "s",
        ),
        _course(
            "Last duration",
            "Of the last checkpoint.",
            f"max by (partition) (cx_checkpoint_last_seconds{{{JOB}}})",
            "{{partition}}",
            "s",
        ),
        _course(
            "Not yet written",
            "Records taken since the last checkpoint.",
            f"sum by (partition) (cx_unwritten_records{{{JOB}}})",
            "{{partition}}",
        ),
    ]


def _out() -> list[timeseries.Panel]:
    return [
        _course(
            "Figures",
            "Figures published.",
            f"sum by (instance) (rate(cx_figures_published_total{{{JOB}}}{RATE}))",
            "{{instance}}",
            "ops",
        ),
        _course(
            "Rows",
            "What is kept in each table.",
            f"sum by (table) (cx_table_rows{{{JOB}}})",
            "{{table}}",
        ),
        _course(
            "Counted as other",
            "Values of a dimension that are not told apart, as there are too many.",
            f"sum by (instance) (rate(cx_label_overflow_total{{{JOB}}}{RATE}))",
            "{{instance}}",
            "ops",
        ),
        _course(
            "Too late for their pane",
            "Contributions to panes whose retention is over: they are in no figure.",
            f"sum by (family) (rate(cx_late_contributions_total{{{JOB}}}{RATE}))",
            "{{family}}",
            "ops",
        ),
    ]


def _number(
    title: str,
    told: str,
    expr: str,
    unit: str = words.COUNTED,
    above: float | None = None,
    below: float | None = None,
) -> stat.Panel:
    panel = panels.numbers(title, told, unit).with_target(panels.instant(expr)).span(4).height(4)
    return limited(panel, above, below)


def limited(panel: stat.Panel, above: float | None = None, below: float | None = None) -> stat.Panel:
    """Orange from `above` on, or while it is less than `below`."""
    if (limit := above if above is not None else below) is None:
        return panel
    low, high = (words.BLUE, words.ORANGE) if above is not None else (words.ORANGE, words.BLUE)
    steps = [model.Threshold(None, low), model.Threshold(limit, high)]
    return panel.thresholds(dashboard.ThresholdsConfig().steps(steps)).color_scheme(
        dashboard.FieldColor().mode(model.FieldColorModeId.THRESHOLDS)
    )


def _course(title: str, told: str, expr: str, legend: str, unit: str = words.COUNTED) -> timeseries.Panel:
    return panels.lines(title, told, unit).with_target(panels.ranged(expr, legend)).span(6).height(8)
