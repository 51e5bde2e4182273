"""How much there is to do at an instant, and for how long it has been there."""

from agents.dimensions import BACKLOG, BACKLOG_AGES
from agents.tickets.state import Step
from streams.catalogue import Metric, Observation, Observations
from streams.windows.levels import Ages, Level


def backlog(step: Step) -> Observations:
    return (Observation(step.time, step.labels, step.number),)


def backlog_age(step: Step) -> Observations:
    return (Observation(step.time, step.labels, (step.number, step.created)),)


METRICS = (
    Metric(
        name="backlog",
        title="Backlog",
        formula="unresolved tickets, by status: new without a public agent reply, else open, pending or held",
        unit="tickets",
        kind=Level(),
        family=BACKLOG,
        windows=(),
        more_is_better=False,
        of="step",
        reads=(),
        observe=backlog,
    ),
    Metric(
        name="backlog_age",
        title="Age of the backlog",
        formula="since the creation, of unresolved tickets",
        unit="seconds",
        kind=Ages("day"),
        family=BACKLOG_AGES,
        windows=(),
        more_is_better=False,
        of="step",
        reads=(),
        observe=backlog_age,
    ),
)
