"""What is left of forgotten entities."""

import random

import pytest

from streams.state import forgotten
from streams.state.forgotten import ERASED, Forgotten, Trace
from streams.state.rows import Rows


def found() -> tuple[Forgotten, Rows[bytes]]:
    rows = Rows[bytes](bytes)
    return Forgotten("parcels", rows), rows


def test_a_trace_is_found_by_the_subject_alone() -> None:
    traces, _ = found()
    assert traces.find("P1") is None
    traces.add("P1", Trace(17, True))
    traces.add("P2", Trace(0, False))
    traces.add("P3", Trace(ERASED, True))
    assert [traces.find(name) for name in ("P1", "P2", "P3", "P4")] == [
        Trace(17, True),
        Trace(0, False),
        Trace(ERASED, True),
        None,
    ]


def test_who_was_forgotten_twice_has_the_newest_trace() -> None:
    traces, _ = found()
    traces.add("P1", Trace(30, False))
    traces.add("P1", Trace(20, True))
    assert traces.find("P1") == Trace(30, True)


def test_sixteen_bytes_are_kept_of_each_and_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgotten, "RECENT", 100)
    chance, (traces, rows) = random.Random(1), found()
    known = {f"P{number}": Trace(chance.randrange(2**50), chance.random() < 0.5) for number in range(3_000)}
    for name, trace in known.items():
        traces.add(name, trace)
    written: dict[str, bytes | None] = {}
    rows.write(lambda key, row: written.__setitem__(key.decode(), row))
    assert 16 * 3_000 <= sum(len(row or b"") for row in written.values()) < 17 * 3_000
    fresh = Rows[bytes](bytes)
    fresh.restore(written)
    again = Forgotten("parcels", fresh)
    again.restore()
    for each in (traces, again):
        assert {name: each.find(name) for name in known} == known
        assert each.find("P3000") is None
        assert len(each) == 3_000
    again.add("P3000", Trace(5, True))
    assert again.find("P3000") == Trace(5, True)
    assert again.find("P2999") == known["P2999"]


def test_domains_share_a_table_and_are_apart() -> None:
    traces, rows = found()
    traces.add("P1", Trace(1, True))
    other = Forgotten("pages", rows)
    other.restore()
    assert other.find("P1") is None
