"""The metrics of service levels: the same for whatever has them."""

from functools import partial
from typing import NamedTuple

from agents.dimensions import OPEN_TARGETS, SERVICE_LEVELS
from agents.sla.state import AT_RISK, OVERDUE, RUNNING
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Count, Ratio
from streams.windows.levels import Level, Remaining

SUBJECT = "service_level"
OPEN = "open_target"
BURN = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"The windows that burn-rate alerts look at."


class Verdict(NamedTuple):
    """What an instance counts as, in the order of the family's dimensions."""

    time: int
    dimensions: tuple[str | None, ...]
    met: bool


class Step(NamedTuple):
    """From a time on there is one more (1), or one fewer (-1), that stands so, of these dimensions."""

    time: int
    dimensions: tuple[str | None, ...]
    kind: int
    number: int
    started: int
    deadline: int | None
    left: int | None = None
    "Of what is decided, the time that was left when it was met last ran; None: missed."


def sla_compliance(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, verdict.met),)


def sla_good(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, 1),) if verdict.met else NONE


def sla_total(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, 1),)


def sla_in_flight(step: Step) -> Observations:
    return (Observation(step.time, step.dimensions, step.number),) if step.kind == RUNNING else NONE


def sla_at_risk(step: Step) -> Observations:
    return (Observation(step.time, step.dimensions, step.number),) if step.kind == AT_RISK else NONE


def sla_overdue(step: Step) -> Observations:
    return (Observation(step.time, step.dimensions, step.number),) if step.kind == OVERDUE else NONE


def sla_time_to_breach(step: Step) -> Observations:
    """A calendar that doesn't open for long enough gives no deadline."""
    if step.kind != RUNNING or step.deadline is None:
        return NONE
    return (Observation(step.time, step.dimensions, (step.number, step.deadline)),)


decided_metric = partial(Metric, family=SERVICE_LEVELS, windows=BURN, of=SUBJECT, reads=())
open_metric = partial(Metric, family=OPEN_TARGETS, windows=(), of=OPEN, reads=())

METRICS = (
    decided_metric(
        name="sla_compliance",
        title="SLA compliance",
        formula="targets met / targets met, overdue or breached, in the pane of what met it or the deadline",
        unit="ratio",
        kind=Ratio(),
        more_is_better=True,
        observe=sla_compliance,
    ),
    decided_metric(
        name="sla_good",
        title="SLA targets met",
        formula="targets met, by the time of what met them",
        unit="targets",
        kind=Count(),
        more_is_better=True,
        observe=sla_good,
    ),
    decided_metric(
        name="sla_total",
        title="SLA targets decided",
        formula="targets met, overdue or breached, by their deadline or the time of what met them",
        unit="targets",
        kind=Count(),
        more_is_better=None,
        observe=sla_total,
    ),
    open_metric(
        name="sla_in_flight",
        title="SLA targets in flight",
        formula="targets whose clock runs and whose deadline has not passed",
        unit="targets",
        kind=Level(),
        more_is_better=None,
        observe=sla_in_flight,
    ),
    open_metric(
        name="sla_at_risk",
        title="SLA targets at risk",
        formula="targets in flight that have reached a warning level",
        unit="targets",
        kind=Level(),
        more_is_better=False,
        observe=sla_at_risk,
    ),
    open_metric(
        name="sla_overdue",
        title="SLA targets overdue",
        formula="targets past their deadline that nothing has fulfilled",
        unit="targets",
        kind=Level(),
        more_is_better=False,
        observe=sla_overdue,
    ),
    open_metric(
        name="sla_time_to_breach",
        title="Time to breach",
        formula="until the deadline, of targets in flight",
        unit="seconds",
        kind=Remaining(),
        more_is_better=True,
        observe=sla_time_to_breach,
    ),
)
