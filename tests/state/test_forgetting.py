"""How long entities are known, and what becomes of what comes when they are not."""

import random

import msgspec
import pytest

from streams.batch import Batch
from streams.state.screening import Limits
from tests.parcels import WORLD, event
from tests.state.taken import DAY, NOW, SENT, TOPIC, Taken


class TestForgetting:
    """Settled entities go when nothing has happened to them for longer than panes are kept."""

    LIMITS = Limits(horizon=10 * DAY, remembered=10 * DAY)

    def taken(self) -> Taken:
        done = [SENT, event("parcel.delivered", "10:00")]
        return Taken(self.LIMITS, now=2 * NOW).take(*done, event("parcel.sent", "09:00", "P2"))

    def test_settled_ones_go_and_open_ones_stay(self) -> None:
        taken = self.taken()
        for day in (3, 12, 13):
            taken.take(event("parcel.sent", f"2026-11-{day:02} 12:00", "P3"))
        assert taken.entities == ["P2", "P3"]

    def test_they_stay_while_their_time_is_not_over(self) -> None:
        taken = self.taken().take(event("parcel.sent", "2026-11-12 09:58", "P3"))
        assert taken.entities == ["P1", "P2", "P3"]

    def test_forgetting_takes_nothing_back(self) -> None:
        taken = self.taken().take(event("parcel.moved", "2026-11-20 12:00", "P2", hub="A"))
        assert taken.entities == ["P2"]
        assert (taken.total("parcels_sent"), taken.total("travel_time")) == (2, 3600)

    def test_all_of_many_go_in_the_end(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW)
        for number in range(1000):
            name = f"S{number}"
            taken.produce([event("parcel.sent", "09:00", name), event("parcel.lost", "10:00", name)])
        taken.drain()
        assert len(taken.entities) == 1000
        for minute in range(30):
            taken.take(event("parcel.moved", f"2026-11-20 12:{minute:02}", "P2", hub="A"))
        assert taken.entities == ["P2"]

    def test_a_log_that_is_caught_up_goes_round_too(self) -> None:
        """Each checkpoint brings a month, and those that stay are first in line."""
        taken = Taken(self.LIMITS, now=2 * NOW)
        taken.produce(event("parcel.sent", "09:00", f"O{number}") for number in range(1_500))
        taken.take(event("parcel.sent", "09:00", "S1"), event("parcel.lost", "10:00", "S1"))
        for month in range(1, 13):
            taken.take(event("parcel.moved", f"2027-{month:02}-01 12:00", "O1", hub="A"))
        assert "S1" not in taken.entities


class TestKnownOnes:
    """While a pane that it counts in is kept, an entity is known: what is taken back is taken from there."""

    LIMITS = Limits(horizon=10 * DAY, remembered=60 * DAY)

    def taken(self) -> Taken:
        return Taken(self.LIMITS, now=2 * NOW).take(SENT, event("parcel.delivered", "10:00"))

    def test_what_comes_after_the_horizon_is_a_duplicate_still(self) -> None:
        taken = self.taken().take(event("parcel.sent", "2026-12-02 09:00", "P2"))
        taken.take(SENT, event("parcel.delivered", "10:00"))
        assert taken.reasons == []
        assert taken.total("parcels_sent") == 2

    def test_a_late_event_inside_the_horizon_takes_back_what_was_counted(self) -> None:
        taken = self.taken().take(event("parcel.sent", "2026-12-02 09:00", "P2"))
        taken.take(event("parcel.returned", "2026-11-03 09:00"))
        assert taken.reasons == []
        assert taken.total("travel_time") is None

    @pytest.mark.parametrize("swept", [False, True])
    def test_an_event_after_the_horizon_of_a_settled_one_is_too_late(self, swept: bool) -> None:
        taken = self.taken()
        if swept:
            for day in (1, 20, 28):
                taken.take(event("parcel.sent", f"2027-01-{day:02} 09:00", "P2"))
            assert taken.entities == ["P2"]
        taken.take(event("parcel.returned", "2026-12-02 09:00"))
        assert taken.reasons == ["too_late"]
        assert taken.total("travel_time") == 3600

    @pytest.mark.parametrize("seed", range(20))
    def test_whichever_comes_first_is_taken_on_one_side_of_a_gap(self, seed: int) -> None:
        """Had the earlier ones come in time, the later ones could not have been; the batch says the same."""
        log = [
            event("parcel.sent", "08:00"),
            event("parcel.delivered", "10:00"),
            event("parcel.returned", "2026-11-03 09:00"),
            event("parcel.sent", "2026-11-07 09:00"),
            event("parcel.moved", "2026-11-07 10:00", hub="A"),
            event("parcel.delivered", "2026-11-08 10:00"),
            event("parcel.lost", "2026-11-11 10:00"),
        ]
        random.Random(seed).shuffle(log)
        limits = Limits(horizon=2 * DAY, remembered=20 * DAY)
        taken = Taken(limits, now=2 * NOW).take(*log)
        batch = Batch(WORLD, horizon=limits.horizon)
        batch.take(map(msgspec.json.encode, log))
        figures = batch.figures().items()
        assert taken.values() == {key: figure["value"] for key, figure in figures}
        assert taken.reasons == ["too_late"] * batch.too_late

    def test_what_is_older_than_a_gap_takes_nothing_from_what_has_come(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW).take(event("parcel.sent", "2026-12-02 09:00"))
        before = taken.values()
        taken.take(event("parcel.lost", "09:00"))
        assert (taken.reasons, taken.values()) == (["too_late"], before)
        taken.take(event("parcel.sent", "09:00"))
        assert taken.reasons == ["too_late"]
        assert taken.total("parcels_sent") == 1

    def test_an_open_one_takes_it(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW).take(SENT, event("parcel.delivered", "2026-12-02 09:00"))
        assert taken.reasons == []
        assert taken.total("travel_time") == 30 * 86400

    def test_a_fact_after_the_horizon_is_too_late_as_well(self) -> None:
        taken = self.taken().take(event("page.written", "2026-12-02 09:00", "N1", mood="sad", parcel="P1"))
        assert taken.reasons == ["too_late"]
        assert taken.total("mood") is None

    def test_one_that_is_known_by_facts_alone_takes_another_fact_at_any_time(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW)
        taken.take(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
        taken.take(event("page.written", "2026-12-02 09:00", "N2", mood="happy", parcel="P1"))
        assert taken.reasons == []
        assert taken.total("mood") == 0


class TestForgottenOnes:
    """What would count twice is passed by or refused; nobody is stopped by a log that comes a second time."""

    LIMITS = Limits(horizon=10 * DAY, remembered=20 * DAY)
    LATER = (
        event("parcel.sent", "2026-12-20 09:00", "P9"),
        event("parcel.moved", "2026-12-21 09:00", "P9", hub="A"),
    )

    def test_a_log_that_comes_twice_counts_once(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW)
        log = [
            each
            for number in range(50)
            for each in (
                event("parcel.sent", "09:00", f"P{number}x"),
                event("parcel.lost", "10:00", f"P{number}x"),
            )
        ]
        taken.take(*log)
        for each in self.LATER:
            taken.take(each)
        assert taken.entities == ["P9"]
        before = taken.values()
        taken.take(*log)
        assert (taken.reasons, taken.values()) == ([], before)
        others = taken.partitions[0].entities[TOPIC].others
        assert (others["parcel.sent", "old"], others["parcel.lost", "old"]) == (50, 50)
        assert taken.partitions[0]._refusals[TOPIC].count.run == 0

    def test_their_traces_come_back_with_the_state(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW).take(SENT, event("parcel.delivered", "10:00"))
        for each in self.LATER:
            taken.take(each)
        assert taken.entities == ["P9"]
        taken.restart(0)
        taken.take(SENT, event("parcel.returned", "2026-12-20 09:00"))
        assert taken.reasons == ["too_late"]
        assert taken.partitions[0].entities[TOPIC].others["parcel.sent", "old"] == 1
        assert taken.total("parcels_sent") == 2

    def test_those_known_by_facts_alone_are_forgotten_and_known_anew(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW)
        taken.take(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
        for each in self.LATER:
            taken.take(each)
        assert taken.entities == ["P9"]
        taken.take(event("page.written", "2026-12-22 09:00", "N2", mood="sad", parcel="P1"))
        assert taken.reasons == []
        assert taken.values()["mood||total|"] == -100
        assert taken.figures()["mood||total|"]["data"]["count"] == 2

    def test_a_change_of_a_fact_that_was_forgotten_is_no_second_one(self) -> None:
        taken = Taken(self.LIMITS, now=2 * NOW)
        taken.take(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
        for each in self.LATER:
            taken.take(each)
        fact = {"key": "pages 2 N1note", "version": 9, "application": "post"}
        note = msgspec.Raw(msgspec.json.encode(("2026-11-02", 0, "happy")))
        taken.tell_signed(event("parcel.noted", "09:00", source="/metricland", fact=note, **fact))
        assert taken.reasons == ["too_late"]
        assert taken.total("mood") == -100
