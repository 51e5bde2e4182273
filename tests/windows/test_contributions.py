"""Contributions as they travel, and what comes of them before they are added up."""

from dataclasses import dataclass
from typing import Any

import pytest

from streams.windows.contributions import AT_ONCE, MARK, Contributions
from streams.windows.leaf import Panes
from streams.windows.vector import Vector


@dataclass
class Record:
    key: bytes
    value: bytes


class Marks:
    """Those of sources, as they were told."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[int | None, int | None]] = {}

    def take(self, source: str, reached: int | None, clock: int | None) -> None:
        self.told[source] = reached, clock


@pytest.fixture
def marks() -> Any:
    return Marks()


def panes(**starts: dict[int, int]) -> Panes:
    return {int(start[1:]): Vector(slots) for start, slots in starts.items()}


def plain(netted: dict[bytes, Panes]) -> dict[bytes, dict[int, dict[int, int]]]:
    return {key: {start: dict(slots) for start, slots in told.items()} for key, told in netted.items()}


def test_those_of_a_series_add_up(marks: Any) -> None:
    contributions = Contributions("app")
    told = [
        Record(b"a|", contributions.told(panes(_0={1: 2, 5: -1}, _60={1: 1}))),
        Record(b"b|", contributions.told(panes(_0={1: 7}))),
        Record(b"a|", contributions.told(panes(_0={1: 3, 5: 1}, _120={2: 4}))),
    ]
    contributions.take(told[:2], marks)
    contributions.take(told[2:], marks)
    assert plain(contributions.netted()) == {
        b"a|": {0: {1: 5}, 60: {1: 1}, 120: {2: 4}},
        b"b|": {0: {1: 7}},
    }
    assert contributions.netted() == {}


def test_marks_are_told_at_once(marks: Any) -> None:
    contributions = Contributions("app")
    contributions.take([Record(MARK, contributions.told_mark("tickets/3", 17, None))], marks)
    assert marks.told == {"tickets/3": (17, None)}


def test_those_of_another_application_are_left_out(marks: Any) -> None:
    contributions, others = Contributions("app"), Contributions("app-2")
    contributions.take(
        [Record(b"a|", others.told(panes(_0={1: 2}))), Record(MARK, others.told_mark("tickets/0", 1, 2))],
        marks,
    )
    assert contributions.netted() == {}
    assert marks.told == {}


def test_so_many_want_to_be_added_up(marks: Any) -> None:
    contributions = Contributions("app")
    record = Record(b"a|", contributions.told(panes(_0={1: 1})))
    assert not contributions.take([record] * (AT_ONCE - 1), marks)
    assert contributions.take([record], marks)
    assert plain(contributions.netted()) == {b"a|": {0: {1: AT_ONCE}}}
    assert not contributions.take([record], marks)
