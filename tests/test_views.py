"""Views: rows of figures by the values of a dimension, their groups and ranks."""

from typing import Any

from streams.catalogue import Metric
from streams.views import Row, View, rows
from streams.windows.cells import Part, Series
from tests.parcels import FAMILY, WORLD

VIEW = View("hubs", "hub", "size", ("direct", "travel_time", "none_such"))
DAY, NEXT = ("day", 0), ("day", 86_400)
DIRECT = next(metric for metric in WORLD.metrics if metric.name == "direct")
SENT = next(metric for metric in WORLD.metrics if metric.name == "parcels_sent")


def part(met: int, of: int, pane: Any = DAY, metric: Metric = DIRECT, **dimensions: str) -> Part:
    return Part(metric, Series(FAMILY, "", dimensions, ()), pane, {0: of, 1: met})


def parts(hub: str, met: int, of: int, size: str = "L") -> list[Part]:
    return [part(met, of, hub=hub), part(met, of, hub=hub, size=size)]


def ranked(*told: list[Part], few: int = 1, better: bool | None = True) -> list[tuple[str, int | None]]:
    metric = Metric(**{**DIRECT.__dict__, "more_is_better": better})
    found = rows(VIEW, [each for several in told for each in several], few, metric)
    return [(row.name, row.rank) for row in found]


def names(found: list[Row]) -> list[tuple[Any, str]]:
    return [(row.pane, row.name) for row in found]


def test_only_what_is_shown_is_computed() -> None:
    catalogue = VIEW.catalogue(WORLD)
    assert [metric.name for metric in catalogue.metrics] == ["travel_time", "direct"]
    assert {family.sets for family in catalogue.families} == {(("hub",), ("size", "hub"))}


def test_a_row_for_each_value_and_pane_those_without_a_name_last() -> None:
    told = [*parts("unknown", 1, 2), *parts("Z", 1, 2), *parts("A", 1, 2)]
    told += [part(1, 1, NEXT, hub="A"), part(1, 1, NEXT, hub="A", size="S")]
    found = rows(VIEW, told, few=1)
    assert names(found) == [(DAY, "A"), (DAY, "Z"), (DAY, "unknown"), (NEXT, "A")]
    assert [row.rank for row in found] == [None] * 4


def test_a_figure_has_its_interval_and_says_when_few_stand_behind_it() -> None:
    told = [*parts("A", 8, 10), part(0, 3, metric=SENT, hub="A"), part(0, 3, metric=SENT, hub="A", size="L")]
    (row,) = rows(VIEW, told, few=11)
    shown = row.figures["direct"]
    assert (shown.value, shown.count, shown.few) == (0.8, 10, True)
    assert shown.low is not None and shown.high is not None
    assert (round(shown.low, 4), round(shown.high, 4)) == (0.4902, 0.9433)
    assert not row.figures["parcels_sent"].few, "a count is never too small"
    assert not rows(VIEW, told, few=10)[0].figures["direct"].few


def test_the_group_is_the_one_of_most_observations() -> None:
    told = [part(0, 9, hub="A"), part(0, 4, hub="A", size="S"), part(0, 5, hub="A", size="L")]
    assert rows(VIEW, told, few=1)[0].group == "L"
    tie = [part(0, 8, hub="A"), part(0, 4, hub="A", size="S"), part(0, 4, hub="A", size="L")]
    assert rows(VIEW, tie, few=1)[0].group == "L"


def test_ranks_are_within_the_group_and_equal_ones_share_one() -> None:
    told = parts("A", 9, 10), parts("B", 5, 10), parts("C", 18, 20), parts("D", 1, 10), parts("E", 1, 9, "S")
    assert ranked(*told) == [("A", 1), ("B", 3), ("C", 1), ("D", 4), ("E", 1)]
    assert ranked(*told, better=False) == [("A", 3), ("B", 2), ("C", 3), ("D", 1), ("E", 1)]


def test_too_few_and_nobody_have_no_rank() -> None:
    told = parts("A", 9, 10), parts("B", 9, 9), parts("unknown", 20, 20), parts("other", 20, 20)
    assert ranked(*told, few=10) == [("A", 1), ("B", None), ("other", None), ("unknown", None)]
