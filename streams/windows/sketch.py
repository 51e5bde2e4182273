"""Sparse log-linear buckets: quantiles within 1 %, mergeable by addition, pure in the value.

A value's bucket is its leading 7 bits and their place: 64 buckets an octave, exact below 128, so that
the middle of a bucket is at most 1/128 of the value away. Integers only, hence equal on every machine.
"""

from collections.abc import Mapping

_BITS = 6
_LEAD = 1 << _BITS


def bucket(value: int) -> int:
    """The bucket of a value >= 0."""
    shift = value.bit_length() - _BITS - 1
    if shift <= 0:
        return value
    return (shift << _BITS) + (value >> shift)


def lowest(index: int) -> int:
    """The smallest value of a bucket."""
    shift = (index >> _BITS) - 1
    return index if shift <= 0 else (_LEAD + (index & (_LEAD - 1))) << shift


def middle(index: int) -> float:
    """The value that stands for a bucket."""
    return (lowest(index) + lowest(index + 1) - 1) / 2


def quantiles(buckets: Mapping[int, int], count: int, percents: tuple[int, ...]) -> list[int]:
    """For ascending percents p the bucket of rank ceil(p count / 100), smallest first."""
    ranks = [-(-percent * count // 100) for percent in percents]
    found: list[int] = []
    passed = 0
    for index in sorted(buckets):
        passed += buckets[index]
        while passed >= ranks[len(found)]:
            found.append(index)
            if len(found) == len(ranks):
                return found
    return found
