"""How compiled modules read attributes: as Python does, whatever becomes of a class."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from streams.state.entity import EntityRunner
from streams.state.record import DUPLICATE, FOLDED, Entity, Outcome, State

RUNNER = EntityRunner(State, (), keep=1, largest=1)


class Slotted:
    __slots__ = ("__dict__", "passed")


class Within(Slotted):
    pass


class Structure(Struct):
    passed: int = 0


def read(state: Any, least: int) -> Outcome:
    """Whether an instant of the state, which the compiled function reads, is at least so late."""
    return RUNNER.let_pass(Entity(state), least)


@pytest.mark.parametrize("make", [Slotted, Within, Structure])
def test_slots(make: Callable[[], Any]) -> None:
    for number in (3, 5, 4):
        state = make()
        state.passed = number
        assert read(state, number) is DUPLICATE
        assert read(state, number + 1) is FOLDED
        assert state.passed == number + 1


def test_a_slot_without_a_value() -> None:
    state = Slotted()
    state.passed = 2
    assert read(state, 1) is DUPLICATE
    del state.passed
    with pytest.raises(AttributeError, match="passed"):
        read(state, 1)
    state.__dict__["passed"] = 7
    with pytest.raises(AttributeError, match="passed"):
        read(state, 1)


def test_a_class_that_is_changed() -> None:
    class Changed(Slotted):
        pass

    state = Changed()
    state.passed = 2
    assert read(state, 1) is DUPLICATE
    Changed.passed = property(lambda _: 9)  # type: ignore[assignment]
    assert read(state, 8) is DUPLICATE
    del Changed.passed
    assert read(state, 2) is DUPLICATE
    assert read(state, 3) is FOLDED


def test_classes_that_come_and_go() -> None:
    """Another one may be where one was, with its slots in another order."""
    for number in range(200):
        others = [f"other{place}" for place in range(number % 5)]
        made: Any = type("Made", (), {"__slots__": [*others, "passed"]})()
        made.passed = number
        for other in others:
            setattr(made, other, -1)
        assert read(made, number) is DUPLICATE
