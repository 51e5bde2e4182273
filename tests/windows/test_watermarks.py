"""Watermarks: the lowest of all sources counts, it only grows, and it is part of the state."""

from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.state.rows import Rows
from streams.windows.watermarks import Mark, Marks

SOURCES = {"one": frozenset({"a/0", "a/1"}), "both": frozenset({"a/0", "a/1", "b/0"})}


class Lows(NamedTuple):
    final: int | None
    gone: int | None


def marks() -> Marks:
    return Marks(Rows(Mark), SOURCES)


def lows(found: Marks, family: str) -> tuple[int | None, int | None]:
    found.advance(family)
    return found.final(family), found.gone(family)


def test_nothing_is_known_before_all_sources_have_told() -> None:
    found = marks()
    assert lows(found, "one") == (None, None)
    found.take("a/0", 50, None)
    assert lows(found, "one") == (None, None)
    found.take("a/1", 40, None)
    assert lows(found, "one") == (40, 40)
    assert lows(found, "both") == (None, None)


def test_the_slowest_source_counts() -> None:
    found = marks()
    for source, reached in (("a/0", 50), ("a/1", 40), ("b/0", 30)):
        found.take(source, reached, None)
    assert lows(found, "one") == (40, 40)
    assert lows(found, "both") == (30, 30)


def test_the_clock_moves_what_is_final_and_not_what_is_gone() -> None:
    found = marks()
    found.take("a/0", 50, None)
    found.take("a/1", 40, 900)
    assert lows(found, "one") == (50, 40)
    found.take("a/0", 50, 1000)
    assert lows(found, "one") == (900, 40)


def test_sources_in_which_nothing_ever_happened_hold_nothing_up() -> None:
    found = marks()
    found.take("a/0", 50, 100)
    found.take("a/1", None, 100)
    assert lows(found, "one") == (100, 50)


def test_where_nothing_ever_happened_nothing_goes() -> None:
    found = marks()
    for source in SOURCES["both"]:
        found.take(source, None, 100)
    assert lows(found, "both") == (100, None)


def test_what_has_read_nothing_yet_holds_all_up() -> None:
    found = marks()
    found.take("a/0", 50, None)
    found.take("a/1", None, None)
    assert lows(found, "one") == (None, None)


def test_a_first_event_of_long_ago_turns_nothing_back() -> None:
    found = marks()
    found.take("a/0", 50, 100)
    found.take("a/1", None, 100)
    assert lows(found, "one") == (100, 50)
    found.take("a/1", 5, None)
    assert lows(found, "one") == (100, 50)


MOVES = st.tuples(
    st.sampled_from(["a/0", "a/1", "b/0"]),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 200),
)


@given(st.lists(MOVES, max_size=40))
def test_lows_only_grow_and_it_is_told_when_they_do(
    moves: list[tuple[str, int | None, int | None]],
) -> None:
    found, before = marks(), Lows(None, None)
    for source, reached, clock in moves:
        found.take(source, reached, clock)
        moved = found.advance("both")
        now = Lows(found.final("both"), found.gone("both"))
        assert moved is (now != before)
        for was, is_ in zip(before, now, strict=True):
            assert was is None or (is_ is not None and is_ >= was)
        before = now


@given(st.lists(MOVES, max_size=30), st.lists(MOVES, max_size=10))
def test_they_come_back_with_the_rows(
    before: list[tuple[str, int | None, int | None]], after: list[tuple[str, int | None, int | None]]
) -> None:
    rows: Rows[Mark] = Rows(Mark)
    found = Marks(rows, SOURCES)
    for move in before:
        found.take(*move)
        found.advance("both")
    written: dict[str, bytes] = {}
    rows.write(lambda key, value: written.update({key.decode(): value or b""}))
    again_rows: Rows[Mark] = Rows(Mark)
    again_rows.restore(written)
    again = Marks(again_rows, SOURCES)
    for move in [*after, ("a/0", None, None)]:
        found.take(*move)
        again.take(*move)
        assert lows(again, "both") == lows(found, "both")
    assert [msgspec.to_builtins(mark) for mark in again.all()] == [
        msgspec.to_builtins(mark) for mark in found.all()
    ]
