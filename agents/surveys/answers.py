"""A survey answer as metrics see it, wherever it is kept."""

from typing import Literal

from msgspec import Struct

from agents.surveys import scores
from agents.surveys.scores import MICRO, Score

Promotion = Literal["promoters", "passives", "detractors"]


class Answer(Struct, frozen=True, array_like=True, tag="answer"):
    """The standing answer of a sheet to one survey; scores and scale in millionths.

    What it lacks and its `survey.sent` could not give is None.
    """

    survey: str
    time: int
    sequence: int
    score: int
    scale_min: int
    scale_max: int
    channel: str | None = None
    team: str | None = None
    tier: str | None = None
    agent: str | None = None
    touchpoint: str | None = None

    @property
    def since(self) -> int:
        return self.time

    @property
    def dimensions(self) -> tuple[str | None, ...]:
        return (self.channel, self.team, self.tier, self.agent, self.touchpoint)

    @property
    def satisfied(self) -> bool:
        """The upper quarter of the scale: on 1-5 that is 4 and 5."""
        return 4 * (self.score - self.scale_min) >= 3 * (self.scale_max - self.scale_min)

    @property
    def low_effort(self) -> bool:
        """The lower third of the scale: on 1-7 that is 1, 2 and 3."""
        return 3 * (self.score - self.scale_min) <= self.scale_max - self.scale_min

    def on(self, low: int, high: int) -> Score:
        """The score as it would be on another scale."""
        return scores.mapped(self.score, self.scale_min, self.scale_max, low, high)

    @property
    def promotion(self) -> Promotion:
        if self.score >= 9 * MICRO:
            return "promoters"
        return "passives" if self.score >= 7 * MICRO else "detractors"
