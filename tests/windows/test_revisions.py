"""Revisions of consecutive panes: what was put for each, in few numbers."""

from hypothesis import given
from hypothesis import strategies as st

from streams.windows.revisions import Revisions


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=40))
def test_they_say_what_was_put(puts: list[tuple[int, int]]) -> None:
    revisions, known = Revisions([], []), dict[int, int]()
    for pane, number in puts:
        revisions.put(10 * pane, 10 * pane + 10, number)
        known[pane] = number
        assert [revisions.at(10 * pane) for pane in range(14)] == [known.get(pane, 0) for pane in range(14)]
        assert revisions.starts == sorted(set(revisions.starts))
        assert all(
            one != other for one, other in zip([0, *revisions.numbers], revisions.numbers, strict=False)
        )
        told = [10 * pane for pane, number in known.items() if number]
        assert revisions.starts[:1] == sorted(told)[:1]
        assert not told or revisions.starts[-1] == max(told) + 10
        for pane in range(14):
            assert revisions.next(10 * pane) == min((at for at in told if at >= 10 * pane), default=None)


def test_panes_with_the_same_take_no_more_room() -> None:
    revisions = Revisions([], [])
    for pane in range(1000):
        revisions.put(pane, pane + 1, 1)
        revisions.put(pane, pane + 1, 2)
    assert (revisions.starts, revisions.numbers) == ([0, 1000], [2, 0])
