"""Scores in millionths: as they were given, on another scale, and as what they are counted."""

from decimal import ROUND_HALF_UP, Decimal
from math import gcd

MICRO = 1_000_000
TOLD_APART = 10_000
"Scores that are not told apart exactly are to four digits."
STEPS = 100
"Scales of so many equal steps are told apart exactly, wherever their scores come to lie."

Score = tuple[int, int]
"A score, and the one that it counts as where answers are counted by their score."


def millionths(number: float) -> int:
    """A decimal number as it was written; finer ones are rounded half up."""
    near = round(number * MICRO)
    if near / MICRO == number:
        return near
    return int((Decimal(repr(number)) * MICRO).to_integral_value(ROUND_HALF_UP))


def mapped(score: int, scale_min: int, scale_max: int, low: int, high: int) -> Score:
    """On the scale from `low` to `high` (whole numbers), rounded half up.

    Of the steps of a scale there are few, so they are counted as they are.
    """
    place, length = score - scale_min, scale_max - scale_min
    found = low * MICRO + (2 * place * (high - low) * MICRO + length) // (2 * length)
    exact = length // gcd(place, length) <= STEPS
    return found, found if exact else rounded(found)


def as_given(score: int) -> Score:
    """On its own scale."""
    return score, rounded(score)


def rounded(score: int) -> int:
    """To four digits, half up: so the counts of a cell have a bound, whatever scores come."""
    step = 1
    while abs(score) >= TOLD_APART * step:
        step *= 10
    return (2 * score + step) // (2 * step) * step
