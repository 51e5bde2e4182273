"""From the finest panes to all panes, and from cells to figures."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.windows.cells import SeriesNames, expand, joined, split
from streams.windows.panes import KINDS, PUBLISHED, Calendar
from streams.windows.series import dimensions_of, dimensions_text, figure_key
from streams.windows.vector import WIDTH, Vector
from tests.parcels import FAMILY, WORLD

STARTS = st.integers(29_000_000, 29_100_000).map(lambda minute: minute * 60)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])


@given(st.dictionaries(STARTS, st.dictionaries(st.integers(0, 3), st.integers(-5, 5)), max_size=12), ZONES)
def test_each_pane_holds_the_sum_of_the_minutes_in_it(panes: dict[int, dict[int, int]], zone: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    expected: dict[tuple[str, int], dict[int, int]] = {}
    for start, slots in panes.items():
        for kind in KINDS:
            cell = expected.setdefault((kind, calendar.start(kind, start)), {})
            for slot, number in slots.items():
                cell[slot] = cell.get(slot, 0) + number
    came = {start: Vector(slots) for start, slots in panes.items()}
    before = {start: slots.copy() for start, slots in came.items()}
    assert expand(came, KINDS, calendar) == {pane: Vector(slots) for pane, slots in expected.items()}
    assert came == before, "what came in is left as it was"


def test_coarse_series_have_no_minutes() -> None:
    calendar = Calendar()
    found = expand({900: Vector({0: 1}), 1800: Vector({0: 2})}, PUBLISHED, calendar)
    assert found == {("hour", 0): {0: 3}, ("day", 0): {0: 3}, ("month", 0): {0: 3}, ("total", 0): {0: 3}}


@pytest.mark.parametrize(
    ("name", "dimensions", "minutes"),
    [
        ("parcels|", {}, True),
        ("parcels|size=L", {"size": "L"}, True),
        ("parcels|hub=a%7Cb%3D", {"hub": "a|b="}, False),
    ],
)
def test_names_of_series_are_read_back(name: str, dimensions: dict[str, str], minutes: bool) -> None:
    series = SeriesNames(WORLD).read(name)
    assert (series.family, series.dimensions) == (FAMILY, dimensions)
    assert ("minute" in series.kinds) is minutes


def test_series_without_minutes_anybody_looks_at_have_none() -> None:
    names = SeriesNames(WORLD.adjusted(frozenset(), frozenset({frozenset()})))
    assert "minute" in names.read("parcels|").kinds
    assert "minute" not in names.read("parcels|size=L").kinds


@given(st.dictionaries(st.sampled_from(["a", "size", "z"]), st.text(min_size=1), max_size=3))
def test_dimensions_are_told_without_doubt(dimensions: dict[str, str]) -> None:
    told = dimensions_text(dimensions)
    assert dimensions_of(told) == dimensions
    assert figure_key("m", told, "hour", "s").split("|") == ["m", told, "hour", "s"]
    assert [part.split("=")[0] for part in told.split(",") if part] == sorted(dimensions)


def test_slots_of_a_cell_are_those_of_its_metrics() -> None:
    slots = {7: 1, 1 << WIDTH | 7: 2, 3: 4, 5 << WIDTH | 3: -6}
    assert split(slots) == {7: {0: 1, 1: 2}, 3: {0: 4, 5: -6}}
    assert joined(split(slots)) == slots
