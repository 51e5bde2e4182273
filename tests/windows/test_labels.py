"""Labels: missing values, ones that may not be shown, and ones beyond the bound; sums stay exact."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.catalogue import Family, Observation
from streams.windows.admission import Admission
from streams.windows.labels import LONGEST, Labels
from streams.windows.leaf import Leaf
from streams.windows.steps import merge
from tests.parcels import WORLD

FAMILY = Family("f", ("size",), ((), ("size",)))
OTHER_FAMILY = Family("g", ("size", "hub"), ((),))


def label(labels: Labels, value: str | None, second: int = 0) -> str:
    ((found,), _) = labels(FAMILY, (value,), second)
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "unknown"),
        ("", "unknown"),
        ("L", "L"),
        (" ", " "),
        ("a|b=c,d%", "a|b=c,d%"),
        ("日本語", "日本語"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), "other"),
        ("a\nb", "other"),
        ("a\x00", "other"),
        ("\u2028", "other"),
        ("\x7f", "other"),
    ],
)
def test_values_become_labels(value: str | None, expected: str) -> None:
    assert label(Labels(), value) == expected


@given(st.lists(st.sampled_from([None, "a", "b", "c", "d", "e"])), st.integers(1, 4))
def test_beyond_the_bound_values_count_as_other_and_nothing_is_lost(
    values: list[str | None], bound: int
) -> None:
    labels = Labels(bound)
    counts = Counter(label(labels, value) for value in values)
    seen = list(dict.fromkeys(value for value in values if value))
    exact = Counter(value or "unknown" for value in values)
    for value in seen[:bound]:
        assert counts[value] == exact[value]
    assert counts["other"] == sum(exact[value] for value in seen[bound:])
    assert counts.total() == len(values)


@given(st.lists(st.sampled_from("abcdef")), st.integers(1, 4))
def test_a_value_has_one_label_for_ever(values: list[str], bound: int) -> None:
    """So what is taken back is taken from where it was added."""
    labels = Labels(bound)
    first = {value: label(labels, value) for value in values}
    assert {value: label(labels, value) for value in reversed(values)} == first


@given(st.lists(st.sampled_from("abcdef"), max_size=20), st.lists(st.sampled_from("abcdef"), max_size=20))
def test_what_is_admitted_is_part_of_the_state(before: list[str], after: list[str]) -> None:
    remembered: dict[str, Admission] = {}
    labels = Labels(2, remembered.__setitem__)
    for value in before:
        label(labels, value)
    again = Labels(2)
    for key, row in remembered.items():
        again.restore(key, row)
    assert [label(again, value) for value in after] == [label(labels, value) for value in after]


def test_dimensions_are_bounded_each_for_itself_and_over_all_families() -> None:
    labels = Labels(1)
    assert labels(OTHER_FAMILY, ("a", "a"), 0) == (("a", "a"), True)
    assert labels(OTHER_FAMILY, ("b", "b"), 0) == (("other", "other"), False)
    assert label(labels, "a") == "a"
    assert label(labels, "b") == "other"


def test_without_a_bound_all_are_admitted() -> None:
    labels = Labels()
    assert [label(labels, str(number)) for number in range(50)] == [str(number) for number in range(50)]


DAY = 86_400
KEPT = 7 * DAY


class TestPlaces:
    """A value takes a place until its panes of hours and days are gone."""

    @pytest.fixture
    def labels(self) -> Labels:
        """One value has the only place, on day 0."""
        labels = Labels(1, kept=KEPT)
        labels.reach(0)
        assert label(labels, "a") == "a"
        return labels

    def test_it_is_free_when_the_value_has_not_been_used_for_so_long(self, labels: Labels) -> None:
        labels.reach(7 * DAY)
        assert label(labels, "b", 7 * DAY) == "other"
        labels.reach(10 * DAY)
        assert label(labels, "b", 10 * DAY) == "b"
        assert label(labels, "c", 10 * DAY) == "other", "the place is taken again"

    def test_a_use_renews_it(self, labels: Labels) -> None:
        labels.reach(5 * DAY)
        label(labels, "a", 0)
        labels.reach(10 * DAY)
        assert label(labels, "b", 10 * DAY) == "other"
        labels.reach(15 * DAY)
        assert label(labels, "b", 15 * DAY) == "b"

    def test_a_use_at_a_later_time_than_that_of_events_counts(self, labels: Labels) -> None:
        """What a year's contract adds to its end has panes for so long."""
        label(labels, "a", 365 * DAY)
        labels.reach(370 * DAY)
        assert label(labels, "b", 370 * DAY) == "other"
        labels.reach(375 * DAY)
        assert label(labels, "b", 375 * DAY) == "b"

    def test_a_value_keeps_its_name_without_a_place_and_takes_one_again(self, labels: Labels) -> None:
        labels.reach(10 * DAY)
        assert label(labels, "b", 10 * DAY) == "b"
        assert label(labels, "a", 0) == label(labels, "a", 10 * DAY) == "a"
        labels.reach(19 * DAY)
        label(labels, "a", 19 * DAY)
        labels.reach(20 * DAY)
        assert label(labels, "c", 20 * DAY) == "other", "the place is still taken: by the first"
        assert label(labels, "b", 20 * DAY) == "b"

    def test_without_an_end_of_panes_no_place_comes_free(self) -> None:
        labels = Labels(1)
        label(labels, "a")
        labels.reach(10_000 * DAY)
        assert label(labels, "b") == "other"

    def test_who_was_counted_as_other_is_named_only_after_it(self, labels: Labels) -> None:
        assert label(labels, "b", 11 * DAY + 5) == "other"
        labels.reach(10 * DAY)
        assert [label(labels, "b", at) for at in (0, 10 * DAY, 11 * DAY + 5, 12 * DAY - 1)] == ["other"] * 4
        assert label(labels, "b", 12 * DAY) == "b"
        assert label(labels, "b", 11 * DAY + 5) == "other", "whenever it is looked up"
        assert labels.overflowed == 6

    def test_while_nobody_was_new_values_are_named_at_all_times(self, labels: Labels) -> None:
        labels.reach(10 * DAY)
        assert labels(FAMILY, ("a",), 0) == (("a",), True)
        assert Labels(2)(FAMILY, ("b",), -5) == (("b",), True)


VALUES = "abcdef"
TIMES = st.integers(-3 * DAY, 40 * DAY)
"""Of observations, after the day that it is: also far ahead."""

LIFE = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(VALUES), TIMES),
        st.tuples(st.just("add"), st.sampled_from(VALUES), st.integers(-DAY, DAY)),
        st.tuples(st.just("take back"), st.integers(0, 1000), st.just(0)),
        st.tuples(st.just("pass"), st.sampled_from((1, 2, 5, 9, 30)), st.just(0)),
        st.tuples(st.sampled_from(("checkpoint", "crash")), st.just(0), st.just(0)),
    ),
    max_size=80,
)
SENT = WORLD.metrics[0]


class Owner:
    """A leaf whose labels are kept with its checkpoints, and what all of them have come to."""

    def __init__(self) -> None:
        self.rows: dict[str, Admission] = {}
        self.cells: dict[tuple[str, int], dict[int, int]] = {}
        self.counted: list[Observation] = []
        self.day = 20_000
        self._open()

    def _open(self) -> None:
        self._changed: dict[str, Admission] = {}
        self.labels = Labels(2, self._changed.__setitem__, kept=KEPT)
        for key, row in self.rows.items():
            self.labels.restore(key, Admission(row.day, row.since))
        self.leaf = Leaf(WORLD, self.labels)
        self.leaf.reach(self.day * DAY)
        self._kept = list(self.counted)

    def live(self, step: str, what: Any, ahead: int) -> None:
        if step == "add":
            seen = Observation((self.day * DAY + ahead) * 1_000_000, (what, None), 1)
            self.counted.append(seen)
            self.leaf.add(SENT, (seen,), 1)
        elif step == "take back" and self.counted:
            self.leaf.add(SENT, (self.counted.pop(what % len(self.counted)),), -1)
        elif step == "pass":
            self.day += what
            self.leaf.reach(self.day * DAY)
        elif step == "checkpoint":
            self.checkpoint()
        elif step == "crash":
            self.counted = list(self._kept)
            self._open()

    def checkpoint(self) -> None:
        for name, panes in self.leaf.project().items():
            for start, slots in panes.items():
                merge(self.cells.setdefault((name, start), {}), slots)
        self.rows |= {key: Admission(row.day, row.since) for key, row in self._changed.items()}
        self._changed.clear()
        self._kept = list(self.counted)

    def left(self) -> dict[tuple[str, int], int]:
        return {place: n for place, slots in self.cells.items() for n in slots.values() if n}


def test_what_the_leaf_has_at_hand_is_used_too() -> None:
    owner = Owner()
    owner.live("add", "a", 0)
    owner.live("add", "b", 0)
    for _ in range(3):
        owner.live("pass", 6, 0)
        owner.live("add", "a", 0)
    for value in "cd":
        owner.live("add", value, 0)
    owner.checkpoint()
    assert {name for name, _ in owner.cells if "size" in name} == {
        f"parcels|size={label}" for label in ("a", "b", "c", "other")
    }


@settings(deadline=None, max_examples=300)
@given(LIFE, st.randoms(use_true_random=False))
def test_whatever_is_admitted_meanwhile_what_is_taken_back_leaves_nothing(life: Any, chance: Any) -> None:
    owner = Owner()
    for step in life:
        owner.live(*step)
    owner.checkpoint()
    assert min(owner.left().values(), default=1) > 0, "nothing is taken from where it was not added"
    assert sum(n for (name, _), n in owner.left().items() if name == "parcels|") == len(owner.counted)
    chance.shuffle(owner.counted)
    while owner.counted:
        owner.live("take back", 0, 0)
        if chance.random() < 0.1:
            owner.live("checkpoint", 0, 0)
        if chance.random() < 0.1:
            owner.live("pass", chance.randint(1, 20), 0)
    owner.checkpoint()
    assert owner.left() == {}


@settings(deadline=None, max_examples=100)
@given(LIFE)
def test_no_more_new_values_are_named_than_there_are_places(life: Any) -> None:
    """New ones: a value that comes back takes a place beyond the bound, if need be."""
    owner, uses = Owner(), dict[str, int]()
    for step, what, number in life:
        before = set(owner.rows) | set(owner._changed)
        owner.live(step, what, number)
        if step == "add":
            new = f"size|{what}" not in before and f"size|{what}" in owner._changed
            taken = [name for name, last in uses.items() if name != what and last + 10 > owner.day]
            assert not new or len(taken) < 2
            if f"size|{what}" in {*owner.rows, *owner._changed}:
                uses[what] = owner.day
        elif step == "crash":
            uses = {key.partition("|")[2]: row.day for key, row in owner.rows.items() if row.day}
