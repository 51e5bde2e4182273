"""The rows of a table: objects between checkpoints, bytes at rest, and nothing lost on the way."""

from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import Struct

from streams.state.rows import Rows

KEYS = st.sampled_from("abcd")


class Row(Struct, array_like=True):
    number: int = 0
    words: list[str] = []


def written(rows: Rows[Row]) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    rows.write(lambda key, value: found.update({key.decode(): value}))
    return found


class Model(RuleBasedStateMachine):
    """Rows beside a plain dictionary, and a table that is restored from what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Rows[Row] = Rows(Row)
        self.model: dict[str, Row] = {}
        self.changelog: dict[str, bytes] = {}
        self.touched: set[str] = set()

    @rule(key=KEYS, number=st.integers(-(2**63), 2**64 - 1), words=st.lists(st.text(max_size=3), max_size=2))
    def put(self, key: str, number: int, words: list[str]) -> None:
        self.rows.put(key, Row(number, words))
        self.model[key] = Row(number, list(words))
        self.touched.add(key)

    @rule(key=KEYS)
    def mutate(self, key: str) -> None:
        if (row := self.rows.get(key)) is not None:
            row.words.append("+")
            self.rows.changed(key)
            self.model[key].words.append("+")
            self.touched.add(key)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self.rows.delete(key)
        self.model.pop(key, None)
        self.touched.add(key)

    @rule()
    def write(self) -> None:
        found = written(self.rows)
        assert found.keys() == self.touched
        self.touched = set()
        for key, value in found.items():
            assert (value is None) is (key not in self.model)
            if value is None:
                self.changelog.pop(key, None)
            else:
                self.changelog[key] = value

    @rule()
    def come_back(self) -> None:
        """Another owner takes over from what was written."""
        self.write()
        self.rows = Rows(Row)
        self.rows.restore(dict(self.changelog))

    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        assert {key: self.rows.peek(key) for key in self.rows} == self.model
        assert sorted(self.rows) == sorted(self.model)
        assert len(self.rows) == len(self.model)
        for key in "abcd":
            assert (key in self.rows) is (key in self.model)
            assert self.rows.peek(key) == self.model.get(key)

    @invariant()
    def nothing_is_written_that_did_not_change(self) -> None:
        if not self.touched:
            assert written(self.rows) == {}


TestRows: Any = Model.TestCase
TestRows.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_an_object_stays_the_same_between_checkpoints() -> None:
    rows: Rows[Row] = Rows(Row)
    rows.restore({"a": msgspec.msgpack.encode(Row(1))})
    assert rows.get("a") is rows.get("a")
    assert written(rows) == {}
    assert rows.get("a") == Row(1)


def test_a_look_does_not_bring_to_life() -> None:
    """Readers of many rows leave them at rest: two looks see two objects."""
    rows: Rows[Row] = Rows(Row)
    rows.restore({"a": msgspec.msgpack.encode(Row(1))})
    assert rows.peek("a") == Row(1)
    assert rows.peek("a") is not rows.peek("a")
