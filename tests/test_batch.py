"""The batch: all events at once, in order, without an engine; what every stream figure equals."""

import random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from streams import moments
from streams.batch import Batch
from streams.windows.panes import Calendar, Retention
from tests.oracle.stories import events as stories
from tests.parcels import WORLD, event
from tests.promise import Figures, standing
from tests.stock import STOCKED

SENT = event("parcel.sent", "09:00", size="L")
MOVED = event("parcel.moved", "10:00", hub="A")
DELIVERED = event("parcel.delivered", "11:00")


def batch(*told: dict[str, Any], **more: Any) -> Batch:
    found = Batch(WORLD, **more)
    found.take(map(msgspec.json.encode, told))
    return found


def values(figures: Figures, metric: str, dimensions: str = "") -> dict[str, Any]:
    """The values of a metric by pane and start."""
    start = f"{metric}|{dimensions}|"
    return {
        key.removeprefix(start): figure["value"] for key, figure in figures.items() if key.startswith(start)
    }


def test_every_pane_and_dimension_set_of_an_observation_is_told() -> None:
    figures = batch(SENT, MOVED, DELIVERED).figures()
    for dimensions in ("", "size=L", "hub=A"):
        assert values(figures, "travel_time", dimensions) == {
            "hour|2026-11-02T11:00:00Z": 7200,
            "day|2026-11-02T00:00:00Z": 7200,
            "month|2026-11-01T00:00:00Z": 7200,
            "total|": 7200,
        }
    assert {key.split("|")[2] for key in figures} == {"hour", "day", "month", "total"}


def test_order_makes_no_difference() -> None:
    told, chance = stories(5, 20, 20), random.Random(1)
    unlike = {
        (each["type"].split(".")[0], each["subject"], each["source"], each["id"]): each for each in told
    }
    found = []
    for _ in range(3):
        one = Batch(CATALOGUE)
        one.take(map(msgspec.json.encode, chance.sample(list(unlike.values()), len(unlike))))
        found.append(one.figures())
    assert found[0]
    assert found[0] == found[1] == found[2]


def test_of_two_with_the_same_source_and_id_the_first_in_the_log_counts() -> None:
    other = {**SENT, "data": {"size": "S"}}
    assert "parcels_sent|size=L|total|" in batch(SENT, other).figures()
    assert "parcels_sent|size=S|total|" in batch(other, SENT).figures()


def test_the_same_id_in_two_entities_is_two_events() -> None:
    figures = batch(SENT, {**SENT, "subject": "P2"}).figures()
    assert figures["parcels_sent||total|"]["value"] == 2


def test_refused_records_are_told_with_their_numbers_and_do_not_use_up_their_id() -> None:
    found = batch({**SENT, "data": {"weight": -1}}, SENT, {**SENT, "type": "weather.changed"})
    assert [(number, refused.reason) for number, refused in found.refused] == [(1, "invalid"), (3, "invalid")]
    found.take([b"{", b"\xff"], first=10)
    assert [number for number, _ in found.refused] == [1, 3, 10, 11]
    assert found.figures()["parcels_sent||total|"]["value"] == 1


def test_types_of_a_known_family_are_skipped_and_counted() -> None:
    found = batch(SENT, event("parcel.weighed", "10:00"), event("page.turned", "10:00", "N1"))
    assert (found.skipped, found.refused) == (2, [])


def test_facts_are_derived_and_not_taken_from_the_log() -> None:
    note = {"key": "pages 2 N1note", "version": 4, "fact": [1_793_610_000_000_000, 0, "happy"]}
    fact = {**event("parcel.noted", "09:00"), "source": "/metricland", "data": note}
    figures = batch(fact, event("page.written", "09:00", "N1", mood="sad", parcel="P1")).figures()
    assert figures["mood||total|"]["counts"] == {"happy": 0, "calm": 0, "sad": 1}


class TestAt:
    """`at` is its now: what is later is left out, and panes go by it."""

    def test_later_events_are_left_out(self) -> None:
        found = batch(SENT, MOVED, DELIVERED)
        assert "travel_time||total|" not in found.figures(moments.parse("2026-11-02T10:59:59.999999Z"))
        assert "travel_time||total|" in found.figures(moments.parse("2026-11-02T11:00:00Z"))

    def test_an_earlier_duplicate_hides_a_later_twin(self) -> None:
        """Which of two counts is settled by the log, whatever `at` is."""
        late = {**SENT, "time": "2026-11-05T09:00:00Z"}
        assert batch(late, SENT).figures(moments.parse("2026-11-03T00:00:00Z")) == {}

    def test_panes_past_their_retention_are_left_out(self) -> None:
        found = batch(SENT, retention=Retention(hour=3600, day=86400))
        end = moments.parse("2026-11-02T10:00:00Z")
        assert set(values(found.figures(end + 3_599_999_999), "parcels_sent")) > {"hour|2026-11-02T09:00:00Z"}
        assert "hour|2026-11-02T09:00:00Z" not in values(found.figures(end + 3_600_000_000), "parcels_sent")
        assert set(values(found.figures(end + 10**13), "parcels_sent")) == {
            "month|2026-11-01T00:00:00Z",
            "total|",
        }

    def test_its_default_is_the_highest_event_time(self) -> None:
        found = batch(SENT, DELIVERED, MOVED)
        assert found.latest == moments.parse("2026-11-02T11:00:00Z")
        assert found.figures() == found.figures(found.latest)


class TestLevels:
    """What there is at the ends of panes in which that changed."""

    @staticmethod
    def of(at: str, *told: dict[str, Any], metric: str = "under_way", **more: Any) -> dict[str, Any]:
        found = Batch(STOCKED, **more)
        found.take(map(msgspec.json.encode, told))
        return values(found.figures(moments.parse(at)), metric)

    def test_they_are_there_where_they_changed_and_0_where_nothing_is_left(self) -> None:
        delivered = event("parcel.delivered", "2026-11-04 11:00")
        assert self.of("2026-12-01T00:00:00Z", SENT, delivered, retention=Retention(hour=None)) == {
            "hour|2026-11-02T09:00:00Z": 1,
            "hour|2026-11-04T11:00:00Z": 0,
            "day|2026-11-02T00:00:00Z": 1,
            "day|2026-11-04T00:00:00Z": 0,
        }

    def test_of_running_panes_there_is_the_hour_of_those_that_have_no_ages(self) -> None:
        assert self.of("2026-11-02T09:00:00Z", SENT) == {"hour|2026-11-02T09:00:00Z": 1}
        assert self.of("2026-11-02T09:59:59Z", SENT, metric="longest_under_way") == {}
        assert self.of("2026-11-02T10:00:00Z", SENT, metric="longest_under_way") == {
            "hour|2026-11-02T09:00:00Z": 3600
        }

    def test_what_is_still_to_come_is_left_out(self) -> None:
        sent = event("parcel.sent", "06:50")
        for clock, value in (("09:49:59", None), ("09:50:00", 0), ("10:00:00", 0)):
            found = self.of(f"2026-11-02T{clock}Z", sent, metric="awaited")
            assert found.get("hour|2026-11-02T09:00:00Z") == value
            assert found["hour|2026-11-02T06:00:00Z"] == 1

    def test_of_ages_there_are_the_last_35_days(self) -> None:
        found = self.of("2026-12-20T00:00:00Z", SENT, metric="time_under_way")
        assert len(found) == 35
        assert found["day|2026-12-19T00:00:00Z"] == 47 * 86400 + 15 * 3600

    def test_the_panes_of_other_keys_are_as_before(self) -> None:
        found = Batch(STOCKED)
        found.take([msgspec.json.encode(SENT)])
        hours = ("2026-11-02T08:00:00Z", "2026-11-03T12:00:00Z")
        keys = [f"under_way|size=L|hour|{hour}" for hour in hours]
        figures = found.figures(moments.parse("2026-11-05T00:00:00Z"), [*keys, "parcels_sent||total|"])
        assert [figures[key]["value"] for key in keys] == [0, 1]


def test_days_and_months_are_those_of_the_zone() -> None:
    figures = batch(
        event("parcel.sent", "2026-10-31 23:30"), calendar=Calendar(ZoneInfo("Europe/Berlin"))
    ).figures()
    assert set(values(figures, "parcels_sent")) == {
        "hour|2026-10-31T23:00:00Z",
        "day|2026-10-31T23:00:00Z",
        "month|2026-10-31T23:00:00Z",
        "total|",
    }


def test_asking_twice_gives_the_same() -> None:
    found = batch(SENT, MOVED, event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
    assert found.figures() == found.figures()


def test_figures_grow_with_what_is_taken() -> None:
    found = batch(SENT)
    assert found.figures()["parcels_sent||total|"]["value"] == 1
    found.take([msgspec.json.encode({**SENT, "subject": "P2"})])
    assert found.figures()["parcels_sent||total|"]["value"] == 2


def test_figures_without_anything_behind_them_are_absent() -> None:
    figures = batch(SENT, DELIVERED, event("parcel.lost", "12:00")).figures()
    assert figures == {}
    assert standing({"a": {"count": 0}, "b": {"count": 1, "value": 2}}) == {"b": {"count": 1, "value": 2}}


@pytest.mark.parametrize(
    "time", ["9998-12-31T23:59:59.999999Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59"]
)
def test_a_time_at_the_end_of_the_calendar_stops_nothing(time: str) -> None:
    """The processor turns it away as in the future; a report must not fall over it."""
    found = batch(
        SENT, {**SENT, "subject": "P2", "time": time}, calendar=Calendar(ZoneInfo("America/New_York"))
    )
    assert "parcels_sent||total|" in found.figures()
