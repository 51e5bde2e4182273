"""A survey answer as metrics see it, wherever it is kept."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from agents.surveys import scores
from agents.surveys.events import LARGEST
from agents.surveys.scores import MICRO, Score
from streams.events import Instant, Sequence

Promotion = Literal["promoters", "passives", "detractors"]
Millionths = Annotated[int, Meta(ge=-LARGEST * MICRO, le=LARGEST * MICRO)]


class Answer(Struct, frozen=True, array_like=True, tag="answer"):
    """The standing answer of a sheet to one survey; scores and scale in millionths.

    What it lacks and its `survey.sent` could not give is None.
    """

    survey: str
    time: Instant
    sequence: Sequence
    score: Millionths
    scale_min: Millionths
    scale_max: Millionths
    channel: str | None = None
    team: str | None = None
    tier: str | None = None
    agent: str | None = None
    touchpoint: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, which decoding makes its own, for a score outside of its scale."""
        if not (self.scale_min <= self.score <= self.scale_max and self.scale_min < self.scale_max):
            raise ValueError(f"score {self.score}, expected {self.scale_min} to {self.scale_max}")

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
