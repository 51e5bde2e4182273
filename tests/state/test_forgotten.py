"""What is left of forgotten entities."""

import random
from hashlib import blake2b

import msgspec
import pytest

from streams.state import forgotten
from streams.state.forgotten import ERASED, Forgotten, Trace
from streams.state.rows import Rows

KEY = b"a key that the group has"


def found() -> tuple[Forgotten, Rows[bytes]]:
    rows = Rows[bytes](bytes)
    return Forgotten("parcels", rows, KEY), rows


def as_written(rows: Rows[bytes]) -> dict[str, bytes | None]:
    written: dict[str, bytes | None] = {}
    rows.write(lambda key, row: written.__setitem__(key.decode(), row))
    return written


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
    written = as_written(rows)
    assert 16 * 3_000 <= sum(len(row or b"") for row in written.values()) < 17 * 3_000
    fresh = Rows[bytes](bytes)
    fresh.restore(written)
    again = Forgotten("parcels", fresh, KEY)
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
    other = Forgotten("pages", rows, KEY)
    other.restore()
    assert other.find("P1") is None


def test_who_reads_a_row_without_the_key_cannot_try_ids() -> None:
    pages = set[bytes | None]()
    for domain, key in (("parcels", KEY), ("parcels", b"another"), ("pages", KEY)):
        rows = Rows[bytes](bytes)
        Forgotten(domain, rows, key).add("P1", Trace(ERASED, True))
        (page,) = as_written(rows).values()
        assert page is not None
        assert plain("P1") not in page
        pages.add(page)
    assert len(pages) == 3, "nor see that one of them is the other"


def test_pages_of_former_releases_are_read_and_replaced() -> None:
    known = {f"P{number}": Trace(number, number % 2 == 0) for number in range(700)}
    rows, pages = Rows[bytes](bytes), dict[str, bytes | None]()
    for page in range(3):
        few = list(known.items())[page * 256 : (page + 1) * 256]
        row = (plain(name) + (trace.newest << 1 | trace.by_events).to_bytes(8) for name, trace in few)
        pages[f"parcels|{page}"] = msgspec.msgpack.encode(b"".join(row))
    rows.restore(pages)
    traces = Forgotten("parcels", rows, KEY)
    traces.restore()
    traces.add("P700", Trace(1, True))
    written = as_written(rows)
    assert {name for name, page in written.items() if page is None} == pages.keys()
    kept = {name: page for name, page in written.items() if page is not None}
    assert 16 * 701 <= sum(map(len, kept.values())) < 17 * 701
    assert not any(plain(name) in page for name in known for page in kept.values())
    fresh = Rows[bytes](bytes)
    fresh.restore(dict(kept))
    again = Forgotten("parcels", fresh, KEY)
    again.restore()
    for each in (traces, again):
        assert {name: each.find(name) for name in known} == known
        assert each.find("P700") == Trace(1, True)
        assert each.find("P701") is None


def plain(name: str) -> bytes:
    """The digest that they kept."""
    return blake2b(name.encode(), digest_size=8).digest()
