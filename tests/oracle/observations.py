"""What tickets and answers give to the figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Dimensions = Mapping[str, str | None]


@dataclass(frozen=True)
class Observation:
    """One observation of one metric.

    `value` is 1 for a count, 0 or 1 for a ratio (met or not), microseconds for a duration,
    "promoters", "passives" or "detractors" for nps, and of a score itself and what it is counted as.
    A dimension that is None counts as `unknown`.
    """

    metric: str
    time: int
    dimensions: Dimensions
    value: int | str | tuple[Fraction, Fraction]
