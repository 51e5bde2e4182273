"""Forecasts of what runs towards a deadline, by how those did that have ended, and how good they are.

An empirical survival by the time that was left: of those that ended, and still ran when so much was left, how
many ran out of it? Those counts are slots of the level itself, beside those of what runs. So a forecast
follows from one series, and is as exact in any order as a count.

A cell is a group and a place in it (`CELL_BITS` of it, such as an hour of the week). Of a cell that few have
ended in little can be told, so a share leans on that of its group, and that on all: as if `LEAN` more had
ended there, in the proportions of the wider one. (The mean of a beta distribution whose prior is the wider
share; that of all leans on Jeffreys' prior, half of one.)
"""

from collections.abc import Iterable
from math import fsum
from typing import Any, ClassVar

from streams.windows.kinds import MICRO, NOTHING, Additions, Figure, Slots
from streams.windows.levels import Level

MINUTE = 60 * MICRO
CELL_BITS = 8
GROUP_BITS = 16
MINUTE_BITS = 26
RUNS = 1 << (GROUP_BITS + CELL_BITS + MINUTE_BITS)
"The slots from here on are of what runs: its cell, and the minute of its deadline since 1970."

BUCKET_BITS = 7
MISSED = 0
"The bucket of what ran out of time; the others, from 1 on, are of what was left."

LEAN = 10.0
FEWEST = 20
"While fewer have ended, nothing is told."

ALL = -1


class Expected(Level):
    """How many of those that run are expected to run out of time.

    A step's value is (number, cell, deadline, None) of what runs, (number, cell, None, left) of what has
    ended: how much time was left, below zero where there was none.
    """

    name: ClassVar[str] = "expected"
    few: ClassVar[bool] = False
    live: ClassVar[bool] = False
    empty: ClassVar[Figure] = NOTHING

    def additions(self, value: Any) -> Additions:
        number, cell, deadline, left = value
        if deadline is not None:
            return ((RUNS | cell << MINUTE_BITS | max(0, deadline // MINUTE), number),)
        bucket = MISSED if left < 0 else 1 + bucket_of(left // MINUTE)
        return ((cell << BUCKET_BITS | bucket, number),)

    def figure(self, slots: Slots) -> Figure:
        """How many run, without a forecast: that depends on the instant."""
        count = sum(number for slot, number in slots.items() if slot >= RUNS)
        return {"value": None, "count": count} if count else NOTHING

    def figure_at(self, slots: Slots, second: int) -> Figure:
        ended, running, count = _histograms(slots), _running(slots, second // 60), 0
        if sum(ended.get(ALL, ())) < FEWEST:
            return NOTHING
        expected = []
        for cell, bucket, number in running:
            histograms = (ended[key] for key in _wider(cell) if key in ended)
            expected.append(number * share((each[MISSED], sum(each[: bucket + 2])) for each in histograms))
            count += number
        return {"value": fsum(expected), "count": count} if count > 0 else NOTHING


class Brier(Level):
    """The mean squared error of forecasts of what has ended; a step's value is (number, cell, missed).

    Each is forecast at its start by all others of that time or any other (leave one out): so the score is
    made of counts alone.
    """

    name: ClassVar[str] = "brier"
    few: ClassVar[bool] = True
    live: ClassVar[bool] = False
    empty: ClassVar[Figure] = NOTHING

    def additions(self, value: Any) -> Additions:
        number, cell, missed = value
        return ((cell << 1 | bool(missed), number),)

    def figure_at(self, slots: Slots, second: int) -> Figure:
        return self.figure(slots)

    def figure(self, slots: Slots) -> Figure:
        counts: dict[int, list[int]] = {}
        for slot, number in slots.items():
            for key in _wider(slot >> 1):
                known = counts.setdefault(key, [0, 0])
                known[0] += number * (slot & 1)
                known[1] += number
        count = sum(slots.values())
        if count < FEWEST:
            return NOTHING
        errors = []
        for slot, number in slots.items():
            missed = slot & 1
            forecast = share((counts[key][0] - missed, counts[key][1] - 1) for key in _wider(slot >> 1))
            errors.append(number * (missed - forecast) ** 2)
        return {"value": fsum(errors) / count, "count": count}


def share(counts: Iterable[tuple[int, int]]) -> float:
    """The share that is missed, by (missed, all) of ever narrower circles."""
    found, lean = 0.5, 1.0
    for missed, number in counts:
        found = (missed + lean * found) / (number + lean)
        lean = LEAN
    return found


def bucket_of(minutes: int) -> int:
    """Minutes one by one up to 8, then four buckets from each power of two to the next."""
    above = max(0, minutes) + 4
    octave = above.bit_length() - 3
    return octave << 2 | above >> octave & 3


def _wider(cell: int) -> tuple[int, int, int]:
    """All, the group and the cell; groups below all, so that they are nobody's cell."""
    return (ALL, ALL - 1 - (cell >> CELL_BITS), cell)


def _histograms(slots: Slots) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for slot, number in slots.items():
        if slot < RUNS:
            bucket = slot & ((1 << BUCKET_BITS) - 1)
            for key in _wider(slot >> BUCKET_BITS):
                if key not in found:
                    found[key] = [0] * (1 << BUCKET_BITS)
                found[key][bucket] += number
    return found


def _running(slots: Slots, minute: int) -> list[tuple[int, int, int]]:
    """How many run of each cell and bucket of what is left to them."""
    found: dict[tuple[int, int], int] = {}
    for slot, number in slots.items():
        if slot >= RUNS:
            cell = (slot ^ RUNS) >> MINUTE_BITS
            place = (cell, bucket_of((slot & ((1 << MINUTE_BITS) - 1)) - minute))
            found[place] = found.get(place, 0) + number
    return [(cell, bucket, number) for (cell, bucket), number in found.items()]
