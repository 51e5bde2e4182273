"""The rows of a table: objects between checkpoints, bytes at rest, and nothing lost on the way."""

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec import Struct

from streams.state import stored
from streams.state.disk import Disk
from streams.state.rows import Rows
from streams.state.stored import StoredRows
from tests.scratch import scratch

OBJECTS = st.sampled_from("abcd")
LAID = st.sampled_from("wx")
"Keys of rows that come as they are written: an object is not kept here as well."
KEYS = OBJECTS | LAID
NUMBERS = st.integers(-(2**63), 2**64 - 1)
MEMORY = 1 << 20


class Row(Struct, array_like=True):
    number: int = 0
    words: list[str] = []


Fresh = Callable[[], Rows[Row]]


def written(rows: Rows[Row]) -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    rows.write(lambda key, value: found.update({key.decode(): value}))
    return found


def encoded(*numbers: int) -> dict[str, bytes | None]:
    return {f"{number:05}": msgspec.msgpack.encode(Row(number)) for number in numbers}


@pytest.fixture
def disk() -> Iterator[Disk]:
    with scratch() as path:
        opened = Disk(path, MEMORY)
        yield opened
        opened.close()


@pytest.fixture(params=["memory", "rocksdb"])
def fresh(request: pytest.FixtureRequest, disk: Disk) -> Fresh:
    if request.param == "memory":
        return lambda: Rows(Row)
    numbers = count()
    return lambda: StoredRows(Row, disk.open(f"rows-{next(numbers)}"))


class Model(RuleBasedStateMachine):
    """Rows beside a plain dictionary, and a table that is restored from what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.fresh()
        self.model: dict[str, Row] = {}
        self.changelog: dict[str, bytes] = {}
        self.touched: set[str] = set()
        self.flight: dict[str, bytes | None] = {}
        "Written, and not yet committed."

    def fresh(self) -> Rows[Row]:
        return Rows(Row)

    @rule(
        key=OBJECTS, number=st.integers(-(2**63), 2**64 - 1), words=st.lists(st.text(max_size=3), max_size=2)
    )
    def put(self, key: str, number: int, words: list[str]) -> None:
        self.rows.put(key, Row(number, words))
        self.model[key] = Row(number, list(words))
        self.touched.add(key)

    @rule(key=LAID, number=st.integers(0, 9))
    def lay(self, key: str, number: int) -> None:
        self.rows.lay(key, msgspec.msgpack.encode(Row(number)))
        self.model[key] = Row(number)
        self.touched.add(key)

    @rule(key=OBJECTS)
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

    @rule(key=KEYS)
    def look(self, key: str) -> None:
        rest = self.rows.at_rest(key)
        assert (None if rest is None else msgspec.msgpack.decode(rest, type=Row)) == self.model.get(key)

    @rule(keys=st.lists(KEYS, max_size=4))
    def look_ahead(self, keys: list[str]) -> None:
        self.rows.ahead(keys)

    @rule()
    def write(self) -> None:
        self.commit()
        self.flight = written(self.rows)
        assert self.flight.keys() == self.touched
        self.touched = set()
        for key, value in self.flight.items():
            assert (value is None) is (key not in self.model)

    @rule()
    def commit(self) -> None:
        """Others may have been changed since it was written."""
        self.rows.committed()
        for key, value in self.flight.items():
            if value is None:
                self.changelog.pop(key, None)
            else:
                self.changelog[key] = value
        self.flight = {}

    @rule()
    def come_back(self) -> None:
        """Another owner takes over from what was written: of each key first what it was long ago."""
        self.write()
        self.commit()
        self.rows.close()
        self.rows = self.fresh()
        self.rows.restore({"a": b"?", "d": None})
        self.rows.restore({"a": None})
        self.rows.restore(dict(self.changelog))

    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        assert {key: self.rows.peek(key) for key in self.rows} == self.model
        assert sorted(self.rows) == sorted(self.model) == sorted(self.rows.walk())
        assert sorted(self.rows.items()) == sorted(self.model.items())
        assert len(self.rows) == len(self.model)
        for key in "abcdwx":
            assert self.rows.peek(key) == self.model.get(key)

    @rule(key=KEYS)
    def ask(self, key: str) -> None:
        assert (key in self.rows) is (key in self.model)

    def teardown(self) -> None:
        self.rows.close()


class StoredModel(Model):
    """The same in RocksDB."""

    def __init__(self) -> None:
        self.scratch = scratch()
        self.disk = Disk(self.scratch.__enter__(), MEMORY)
        super().__init__()

    def fresh(self) -> Rows[Row]:
        self.store = self.disk.open("rows")
        return StoredRows(Row, self.store)

    @invariant()
    def what_is_at_rest_is_what_was_committed(self) -> None:
        assert {key.decode(): row for key, row in self.store.page(b"", 10)} == self.changelog

    def teardown(self) -> None:
        super().teardown()
        self.disk.close()
        self.scratch.__exit__(None, None, None)


TestRows: Any = Model.TestCase
TestRows.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestStoredRows: Any = StoredModel.TestCase
TestStoredRows.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_an_object_stays_the_same_between_checkpoints(fresh: Fresh) -> None:
    rows = fresh()
    rows.restore(encoded(1))
    assert rows.get("00001") is rows.get("00001")
    assert written(rows) == {}
    assert rows.get("00001") == Row(1)


def test_a_look_does_not_bring_to_life(fresh: Fresh) -> None:
    """Readers of many rows leave them at rest: two looks see two objects."""
    rows = fresh()
    rows.restore(encoded(1))
    assert rows.peek("00001") == Row(1)
    assert rows.peek("00001") is not rows.peek("00001")


def test_nothing_is_written_that_did_not_change(fresh: Fresh) -> None:
    rows = fresh()
    rows.restore(encoded(1, 2))
    assert rows.get("00001") == Row(1)
    assert rows.at_rest("00002") is not None
    assert written(rows) == {}
    rows.changed("00001")
    assert list(written(rows)) == ["00001"]
    assert written(rows) == {}


@pytest.mark.parametrize("pause", [1, 250, 999])
def test_a_walk_sees_all_that_stays(fresh: Fresh, pause: int) -> None:
    """Over several pages, while rows come, change and go, and checkpoints commit."""
    rows, there = fresh(), range(0, 5 * stored.PAGE, 2)
    rows.restore(encoded(*there))
    rows.lay("early", msgspec.msgpack.encode(Row(1)))
    walk, seen = rows.walk(), []
    for turn in count():
        some = list(islice(walk, pause))
        if not some:
            break
        seen += some
        rows.lay(f"{turn * 2 % 5000 + 1:05}", msgspec.msgpack.encode(Row(2)))
        rows.lay(f"{turn * 400 % 5000:05}", msgspec.msgpack.encode(Row(3)))
        rows.delete(f"{4998 - turn * 50:05}" if turn < 5 else "00001")
        written(rows)
        if turn % 2:
            rows.committed()
    assert len(seen) == len(set(seen))
    stayed = {f"{number:05}" for number in there} - {f"{4998 - turn * 50:05}" for turn in range(5)}
    assert stayed | {"early"} <= set(seen)


def test_what_is_laid_is_measured_until_it_is_written(fresh: Fresh) -> None:
    """Each row as it is now, however often it has changed."""
    rows = fresh()
    rows.lay("a", b"x" * 100)
    rows.lay("b", b"x" * 30)
    rows.lay("a", b"x" * 120)
    assert rows.laid == 150
    written(rows)
    assert rows.laid == 0
    rows.lay("a", b"x" * 70)
    assert rows.laid == 70
    assert rows.touched == 0
    rows.put("c", Row(1))
    assert rows.touched == 1
