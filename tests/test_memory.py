"""What has been dropped doesn't stay with the process."""

import gc
import os
from pathlib import Path

import pytest

from streams import memory
from streams.memory import give_back

BLOCK = 2000
"Bytes of something that the C library has to place, and doesn't ask the system for alone."

BLOCKS = 50_000


class Held:
    """Something in a cycle."""

    alive = 0

    def __init__(self) -> None:
        self.itself = self
        Held.alive += 1

    def __del__(self) -> None:
        Held.alive -= 1


def resident() -> int:
    """Bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(memory._trim is None, reason="the C library has no malloc_trim")
def test_what_lies_between_what_stays_is_given_back() -> None:
    """Freeing alone gives nothing back: something in use lies behind it."""
    blocks = [bytes(BLOCK) for _ in range(BLOCKS)]
    kept, dropped = blocks[::100], len(blocks[::100]) * 99 * BLOCK
    blocks.clear()
    before = resident()
    give_back()
    assert before - resident() > dropped / 2
    assert all(block == bytes(BLOCK) for block in kept)


def test_what_hangs_in_a_cycle_goes_too() -> None:
    gc.disable()
    try:
        Held()
        assert Held.alive == 1
        give_back()
        assert Held.alive == 0
    finally:
        gc.enable()


def test_another_c_library_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_trim", None)
    give_back()
