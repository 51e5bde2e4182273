"""Forecasts of breaches: how many of the targets in flight will be missed, and how far to believe it."""

from functools import lru_cache, partial
from typing import Any
from zlib import crc32

from agents.dimensions import FORECASTS
from agents.sla.metrics import OPEN, Step
from agents.sla.state import DECIDED, RUNNING
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.moments import HOUR
from streams.windows.survival import CELL_BITS, GROUP_BITS, Brier, Expected

MISSED = -1
"No time was left."

WEEK = 7 * 24
MONDAY = 3 * 24
"Hours from the beginning of 1970, a Thursday, back to its Monday."


def sla_expected_breaches(step: Step) -> Observations:
    """By what is left of those in flight, and what was left to those that were met."""
    if step.kind == RUNNING and step.deadline is not None:
        value: Any = (step.number, _cell(step), step.deadline, None)
        return (Observation(step.time, step.dimensions, value),)
    if step.kind == DECIDED:
        value = (step.number, _cell(step), None, MISSED if step.left is None else step.left)
        return (Observation(step.time, step.dimensions, value),)
    return NONE


def sla_brier_score(step: Step) -> Observations:
    if step.kind != DECIDED:
        return NONE
    return (Observation(step.time, step.dimensions, (step.number, _cell(step), step.left is None)),)


def sla_brier_score_of_rate(step: Step) -> Observations:
    """Who knows of nothing but the share that is missed: one cell for all."""
    if step.kind != DECIDED:
        return NONE
    return (Observation(step.time, step.dimensions, (step.number, 0, step.left is None)),)


def _cell(step: Step) -> int:
    """Priority and channel are the group, the hour of the week of its start the place in it."""
    _, _, priority, channel, *_ = step.dimensions
    return _group(priority, channel) << CELL_BITS | (step.started // HOUR + MONDAY) % WEEK


@lru_cache(4096)
def _group(priority: str | None, channel: str | None) -> int:
    """A number for these; two that share one are only told apart less well."""
    return crc32(f"{priority}|{channel}".encode()) & ((1 << GROUP_BITS) - 1)


forecast_metric = partial(Metric, family=FORECASTS, windows=(), of=OPEN, reads=())

FORECAST_METRICS = (
    forecast_metric(
        name="sla_expected_breaches",
        title="Expected breaches",
        formula="sum of the chances of targets in flight to be missed, by those that had as little time left",
        unit="targets",
        kind=Expected(),
        more_is_better=False,
        observe=sla_expected_breaches,
    ),
    forecast_metric(
        name="sla_brier_score",
        title="Brier score of the forecast",
        formula="mean of (missed - chance)^2, of each target decided its chance at its start, by all others",
        unit="score",
        kind=Brier(),
        more_is_better=False,
        observe=sla_brier_score,
    ),
    forecast_metric(
        name="sla_brier_score_of_rate",
        title="Brier score of the mere rate",
        formula="the same with the share that is missed as everybody's chance: what a forecast has to beat",
        unit="score",
        kind=Brier(),
        more_is_better=None,
        observe=sla_brier_score_of_rate,
    ),
)
