"""Vectors as they are used, in machine code where it was compiled, beside the Python they must be like."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import compiled
from streams.windows import vector as used
from tests.compiled.reference import reference

NAME = "streams.windows.vector"
LARGEST = (1 << 63) - 1


python = reference(NAME)
numbers = st.one_of(st.integers(-3, 3), st.integers(-(1 << 40), 1 << 40))
places = st.one_of(st.integers(0, 12), st.integers(0, 3000), st.integers(0, 1 << 50))
signs = st.sampled_from([1, -1])
slots = st.dictionaries(places, numbers, max_size=60)


def test_machine_code_is_used_where_it_was_compiled() -> None:
    assert NAME in compiled.NATIVE
    assert isinstance(used.Vector, type)
    assert issubclass(used.Vector, Mapping) is not compiled.active()


@settings(max_examples=100, deadline=None)
@given(st.lists(slots, max_size=6), slots)
def test_they_add_up_alike(parts: list[dict[int, int]], begun: dict[int, int]) -> None:
    one, other = used.Vector(begun), python.Vector(begun)
    for part in parts:
        one.merge(used.Vector(part))
        other.merge(part)
        assert one == dict(other)
        assert (len(one), bool(one), sorted(one.items())) == (len(other), bool(other), sorted(other.items()))
        assert sorted(one.keys()) == sorted(one) == sorted(other)
        assert all(one[slot] == one.get(slot) == number and slot in one for slot, number in other.items())
    copy = one.copy()
    copy.merge({5: 1})
    assert one == dict(other), "a copy is one of its own"


@settings(max_examples=100, deadline=None)
@given(slots)
def test_they_are_encoded_as_msgspec_does_it(of: dict[int, int]) -> None:
    encoded = used.Vector(of).encode()
    there = {slot: number for slot, number in of.items() if number}
    assert msgspec.msgpack.decode(encoded, type=dict[int, int]) == there
    assert dict(used.Vector.decode(encoded)) == dict(python.Vector.decode(encoded)) == there
    assert used.Vector.decode(msgspec.msgpack.encode(there)) == there


@pytest.mark.parametrize("number", [0, 1, -1, -32, -33, 127, 128, 255, 256, -128, -129, 65535, 65536, -32769])
@pytest.mark.parametrize("shift", [0, 16, 31, 32, 45])
def test_integers_of_all_sizes(number: int, shift: int) -> None:
    of = {abs(number << shift): number << shift or 1, 3: LARGEST, 4: -LARGEST}
    assert used.Vector.decode(used.Vector(of).encode()) == of


@pytest.mark.parametrize(
    "broken", [b"", b"\x01", b"\x81", b"\x81\x01", b"\x81\x01\x02\x03", b"\xdf\xff\xff\xff\xff\x01"]
)
def test_what_is_no_map_of_integers_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        used.Vector.decode(broken)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(places, numbers), max_size=3), st.integers(0, 255), st.sampled_from([1, -1])
        )
    )
)
def test_observations_are_added_alike(seen: list[tuple[list[tuple[int, int]], int, int]]) -> None:
    one, other = [used.Vector(), used.Vector({7: 7})], [python.Vector(), python.Vector({7: 7})]
    for additions, metric, sign in seen:
        used.observe(one, tuple(additions), metric, sign)
        python.observe(other, tuple(additions), metric, sign)
    assert [dict(vector) for vector in one] == [dict(vector) for vector in other]


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), numbers), max_size=20))
def test_panes_are_found_alike(seen: list[tuple[int, int]]) -> None:
    one: list[dict[int, Any]] = [{}, {}, {}]
    other: list[dict[int, Any]] = [{}, {}, {}]
    for second, number in seen:
        used.observe(used.vectors_at(one, [60, 900, 7], second), ((0, number),), 1, 1)
        python.observe(python.vectors_at(other, [60, 900, 7], second), ((0, number),), 1, 1)
    assert [{at: dict(vector) for at, vector in panes.items()} for panes in one] == [
        {at: dict(vector) for at, vector in panes.items()} for panes in other
    ]


@given(st.dictionaries(st.integers(-(2**40), 2**40), slots, max_size=20))
def test_maps_of_them_are_encoded_as_msgspec_does_it(of: dict[int, dict[int, int]]) -> None:
    there = {key: {slot: n for slot, n in each.items() if n} for key, each in of.items()}
    encoded = used.encode_map({key: used.Vector(each) for key, each in of.items()})
    assert encoded == msgspec.msgpack.encode(there)
    assert encoded == python.encode_map({key: python.Vector(each) for key, each in of.items()})


@settings(max_examples=100, deadline=None)
@given(st.lists(slots, max_size=5), st.booleans())
def test_parts_are_added_to_alike(added: list[dict[int, int]], plain: bool) -> None:
    one: dict[int, Any] = {}
    other: dict[int, Any] = {}
    for each in added:
        there = {slot: number for slot, number in each.items() if number}
        given_: Any = there if plain else used.Vector(there)
        assert used.add_to(one, given_) == python.add_to(other, there)
    assert {metric: dict(part) for metric, part in one.items()} == {
        metric: dict(part) for metric, part in other.items()
    }


@settings(max_examples=200, deadline=None)
@given(slots, st.integers(0, 5), st.booleans())
def test_ranks_are_found_alike(of: dict[int, int], first: int, plain: bool) -> None:
    percents = (50, 90, 95, 99)
    count, found = used.ranked(of if plain else used.Vector(of), first, percents)
    expected, reference = python.ranked(python.Vector(of), first, percents)
    assert (max(0, count), found) == (max(0, expected), reference)


def test_a_number_that_outgrows_its_bits_is_refused() -> None:
    """The sums of metrics are in two parts so that none does."""
    vector = used.Vector({1: LARGEST})
    with pytest.raises((OverflowError, ValueError)):
        vector.merge({1: LARGEST})
        vector.merge({1: LARGEST})
        used.Vector.decode(vector.encode())
