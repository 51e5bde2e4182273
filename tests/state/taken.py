"""One partition of the world of parcels, and what it makes of records."""

from typing import Any

from streams.state.plan import Plan
from streams.state.screening import Limits
from tests.parcels import Post, event, plan

NOW = 1_794_000_000_000
"The records' time, in milliseconds: later than all that happens here."

DAY = 86_400_000_000
TOPIC = "cx.parcels"


class Taken(Post):
    """One partition and what it makes of records."""

    def __init__(self, limits: Limits | None = None, now: int = NOW, world: Plan | None = None) -> None:
        super().__init__(world or plan(limits=limits or Limits()), now=now)

    def take(self, *told: dict[str, Any]) -> "Taken":
        """In one checkpoint."""
        self.tell(*told)
        return self

    @property
    def reasons(self) -> list[str]:
        return [letter["reason"] for letter in self.letters()]

    @property
    def entities(self) -> list[str]:
        return sorted(self.log.latest("post-parcels-changelog", 0))

    def total(self, metric: str) -> Any:
        return self.values().get(f"{metric}||total|")


SENT = event("parcel.sent", "09:00")
