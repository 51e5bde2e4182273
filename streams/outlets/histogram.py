"""A histogram of durations that only grows."""

from bisect import bisect_left

from streams.windows import sketch
from streams.windows.kinds import BUCKETS, MICRO, Slots

MINUTE, HOUR, DAY = 60, 3600, 86_400
LIMITS = (
    *(10, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY),
)
"Seconds that service levels are commonly set at."

_places: dict[int, int] = {}
"The count among LIMITS that a slot goes to, of all slots that were seen."


class Histogram:
    def __init__(self) -> None:
        self.counts = [0] * (len(LIMITS) + 1)
        self.sum = 0.0

    def add(self, slots: Slots) -> None:
        """What was added to the slots of a distribution; what was taken back stays."""
        for slot, number in slots.items():
            if slot < BUCKETS or number <= 0:
                continue
            place = _places.get(slot)
            if place is None:
                place = _places[slot] = _place(slot)
            self.counts[place] += number
            self.sum += number * sketch.middle(slot - BUCKETS) / MICRO


def _place(slot: int) -> int:
    """What took exactly a limit is within it, though its bucket reaches a little beyond."""
    return bisect_left(LIMITS, sketch.lowest(slot - BUCKETS) / MICRO)
