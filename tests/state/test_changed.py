"""Which fields have changed: machine code, where it was compiled, is like the Python beside it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, defstruct

from streams.state import changed as used
from tests.compiled.reference import reference

python = reference("streams.state.changed")
both = pytest.mark.parametrize("changed_fields", [used.changed_fields, python.changed_fields])


class Short(Struct):
    first: Any = None
    second: Any = ()


class Longer(Short):
    third: Any = 0


def wide(fields: int) -> type[Struct]:
    return defstruct(f"Wide{fields}", [(f"field{number}", Any, None) for number in range(fields)])


@both
def test_fields_of_what_is_inherited_come_first(changed_fields: Callable[[Any, Any], int]) -> None:
    assert changed_fields(Short(), Short()) == 0
    assert changed_fields(Longer(), Longer(first=1)) == 0b001
    assert changed_fields(Longer(), Longer(second=None, third=1)) == 0b110


@both
def test_an_equal_object_is_another_one(changed_fields: Callable[[Any, Any], int]) -> None:
    one, other = ("a", "b"), tuple("ab")
    assert changed_fields(Short(one), Short(other)) == 0b01
    assert changed_fields(Short(one), Short(one)) == 0


@given(st.sampled_from([0, 1, 7, 8, 9, 31, 62, 63, 64, 65, 130]), st.data())
def test_both_find_the_same(fields: int, data: st.DataObject) -> None:
    type_ = wide(fields)
    others = data.draw(st.sets(st.integers(0, fields - 1))) if fields else set()
    before, after = type_(), type_()
    for number in others:
        setattr(after, f"field{number}", object())
    expected = sum(1 << number for number in others)
    assert used.changed_fields(before, after) == expected
    assert python.changed_fields(before, after) == expected


@both
@pytest.mark.parametrize("two", [(Short(), Longer()), (1, 2), ("a", "b"), (None, Short())])
def test_what_is_refused(changed_fields: Callable[[Any, Any], int], two: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError, match="expected two"):
        changed_fields(*two)
