"""The metrics of service levels: the same for whatever has them."""

from typing import NamedTuple

from agents.dimensions import SERVICE_LEVELS
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.windows.kinds import Count, Ratio

SUBJECT = "service_level"
BURN = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"The windows that burn-rate alerts look at."


class Verdict(NamedTuple):
    """What an instance counts as, in the order of the family's dimensions."""

    time: int
    dimensions: tuple[str | None, ...]
    met: bool


def sla_compliance(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, verdict.met),)


def sla_good(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, 1),) if verdict.met else NONE


def sla_total(verdict: Verdict) -> Observations:
    return (Observation(verdict.time, verdict.dimensions, 1),)


METRICS = (
    Metric(
        name="sla_compliance",
        title="SLA compliance",
        formula="targets met / targets met, overdue or breached, in the pane of what met it or the deadline",
        unit="ratio",
        kind=Ratio(),
        family=SERVICE_LEVELS,
        windows=BURN,
        more_is_better=True,
        of=SUBJECT,
        reads=(),
        observe=sla_compliance,
    ),
    Metric(
        name="sla_good",
        title="SLA targets met",
        formula="targets met, by the time of what met them",
        unit="targets",
        kind=Count(),
        family=SERVICE_LEVELS,
        windows=BURN,
        more_is_better=True,
        of=SUBJECT,
        reads=(),
        observe=sla_good,
    ),
    Metric(
        name="sla_total",
        title="SLA targets decided",
        formula="targets met, overdue or breached, by their deadline or the time of what met them",
        unit="targets",
        kind=Count(),
        family=SERVICE_LEVELS,
        windows=BURN,
        more_is_better=None,
        of=SUBJECT,
        reads=(),
        observe=sla_total,
    ),
)
