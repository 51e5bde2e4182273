"""The leaf nets a checkpoint's observations: what travels equals adding each to each of its cells."""

from itertools import chain, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.catalogue import CATALOGUE
from streams.catalogue import Catalogue, Family, Observation
from streams.windows.cells import SeriesNames, expand
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.panes import Calendar
from streams.windows.steps import merge
from streams.windows.vector import WIDTH
from tests.parcels import WORLD
from tests.windows.observed import Cells, Seen, one_by_one, seen, some_value

CALENDAR = Calendar(ZoneInfo("Asia/Kolkata"))
SENT, TRAVEL = WORLD.metrics[:2]

CATALOGUES = {
    "plain": WORLD,
    "without hubs": WORLD.adjusted(frozenset({"hub"}), frozenset({frozenset(), frozenset({"size"})})),
    "minutes of the total alone": WORLD.adjusted(frozenset(), frozenset({frozenset()})),
    "no minutes": WORLD.adjusted(frozenset(), frozenset()),
}


def netted(catalogue: Catalogue, parts: list[list[Seen]]) -> Cells:
    """The cells after so many checkpoints."""
    leaf, names, cells = Leaf(catalogue, Labels()), SeriesNames(catalogue), dict[tuple[str, str, int], Any]()
    for part in parts:
        for metric, observation, sign in part:
            leaf.add(metric, (observation,), sign)
        for name, panes in leaf.project().items():
            for (kind, start), slots in expand(panes, names.read(name).kinds, CALENDAR).items():
                merge(cells.setdefault((name, kind, start), {}), slots)
    left = {place: {slot: n for slot, n in slots.items() if n} for place, slots in cells.items()}
    return {place: slots for place, slots in left.items() if slots}


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)
def test_netting_equals_adding_one_by_one(catalogue: Catalogue) -> None:
    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.lists(seen(catalogue), max_size=15), max_size=3))
    def law(parts: list[list[Seen]]) -> None:
        assert netted(catalogue, parts) == one_by_one(catalogue, list(chain(*parts)), CALENDAR)

    law()


@given(st.lists(seen(), max_size=20))
@settings(deadline=None, max_examples=40)
def test_what_is_added_and_taken_back_never_travels(many: list[Seen]) -> None:
    leaf = Leaf(WORLD, Labels())
    for metric, observation, sign in many:
        leaf.add(metric, (observation,), sign)
    for metric, observation, sign in reversed(many):
        leaf.add(metric, (observation,), -sign)
    assert leaf.project() == {}


def test_the_leaf_is_empty_afterwards() -> None:
    leaf = Leaf(WORLD, Labels())
    leaf.add(SENT, (Observation(0, ("L", None), 1),), 1)
    assert leaf.project()
    assert leaf.project() == {}


def test_series_are_named_by_family_and_dimensions() -> None:
    leaf = Leaf(WORLD, Labels())
    leaf.add(SENT, (Observation(0, ("a|b=c,d%", None), 1),), 1)
    assert sorted(leaf.project()) == ["parcels|", "parcels|hub=unknown", "parcels|size=a%7Cb%3Dc%2Cd%25"]


def test_the_parts_of_a_set_sum_to_its_whole() -> None:
    leaf = Leaf(WORLD, Labels(admitted=1))
    for size in ("a", "b", None, "a"):
        leaf.add(SENT, (Observation(0, (size, None), 1),), 1)
    projected = {name: panes[0][0] for name, panes in leaf.project().items()}
    assert projected == {
        "parcels|": 4,
        "parcels|size=a": 2,
        "parcels|size=other": 1,
        "parcels|size=unknown": 1,
        "parcels|hub=unknown": 4,
    }


def test_anomalies_and_retractions_are_counted() -> None:
    leaf = Leaf(WORLD, Labels())
    leaf.add(TRAVEL, (Observation(0, (None, None), -1), Observation(0, (None, None), 1)), 1)
    leaf.add(TRAVEL, (Observation(0, (None, None), -1), Observation(0, (None, None), 1)), -1)
    assert leaf.anomalies == {"travel_time": 1}
    assert leaf.retractions == {"travel_time": 1}
    assert leaf.project() == {}


@pytest.mark.parametrize("family", CATALOGUE.families, ids=lambda family: family.name)
def test_every_dimension_set_of_the_catalogue_gets_what_it_should(family: Family) -> None:
    """Each combination of two labels a dimension once: every series of a set holds an equal share."""
    metric = next(metric for metric in CATALOGUE.metrics if metric.family is family)
    value = some_value(metric.kind)
    leaf, number = Leaf(CATALOGUE, Labels()), CATALOGUE.numbers[metric.name]
    (slot, times), *_ = metric.kind.additions(value)
    for labels in product("ab", repeat=len(family.dimensions)):
        leaf.add(metric, (Observation(0, labels, value),), 1)
    found = {
        name: sum(slots.get(slot << WIDTH | number, 0) for slots in panes.values())
        for name, panes in leaf.project().items()
    }
    total = times * 2 ** len(family.dimensions)
    assert len(found) == sum(2 ** len(names) for names in family.sets)
    for name, share in found.items():
        dimensions = name.split("|")[1]
        assert share == total // 2 ** (len(dimensions.split(",")) if dimensions else 0)
