"""Levels: how much there is at an instant, as the running sum of all steps up and down before it."""

from typing import Any, ClassVar

from streams.windows import sketch
from streams.windows.intervals import Interval
from streams.windows.kinds import MICRO, NO_SUMS, NOTHING, PERCENTS, Additions, Figure, Slots, spread

MINUTE = 60 * MICRO
FIRST = 1
"The first slot that counts; below it is a sum."

RUNNING = "hour"
"The kind of pane that is published while it runs."


class Level:
    """How many there are; a step's value is how many come, or less than zero: go.

    It is published at the ends of the panes in which it changed, of these kinds. Steps at the very end of a
    pane come after it.
    """

    name: ClassVar[str] = "level"
    few: ClassVar[bool] = True
    sums: ClassVar[frozenset[int]] = NO_SUMS
    live: ClassVar[bool] = True
    "Whether the running hour is published as it changes: only of what is in one slot, and has no ages."
    always: ClassVar[bool] = False
    "Whether it is published at the end of each pane, changed or not."
    empty: ClassVar[Figure] = {"value": 0, "count": 0}
    "What is published when it has fallen to nothing."

    def __init__(self, *panes: str) -> None:
        self.panes = panes or ("hour", "day", "month")

    def additions(self, value: Any) -> Additions:
        return ((0, value),)

    def figure(self, slots: Slots) -> Figure:
        count = slots.get(0, 0)
        return {"value": count, "count": count} if count else NOTHING

    def figure_at(self, slots: Slots, second: int) -> Figure:
        """The figure of an instant, in seconds since 1970."""
        return self.figure(slots)

    def figure_of(self, steps: Slots, slots: Slots, start: int, end: int, *, known: bool) -> Figure | None:
        """The figure of a pane with these steps and, at its end, these slots.

        None where nothing was there before, and nothing is: that is published only where the pane is known.
        """
        figure = self.figure_at(slots, end)
        if figure["count"] or known:
            return figure if figure["count"] else self.empty
        before = {slot: slots.get(slot, 0) - steps.get(slot, 0) for slot in {*slots, *steps}}
        return self.empty if self.figure_at(before, start)["count"] else None

    def interval(self, slots: Slots) -> Interval | None:
        return None


class Ages(Level):
    """How old those are that are there, in seconds; a step's value is (how many come, when they began).

    Ages grow while nothing happens, so what adds up are the beginnings: slot 1 + m counts those in minute m
    since 1970, and slot 0 sums up how far they are into their minutes, in microseconds. So count, sum and
    mean are exact, and a quantile is at most half a minute off: within 1 % for ages of an hour and more.
    """

    name: ClassVar[str] = "ages"
    few: ClassVar[bool] = False
    sums: ClassVar[frozenset[int]] = frozenset({0})
    live: ClassVar[bool] = False
    always: ClassVar[bool] = True
    empty: ClassVar[Figure] = NOTHING

    def additions(self, value: Any) -> Additions:
        number, began = value
        minute = max(0, began // MINUTE)
        return ((0, number * (began - minute * MINUTE)), (FIRST + minute, number))

    def figure(self, slots: Slots) -> Figure:
        """How many, without their ages: those depend on the instant."""
        count = sum(number for slot, number in slots.items() if slot >= FIRST)
        return {"value": None, "count": count} if count else NOTHING

    def figure_at(self, slots: Slots, second: int) -> Figure:
        youngest_first = {-slot: number for slot, number in slots.items() if slot >= FIRST}
        count = sum(youngest_first.values())
        if count <= 0:  # fewer than none, while not all has been taken that belongs together
            return NOTHING
        minutes = sum((FIRST + slot) * number for slot, number in youngest_first.items())
        total = count * second * MICRO + minutes * MINUTE - slots.get(0, 0)
        found = sketch.quantiles(youngest_first, count, PERCENTS)
        return spread(total, count, [float(max(0, second - _middle(-slot))) for slot in found])


class Remaining(Ages):
    """How long it is until those that are there end; a step's value is (how many come, when they end).

    Kept as ages are. An end that has passed, and isn't known to have, is now; `soonest` is of the first, at
    most a minute early.
    """

    name: ClassVar[str] = "remaining"
    always: ClassVar[bool] = False

    def figure_at(self, slots: Slots, second: int) -> Figure:
        ends = {slot: number for slot, number in slots.items() if slot >= FIRST}
        count = sum(ends.values())
        if count <= 0:  # fewer than none, while not all has been taken that belongs together
            return NOTHING
        minutes = sum((slot - FIRST) * number for slot, number in ends.items())
        total = max(0, minutes * MINUTE + slots.get(0, 0) - count * second * MICRO)
        found = sketch.quantiles(ends, count, PERCENTS)
        figure = spread(total, count, [float(max(0, _middle(slot) - second)) for slot in found])
        first = min(slot for slot, number in ends.items() if number) - FIRST
        figure["soonest"] = max(0, first * 60 - second)
        return figure


class Longest(Level):
    """The age of the oldest of those that are there; a step's value is (how many come, when they began).

    Beginnings are counted by the second, so it is at most a second too long. Only for what comes and goes:
    each second that one of those there began in is kept.
    """

    name: ClassVar[str] = "longest"
    few: ClassVar[bool] = False
    live: ClassVar[bool] = False

    def additions(self, value: Any) -> Additions:
        number, began = value
        return ((max(0, began // MICRO), number),)

    def figure(self, slots: Slots) -> Figure:
        """How many, without an age: that depends on the instant."""
        count = sum(slots.values())
        return {"value": None, "count": count} if count else NOTHING

    def figure_at(self, slots: Slots, second: int) -> Figure:
        count = sum(slots.values())
        if count <= 0:  # fewer than none, while not all has been taken that belongs together
            return NOTHING
        return {
            "value": max(0, second - min(slot for slot, number in slots.items() if number)),
            "count": count,
        }


def _middle(slot: int) -> int:
    """The second in the middle of a slot's minute."""
    return (slot - FIRST) * 60 + 30
