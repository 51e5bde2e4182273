"""Sparse vectors of integers: what cells are made of.

A slot and its number are of 64 bits, as they are where they are encoded: one that outgrows them raises
OverflowError, and leaves the vector as it was. vector.c is the same as machine code, and is used in place of
this where it was compiled.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from streams.windows import sketch

WIDTH = 8
"Bits of a slot that tell the metric by its number in the family; above them is the metric's own slot."
MASK = (1 << WIDTH) - 1
LEAST, LARGEST = -(1 << 63), (1 << 63) - 1

_encode: Callable[[object], bytes] = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(dict[int, int]).decode


class Vector(Mapping[int, int]):
    """Slot -> number; a slot whose number is 0 is not there."""

    __slots__ = ("_numbers",)

    def __init__(self, slots: dict[int, int] | None = None) -> None:
        self._numbers: dict[int, int] = {}
        if slots is not None:
            self.merge(slots)

    def __getitem__(self, slot: int) -> int:
        return self._numbers[slot]

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def __repr__(self) -> str:
        return f"Vector({self._numbers})"

    def copy(self) -> "Vector":
        copy = Vector()
        copy._numbers = self._numbers.copy()
        return copy

    def add(self, slot: int, number: int) -> None:
        total = self._numbers.get(slot, 0) + number
        if not (LEAST <= slot <= LARGEST and LEAST <= number <= LARGEST and LEAST <= total <= LARGEST):
            raise OverflowError(f"slot {slot} or its number, {total}, outgrows 64 bits")
        if total:
            self._numbers[slot + 0] = total  # a bool is a number here too
        else:
            self._numbers.pop(slot, None)

    def merge(self, other: Mapping[int, int]) -> None:
        """Add another's numbers."""
        for slot, number in other.items():
            self.add(slot, number)

    def encode(self) -> bytes:
        """As MessagePack has it."""
        return _encode(self._numbers)

    @staticmethod
    def decode(encoded: bytes | msgspec.Raw) -> "Vector":
        """Raises ValueError where it is no map of integers."""
        try:
            return Vector(_decode(encoded))
        except (msgspec.MsgspecError, OverflowError) as error:
            raise ValueError(f"{error}, expected a MessagePack map of integers of 64 bits") from None


def encode_map(vectors: Mapping[int, Vector]) -> bytes:
    """Vectors by integers, as MessagePack has them."""
    _check(*vectors)
    return _encode({key + 0: vector._numbers for key, vector in vectors.items()})


def observe(into: list[Vector], additions: tuple[tuple[int, int], ...], metric: int, sign: int) -> None:
    """Add `sign` times what an observation of a metric adds to its slots, to each."""
    if not 0 <= metric <= MASK:
        raise OverflowError(f"metric {metric} of a family, expected 0 to {MASK}")
    for slot, number in additions:
        place, change = slot << WIDTH | metric, sign * number
        _check(sign, number, place, change)
        for vector in into:
            vector.add(place, change)


def vectors_at(panes: list[dict[int, Vector]], steps: list[int], second: int) -> list[Vector]:
    """The vectors of the panes that hold a second, of so many seconds each; made where there are none."""
    _check(second)
    return [each.setdefault(_start(second, step), Vector()) for each, step in zip(panes, steps, strict=True)]


def add_to(parts: dict[int, Vector], slots: Mapping[int, int]) -> set[int]:
    """Add slots up by metric; the numbers of the metrics that they are of."""
    numbers: set[int] = set()
    for slot, number in slots.items():
        _check(slot, number)
        metric = slot & MASK
        if metric not in numbers:
            numbers.add(metric)
            parts.setdefault(metric, Vector())
        parts[metric].add(slot >> WIDTH, number)
    return numbers


def ranked(slots: Mapping[int, int], first: int, percents: tuple[int, ...]) -> tuple[int, list[int]]:
    """How many the slots from the first on count, and those of ascending percents of it, smallest first."""
    counted = {slot: number for slot, number in slots.items() if slot >= first}
    count = sum(counted.values())
    _check(count)
    return count, sketch.quantiles(counted, count, percents) if count > 0 else []


def _start(second: int, step: int) -> int:
    _check(step)
    if step < 1:
        raise ValueError(f"a step of {step} seconds, expected at least 1")
    start = second - second % step
    _check(start)
    return start


def _check(*numbers: int) -> None:
    for number in numbers:
        if not LEAST <= number <= LARGEST:
            raise OverflowError(f"{number} outgrows 64 bits")
