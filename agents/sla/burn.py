"""
Burn rates: how fast missed targets use up what an objective allows to be missed.

An alert has two windows, and fires while the rate is over its factor in both: the long one says that it
matters, the short one that it goes on. Windows and factors are those of Google's "Site Reliability Workbook",
chapter 5, for a budget of 30 days.
"""

from typing import NamedTuple

from agents.sla.objectives import WHOLE


class Tier(NamedTuple):
    short: str
    long: str
    factor: float
    "How many times as many are missed as the objective allows."


class Threshold(NamedTuple):
    short: str
    long: str
    missed: float
    "The share that has to be missed in both windows."


PAGES = (Tier("5m", "1h", 14.4), Tier("30m", "6h", 6))
WARNINGS = (Tier("2h", "1d", 3), Tier("6h", "3d", 1))


def thresholds(objective: int) -> dict[Tier, Threshold]:
    """The threshold of each tier, those of pages first.

    With 93 % as the objective 7 % may be missed, and 14.4 times as many are more than there are. Such a tier
    is rescaled: to half-way between the next slower tier and all being missed, and still asks for more.
    """
    allowed = 1 - objective / WHOLE
    slower, found = 0.0, {}
    for tier in reversed((*PAGES, *WARNINGS)):
        missed = tier.factor * allowed
        slower = missed if missed < 1 else (slower + 1) / 2
        found[tier] = Threshold(tier.short, tier.long, round(slower, 6))
    return dict(reversed(found.items()))
