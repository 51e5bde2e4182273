"""What tickets and answers give to the figures."""

from collections.abc import Mapping
from dataclasses import dataclass

Dimensions = Mapping[str, str | None]


@dataclass(frozen=True)
class Observation:
    """One observation of one metric.

    `value` is 1 for a count, 0 or 1 for a ratio (met or not), microseconds for a duration, and
    "promoters", "passives" or "detractors" for nps. A dimension that is None counts as `unknown`.
    """

    metric: str
    time: int
    dimensions: Dimensions
    value: int | str
