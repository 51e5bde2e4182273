"""Labels: missing values, ones that may not be shown, and ones beyond the bound; sums stay exact."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.catalogue import Family
from streams.windows.labels import LONGEST, Labels

FAMILY = Family("f", ("size",), ((), ("size",)))
OTHER_FAMILY = Family("g", ("size", "hub"), ((),))


def label(labels: Labels, value: str | None) -> str:
    (found,) = labels(FAMILY, (value,))
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
    remembered: list[tuple[str, str]] = []
    labels = Labels(2, lambda dimension, value: remembered.append((dimension, value)))
    for value in before:
        label(labels, value)
    again = Labels(2)
    for dimension, value in remembered:
        again.restore(dimension, value)
    assert [label(again, value) for value in after] == [label(labels, value) for value in after]


def test_dimensions_are_bounded_each_for_itself_and_over_all_families() -> None:
    labels = Labels(1)
    assert labels(OTHER_FAMILY, ("a", "a")) == ("a", "a")
    assert labels(OTHER_FAMILY, ("b", "b")) == ("other", "other")
    assert label(labels, "a") == "a"
    assert label(labels, "b") == "other"


def test_without_a_bound_all_are_admitted() -> None:
    labels = Labels()
    assert [label(labels, str(number)) for number in range(50)] == [str(number) for number in range(50)]
