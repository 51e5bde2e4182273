"""CX / Service levels: whether promises are kept, how fast that wears off, and what is due next."""

from collections.abc import Mapping

from grafana_foundation_sdk.builders import common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from agents.sla.burn import PAGES, WARNINGS
from agents.sla.forecast import FORECAST_METRICS
from agents.sla.metrics import METRICS
from agents.sla.rules import BURN_RATE, OBJECTIVE
from grafana.boards import panels, queries, variables, words
from grafana.boards.pipeline import health, limited
from grafana.boards.queries import JOB
from streams.catalogue import Metric

PROSE = """\
Whether what policies promise is kept. A target counts as missed from its deadline on, answered or not; what
is in time so far is in no share. Burn is how many times as many are missed as the objective allows: over 1 it
won't be met. **No data** means that nothing was decided, that there are no policies, or that no worker is up.
"""

NAMED = {metric.name: metric for metric in (*METRICS, *FORECAST_METRICS)}
COMPLIANCE, GOOD, TOTAL = (NAMED[f"sla_{name}"] for name in ("compliance", "good", "total"))
IN_FLIGHT, AT_RISK, OVERDUE = (NAMED[f"sla_{state}"] for state in ("in_flight", "at_risk", "overdue"))
TIME_TO_BREACH = NAMED["sla_time_to_breach"]
EXPECTED, SCORE = NAMED["sla_expected_breaches"], NAMED["sla_brier_score"]
SCORE_OF_RATE = NAMED["sla_brier_score_of_rate"]
SOONEST = "cx_sla_time_to_breach_seconds_soonest"


def board() -> Dashboard:
    made = panels.board("CX / Service levels", "cx-service-levels", "Whether promises are kept.")
    for choice in (*variables.windows([COMPLIANCE]), variables.enough()):
        made.with_variable(choice)
    made.with_panel(panels.prose(PROSE)).with_row(panels.row("Now"))
    for panel in (_compliance_now(), *_standing(), _next_deadline()):
        made.with_panel(panel)
    made.with_row(panels.row("Pipeline"))
    for panel in health():
        made.with_panel(panel)
    made.with_row(panels.row("Objectives")).with_panel(_objectives())
    made.with_row(panels.row("Over time"))
    for course in _courses():
        made.with_panel(course)
    made.with_row(panels.row("Next deadlines")).with_panel(_deadlines())
    made.with_row(panels.row("Forecast")).with_panel(_forecast())
    for by in ("priority", "team", "channel"):
        made.with_row(panels.row(f"By {by}")).with_panel(_breakdown(by))
    return made


def _compliance_now() -> stat.Panel:
    panel = panels.numbers(COMPLIANCE.title, words.description(COMPLIANCE), words.unit(COMPLIANCE))
    return (
        panel.with_target(panels.instant(_figure(COMPLIANCE, "target"), legend="{{target}}"))
        .span(8)
        .height(5)
    )


def _standing() -> list[stat.Panel]:
    found = []
    for metric, limit in ((OVERDUE, 1), (AT_RISK, 1), (IN_FLIGHT, None)):
        panel = panels.numbers(metric.title, words.description(metric), words.COUNTED).span(4).height(5)
        panel.with_target(panels.instant(_figure(metric, "target"), legend="{{target}}"))
        found.append(panel if limit is None else limited(panel, above=limit))
    return found


def _next_deadline() -> stat.Panel:
    told = "Until the next deadline of all that is in flight."
    panel = panels.numbers("Next deadline", told, words.unit(TIME_TO_BREACH)).span(4).height(5)
    return panel.with_target(panels.instant(f'min ({SOONEST}{{{JOB}, by="target"}})'))


def _objectives() -> table.Panel:
    """Of each objective how it stands, over the windows that its alerts look at."""
    told = (
        "What is to be met of each target of a policy, what was met over the window chosen above, and how "
        "many times as many are missed as the objective allows, over the long windows of the alerts."
    )
    columns = {
        "Objective": f"max by (policy, target) ({OBJECTIVE}{{{JOB}}})",
        "Met": _figure(COMPLIANCE, "policy,target"),
        "In time": _figure(GOOD, "policy,target"),
        "Decided": _figure(TOTAL, "policy,target"),
        **{
            f"Burn over {tier.long}": f'max by (policy, target) ({BURN_RATE}{{{JOB}, window="{tier.long}"}})'
            for tier in (*PAGES, *WARNINGS)
        },
    }
    panel = _merged("Objectives", told, ("policy", "target"), columns)
    for name in ("Objective", "Met"):
        panel.override_by_name(name, [_unit("ratio")])
    return panel


def _courses() -> list[timeseries.Panel]:
    compliance = panels.lines(COMPLIANCE.title, words.description(COMPLIANCE), words.unit(COMPLIANCE))
    compliance.with_target(panels.ranged(_figure(COMPLIANCE, "target"), "{{target}}"))
    fast = PAGES[0]
    burn = panels.lines(
        f"Burn over {fast.long}",
        "How many times as many are missed as the objective allows. Over 1 it won't be met.",
        words.COUNTED,
    )
    burn.thresholds_style(common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED))
    burn.thresholds(
        dashboard.ThresholdsConfig().steps(
            [model.Threshold(None, words.BLUE), model.Threshold(1, words.ORANGE)]
        )
    )
    burn.with_target(
        panels.ranged(
            f'max by (policy, target) ({BURN_RATE}{{{JOB}, window="{fast.long}"}})', "{{policy}} {{target}}"
        )
    )
    standing = [
        panels.lines(metric.title, words.description(metric), words.COUNTED).with_target(
            panels.ranged(_figure(metric, "target"), "{{target}}")
        )
        for metric in (OVERDUE, AT_RISK, IN_FLIGHT)
    ]
    return [panel.span(6).height(8) for panel in (compliance, burn, *standing)]


def _deadlines() -> table.Panel:
    told = (
        "Of what is in flight, by target and priority: until the first deadline, and until half have passed."
    )
    columns = {
        "First": f'min by (target, priority) ({SOONEST}{{{JOB}, by="priority,target"}})',
        "Half": queries.figure(TIME_TO_BREACH, "", "priority,target", "0.5"),
        "In flight": _figure(IN_FLIGHT, "priority,target"),
        "At risk": _figure(AT_RISK, "priority,target"),
    }
    panel = _merged("Next deadlines", told, ("priority", "target"), columns)
    for name in ("First", "Half"):
        panel.override_by_name(name, [_unit("seconds")])
    return panel


def _forecast() -> table.Panel:
    told = (
        "How many of the targets in flight are expected to be missed, by how those did that are decided. "
        "A Brier score is the mean squared error of that, 0 being perfect: believe it where it is below that "
        "of the mere rate."
    )
    columns = {
        "Expected breaches": _figure(EXPECTED, "policy,target"),
        "In flight": _figure(IN_FLIGHT, "policy,target"),
        "Brier score": _figure(SCORE, "policy,target"),
        "Brier score of the rate": _figure(SCORE_OF_RATE, "policy,target"),
    }
    return _merged("Forecast", told, ("policy", "target"), columns)


def _breakdown(by: str) -> table.Panel:
    both = ",".join(sorted((by, "target")))
    told = f"Of each {by} and target: what was met over the window chosen above, and what there is now."
    columns = {
        "Met": _figure(COMPLIANCE, both),
        "Decided": _figure(TOTAL, both),
        "Overdue": _figure(OVERDUE, both),
        "At risk": _figure(AT_RISK, both),
    }
    panel = _merged(f"Service levels by {by}", told, (by, "target"), columns)
    return panel.override_by_name("Met", [_unit("ratio")])


def _figure(metric: Metric, by: str) -> str:
    return queries.figure(metric, variables.window(metric), by)


def _merged(title: str, told: str, by: tuple[str, str], columns: Mapping[str, str]) -> table.Panel:
    """A row for each pair of values of two dimensions, a column for each query."""
    panel = panels.rows(title, told)
    for ref, query in zip("ABCDEFGH", columns.values(), strict=False):
        panel.with_target(panels.instant(query, ref).format(PromQueryFormat.TABLE))
    names = {f"Value #{ref}": name for ref, name in zip("ABCDEFGH", columns, strict=False)}
    tidied = {
        "excludeByName": {"Time": True},
        "renameByName": {**{name: name.capitalize() for name in by}, **names},
        "indexByName": {name: place for place, name in enumerate((*by, *names))},
    }
    return panel.transformations(
        [
            model.DataTransformerConfig("merge", options={}),
            model.DataTransformerConfig("organize", options=tidied),
        ]
    )


def _unit(name: str) -> model.DynamicConfigValue:
    return model.DynamicConfigValue("unit", words.UNITS[name])
