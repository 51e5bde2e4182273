"""What becomes of a vector when an allocation fails: in a process of its own, as its threads share that."""

import _testcapi
from collections.abc import Iterator
from contextlib import contextmanager

from streams.windows.vector import Vector

SIZES = (0, 3, 4, 7, 8, 12, 16, 24, 48, 96, 192)
ZEROS = (0, 1, 5, 40)


@contextmanager
def failing(allocation: int) -> Iterator[None]:
    """The allocation of that number fails, and no other."""
    _testcapi.set_nomemory(allocation, allocation + 1)
    try:
        yield
    finally:
        _testcapi.remove_mem_hooks()


def try_each(size: int, zeros: int) -> None:
    """Whichever it is: nothing is lost, nothing is there twice, and later additions arrive."""
    failed = 0
    for allocation in range(1, 12):
        vector = Vector()
        there = {slot * 7: slot + 1 for slot in range(size)}
        for slot in there:
            vector.add(slot, there[slot])
        for slot in range(1, 1 + min(zeros, size)):
            vector.add(slot * 7 - 7, -slot)
            del there[slot * 7 - 7]
        add, place = vector.add, 1_000_000
        error: BaseException | None = None
        while error is None and place < 1_000_300:
            try:
                with failing(allocation):
                    add(place, 1)
            except MemoryError as memory:
                error = memory
            else:
                there[place] = 1
                place += 1
        failed += error is not None
        for slot in (*there, 2_000_000, place):
            vector.add(slot, 5)
            there[slot] = there.get(slot, 0) + 5
        assert dict(vector) == there
        assert len(vector.items()) == len(there)
        for slot, number in there.items():
            vector.add(slot, -number)
        assert not vector
    assert failed


if __name__ == "__main__":
    for size in SIZES:
        for zeros in ZEROS:
            try_each(size, zeros)
    print(f"{len(SIZES) * len(ZEROS)} vectors")  # noqa: T201
