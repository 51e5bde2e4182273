"""What a reader chooses at the top of a board."""

from collections.abc import Iterable

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh

from agents.dimensions import OPERATIONS, SATISFACTION
from agents.sla.metrics import BURN
from streams.catalogue import Metric
from streams.settings import Settings
from streams.windows.trailing import WINDOWS

DATASOURCE = DataSourceRef("prometheus", "${datasource}")

WINDOW_VARIABLES: dict[tuple[str, ...], str] = {
    OPERATIONS: "window",
    SATISFACTION: "answers_window",
    BURN: "targets_window",
}
"The variable of metrics with these windows."
LABELS = {"window": "Window", "answers_window": "Window of answers", "targets_window": "Window of targets"}
DAYS = ("24h", "1d")
"Chosen at first: a day, as each calls it."

MINIMUM = str(Settings().metrics.enough)
MINIMA = ("1", "5", "10", MINIMUM, "100")


def window(metric: Metric, by: str = "") -> str:
    """The window that a metric is shown over: chosen, or the shortest that a set without minute panes has.

    Levels have none.
    """
    if not metric.windows:
        return ""
    if by in metric.family.coarse and any(WINDOWS[name].kind == "minute" for name in metric.windows):
        return next(name for name in metric.windows if WINDOWS[name].kind != "minute")
    return f"${WINDOW_VARIABLES[metric.windows]}"


def datasource() -> build.DatasourceVariable:
    return build.DatasourceVariable("datasource").label("Data Source").type("prometheus")


def job() -> build.QueryVariable:
    """One job at a time: figures of two can't be added up."""
    return (
        build.QueryVariable("job")
        .label("Job")
        .datasource(DATASOURCE)
        .query({"query": "label_values(cx_checkpoints_total, job)", "refId": "job"})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def agent() -> build.QueryVariable:
    return (
        build.QueryVariable("agent")
        .label("Agent")
        .datasource(DATASOURCE)
        .query(
            {
                "query": 'label_values(cx_tickets_resolved{job=~"$job", by="agent"}, agent)',
                "refId": "agent",
            }
        )
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )


def windows(shown: Iterable[Metric]) -> list[build.CustomVariable]:
    """Those that these metrics need."""
    needed = {metric.windows for metric in shown}
    return [
        _choice(name, LABELS[name], options, next(each for each in options if each in DAYS))
        for options, name in WINDOW_VARIABLES.items()
        if options in needed
    ]


def enough() -> build.CustomVariable:
    return _choice("enough", "Too few below", MINIMA, MINIMUM)


def _choice(name: str, label: str, options: tuple[str, ...], chosen: str) -> build.CustomVariable:
    return (
        build.CustomVariable(name)
        .label(label)
        .values(",".join(options))
        .options([VariableOption(text=each, value=each, selected=each == chosen) for each in options])
        .current(VariableOption(text=chosen, value=chosen, selected=True))
    )
