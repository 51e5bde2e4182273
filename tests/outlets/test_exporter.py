"""Figures for Prometheus: what a scrape shows of what this worker owns."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streams import moments
from streams.catalogue import Catalogue, Sets
from streams.outlets.exporter import FigureCollector
from streams.windows.levels import Remaining
from streams.windows.trailing import Trailing
from tests.parcels import WORLD, Post, event, plan
from tests.stock import STOCKED

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
SETS = frozenset({frozenset[str](), frozenset({"size"}), frozenset({"hub"})})


class Scraped:
    """A cluster whose partitions are exported by one worker."""

    def __init__(
        self, partitions: int = 1, shown: int = 100, world: Catalogue = WORLD, sets: Sets = SETS
    ) -> None:
        self.post = Post(replace(plan(partitions), catalogue=world), now=1_794_000_000_000)
        self.owned: dict[int, Trailing] = {}
        for partition in self.post.partitions:
            trailing = Trailing(
                world, self.post.plan.calendar, sets, partition.rollup.slots, partition.standings.standing
            )
            partition.rollup.watch = trailing.added
            self.owned[partition.number] = trailing
        self.registry = CollectorRegistry(auto_describe=False)
        self.collector = FigureCollector(world, shown, self.owned)
        self.registry.register(self.collector)

    def text(self) -> str:
        for number, trailing in self.owned.items():
            trailing.move(self.post.partitions[number].reached(self.post.now // 1000))
        return generate_latest(self.registry).decode()

    def samples(self, name: str, **labels: str) -> dict[tuple[str, ...], float]:
        """The samples of a name with these labels, by the values of their dimensions."""
        found = {}
        for family in text_string_to_metric_families(self.text()):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    rest = {
                        key: value
                        for key, value in sample.labels.items()
                        if key not in ("window", "by", *labels)
                    }
                    found[tuple(rest[key] for key in sorted(rest))] = sample.value
        return found


def test_with_nothing_there_is_nothing() -> None:
    assert Scraped().text() == ""


def test_a_count() -> None:
    scraped = Scraped()
    scraped.post.tell(event("parcel.sent", "09:00", size="L"), event("parcel.sent", "09:01", "P2", size="S"))
    assert scraped.samples("cx_parcels_sent", window="5m", by="") == {(): 2}
    assert scraped.samples("cx_parcels_sent", window="24h", by="size") == {("L",): 1, ("S",): 1}


def test_windows_come_back_with_a_clock_that_was_wrong_by_an_hour() -> None:
    scraped = Scraped()
    scraped.post.tell(event("parcel.sent", "09:00"), event("parcel.sent", "09:01", "P2"))
    at = moments.parse("2026-11-02T09:02:00Z")
    right = show_at(scraped, at)
    assert (right["5m"], right["1h"]) == (2, 2)
    for wrong in (moments.HOUR, -moments.HOUR):
        assert show_at(scraped, at + wrong) != right
        assert show_at(scraped, at) == right


def show_at(scraped: Scraped, clock: int) -> dict[str, float]:
    """What windows show when all is caught up at a time."""
    scraped.post.now = clock // 1000
    scraped.post.drain(clock)
    return {
        window: sum(scraped.samples("cx_parcels_sent", window=window, by="").values())
        for window in ("5m", "1h", "24h")
    }


def test_each_dimension_set_is_told_by_its_name() -> None:
    """A query picks exactly one: no board sums the total and its parts."""
    scraped = Scraped()
    scraped.post.tell(event("parcel.sent", "09:00", size="L"))
    text = scraped.text()
    assert 'cx_parcels_sent{by="",window="5m"} 1.0' in text
    assert 'cx_parcels_sent{by="size",size="L",window="5m"} 1.0' in text
    assert 'cx_parcels_sent{by="hub",hub="unknown",window="24h"} 1.0' in text
    assert 'by="hub",hub="unknown",window="5m"' not in text


def showing(world: Catalogue, *names: str) -> Catalogue:
    """Families always show the set of these dimensions."""
    families = {family: replace(family, shown=(names,)) for family in world.families}
    metrics = tuple(replace(metric, family=families[metric.family]) for metric in world.metrics)
    return replace(world, metrics=metrics)


def test_a_family_shows_its_own_sets_beside_those_that_are_set() -> None:
    scraped = Scraped(world=showing(STOCKED, "size"), sets=frozenset({frozenset()}), shown=1)
    scraped.post.tell(
        event("parcel.sent", "09:00", size="L"),
        event("parcel.sent", "09:00", "P2", size="L"),
        event("parcel.sent", "09:01", "P3", size="S"),
    )
    assert scraped.samples("cx_parcels_sent", window="5m", by="") == {(): 3}
    assert scraped.samples("cx_parcels_sent", window="5m", by="size") == {("L",): 2, ("other",): 1}
    assert scraped.samples("cx_under_way", by="size") == {("L",): 2, ("other",): 1}
    assert scraped.samples("cx_parcels_sent", by="hub") == {}


def test_a_hidden_dimension_is_not_shown_either() -> None:
    scraped = Scraped(world=showing(WORLD, "size").adjusted(frozenset({"size"}), SETS))
    scraped.post.tell(event("parcel.sent", "09:00", size="L"))
    assert 'by="size"' not in scraped.text()
    assert 'by="hub"' in scraped.text()


def test_a_distribution() -> None:
    scraped = Scraped()
    for number, minutes in enumerate((10, 20, 30, 40)):
        name = f"P{number}"
        scraped.post.tell(
            event("parcel.sent", "09:00", name), event("parcel.delivered", f"09:{minutes}", name)
        )
    scraped.post.tell(event("parcel.sent", "09:41", "P9"))
    assert scraped.samples("cx_travel_time_seconds_count", window="1h", by="") == {(): 4}
    assert scraped.samples("cx_travel_time_seconds_mean", window="1h", by="") == {(): 1500}
    quantiles = scraped.samples("cx_travel_time_seconds", window="1h", by="")
    assert quantiles == {
        ("0.5",): pytest.approx(1200, rel=0.01),
        ("0.9",): pytest.approx(2400, rel=0.01),
        ("0.95",): pytest.approx(2400, rel=0.01),
        ("0.99",): pytest.approx(2400, rel=0.01),
    }


def test_a_ratio_and_how_many_it_rests_on() -> None:
    scraped = Scraped()
    for name, hubs in (("P1", "A"), ("P2", "AB"), ("P3", "ABC"), ("P4", "")):
        moves = [event("parcel.moved", f"10:0{place}", name, hub=hub) for place, hub in enumerate(hubs)]
        scraped.post.tell(
            event("parcel.sent", "09:00", name), *moves, event("parcel.delivered", "10:10", name)
        )
    assert scraped.samples("cx_direct_ratio", window="1h", by="") == {(): 0.5}
    assert scraped.samples("cx_direct_ratio_count", window="1h", by="") == {(): 4}


def test_with_nothing_to_divide_by_a_series_is_absent() -> None:
    scraped = Scraped()
    scraped.post.tell(event("parcel.sent", "09:00"), event("parcel.delivered", "09:10"))
    assert scraped.samples("cx_direct_ratio", window="5m", by="") == {(): 1}
    scraped.post.tell(event("parcel.returned", "09:11"))
    assert scraped.samples("cx_direct_ratio", window="5m", by="") == {}


def test_a_share_of_nought_is_shown() -> None:
    scraped = Scraped()
    moves = [event("parcel.moved", f"09:0{place}", hub="AB"[place]) for place in range(2)]
    scraped.post.tell(event("parcel.sent", "09:00"), *moves, event("parcel.delivered", "09:10"))
    assert scraped.samples("cx_direct_ratio", window="5m", by="") == {(): 0}


def test_awkward_values_come_through() -> None:
    scraped, sizes = Scraped(), ['say "hi"', "back\\slash", "a=b,c|d%", "日本語"]
    scraped.post.tell(*(event("parcel.sent", "09:00", size, size=size) for size in sizes))
    assert scraped.samples("cx_parcels_sent", window="5m", by="size") == {(size,): 1 for size in sizes}


def test_partitions_of_a_worker_show_each_series_once() -> None:
    scraped = Scraped(partitions=4)
    scraped.post.tell(*(event("parcel.sent", "09:00", f"P{n}", size=f"size {n % 7}") for n in range(70)))
    assert scraped.samples("cx_parcels_sent", window="24h", by="size") == {
        (f"size {n}",): 10 for n in range(7)
    }
    assert scraped.samples("cx_parcels_sent", window="24h", by="") == {(): 70}
    lines = [line.rsplit(" ", 1)[0] for line in scraped.text().splitlines() if not line.startswith("#")]
    assert max(Counter(lines).values()) == 1


class TestBound:
    """Of a dimension's values the largest are told apart, the others are summed as `other`."""

    def counts(self, scraped: Scraped) -> dict[tuple[str, ...], float]:
        return scraped.samples("cx_parcels_sent", window="24h", by="size")

    def told(self, counts: dict[str, int], minutes: dict[str, int] | None = None, shown: int = 2) -> Scraped:
        scraped = Scraped(shown=shown)
        events: list[dict[str, Any]] = []
        for size, number in counts.items():
            for place in range(number):
                events.append(event("parcel.sent", "09:00", f"{size}{place}", size=size))
                if minutes:
                    events.append(event("parcel.delivered", f"09:{minutes[size]:02}", f"{size}{place}"))
        scraped.post.tell(*events)
        return scraped

    def test_the_sum_is_exact(self) -> None:
        scraped = self.told({"a": 5, "b": 4, "c": 3, "d": 2})
        assert self.counts(scraped) == {("a",): 5, ("b",): 4, ("other",): 5}

    def test_up_to_the_bound_all_are_shown(self) -> None:
        scraped = self.told({"a": 5, "b": 4})
        assert self.counts(scraped) == {("a",): 5, ("b",): 4}

    def test_what_calls_itself_other_is_summed_with_the_others(self) -> None:
        scraped = self.told({"other": 9, "a": 5, "b": 4, "c": 3})
        assert self.counts(scraped)[("other",)] >= 12
        assert sum(self.counts(scraped).values()) == 21

    def test_long_times_do_not_make_a_series_larger(self) -> None:
        """What is largest is a matter of how many, not of how long it took them."""
        scraped = self.told({"many": 60, "few": 1}, {"many": 2, "few": 50}, shown=1)
        assert self.counts(scraped) == {("many",): 60, ("other",): 1}


class TestLevels:
    """What there is now: without a window."""

    def told(self, *events: dict[str, Any], shown: int = 100) -> Scraped:
        scraped = Scraped(world=STOCKED, shown=shown)
        scraped.post.tell(*events)
        return scraped

    def test_it_is_told_without_a_window(self) -> None:
        scraped = self.told(
            event("parcel.sent", "09:00", size="L"),
            event("parcel.sent", "09:01", "P2", size="S"),
            event("parcel.sent", "09:01", "P3", size="S"),
            event("parcel.delivered", "09:30", "P3"),
        )
        assert 'cx_under_way{by=""} 2.0' in scraped.text()
        assert scraped.samples("cx_under_way", by="size") == {("L",): 1, ("S",): 1}

    def test_ages_grow_while_nothing_happens(self) -> None:
        scraped = self.told(event("parcel.sent", "09:00"))
        means = []
        for clock in ("2026-11-02T10:00:00Z", "2026-11-02T13:00:00Z"):
            scraped.post.drain(moments.parse(clock))
            means.append(scraped.samples("cx_time_under_way_seconds_mean", by="")[()])
        assert means == [3600, 4 * 3600]
        assert scraped.samples("cx_time_under_way_seconds_count", by="") == {(): 1}
        assert scraped.samples("cx_time_under_way_seconds", by="", quantile="0.9") == {
            (): pytest.approx(4 * 3600, abs=30)
        }

    def test_of_remaining_times_the_soonest_is_told(self) -> None:
        remaining = replace(
            STOCKED,
            metrics=tuple(
                replace(metric, kind=Remaining("hour", "day")) if metric.kind.name == "ages" else metric
                for metric in STOCKED.metrics
            ),
        )
        scraped = Scraped(world=remaining)
        scraped.post.tell(event("parcel.sent", "09:00"))
        assert scraped.samples("cx_time_under_way_seconds_soonest", by="") == {(): 0}
        assert scraped.samples("cx_time_under_way_seconds_mean", by="") == {(): 0}

    def test_with_nothing_there_the_series_is_absent(self) -> None:
        scraped = self.told(event("parcel.sent", "09:00"), event("parcel.delivered", "09:10"))
        assert scraped.samples("cx_under_way") == {}

    def test_the_smallest_are_summed(self) -> None:
        sizes = ("a", "a", "a", "b", "b", "c", "d")
        scraped = self.told(
            *(event("parcel.sent", "09:00", f"P{n}", size=s) for n, s in enumerate(sizes)), shown=1
        )
        assert scraped.samples("cx_under_way", by="size") == {("a",): 3, ("other",): 4}
        assert scraped.samples("cx_time_under_way_seconds_count", by="size") == {("a",): 3, ("other",): 4}
