"""Whether kept events may hold one: machine code, where it was compiled, is like the Python beside it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.state import kept as used
from tests.compiled.reference import reference

python = reference("streams.state.kept")
lengths = st.sampled_from([0, 1, 31, 32, 33, 255, 256, 257, 600, 65_535, 65_536])
texts = st.one_of(
    st.text(max_size=6), st.builds(lambda length, sign: sign * length, lengths, st.sampled_from("aé😀"))
)
events = st.lists(st.tuples(st.integers(0, 9), texts, texts), max_size=4)


def encoded(told: list[tuple[int, str, str]]) -> bytes:
    return b"".join(map(msgspec.msgpack.encode, told))


@given(events)
def test_what_is_there_is_found(told: list[tuple[int, str, str]]) -> None:
    kept = encoded(told)
    for _, source, id_ in told:
        assert used.may_hold(kept, source, id_)
        assert python.may_hold(kept, source, id_)


@given(events, texts, texts)
def test_both_find_the_same(told: list[tuple[int, str, str]], source: str, id_: str) -> None:
    kept = encoded(told)
    assert used.may_hold(kept, source, id_) == python.may_hold(kept, source, id_)


@pytest.mark.parametrize(
    ("source", "id_"), [("/desk", "1"), ("/des", "k1"), ("", "/desk11"), ("/desk", "111")]
)
def test_what_is_not_there_is_not_found(source: str, id_: str) -> None:
    assert not used.may_hold(encoded([(0, "/desk", "11"), (1, "/chat", "1")]), source, id_)
