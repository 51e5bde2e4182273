"""Events to feed: messy, of the last weeks, and told in an order of choice."""

import random
from datetime import UTC, datetime, timedelta

from tests.oracle.stories import events as stories
from tests.promise import Json

ORDERS = ("told", "shuffled", "late")
"""With the disorder of its stories; any order; and any over more time than figures by the hour stay open."""


def recent(seed: int, size: int = 150, days: int = 13) -> list[Json]:
    """Events of the last days, all of them in the past."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return stories(seed, size, size, today - timedelta(days=days), days=days - 1, calls=size)


def ordered(seed: int, order: str, size: int = 120) -> list[Json]:
    events = recent(seed, size, 40 if order == "late" else 13)
    if order != "told":
        random.Random(seed).shuffle(events)
    return events
