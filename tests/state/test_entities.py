"""What a partition takes of an input topic, what it turns away and why, and whom it forgets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from streams.catalogue import Forward
from streams.errors import Refused
from streams.outlets.dead_letters import Record
from streams.state.entities import Entities, Limits
from streams.state.rows import Rows
from tests.parcels import PAGES, PARCELS, WORLD, event, plan

NOW = 1_794_000_000_000
"The records' time, in milliseconds: later than all that happens here."

DAY = 86_400_000_000


@dataclass(frozen=True)
class Given:
    value: bytes | None
    key: bytes | None = b"P1"
    offset: int = 0
    timestamp: int = NOW
    headers: tuple[Any, ...] = ()


def record(told: dict[str, Any], **more: Any) -> Given:
    return Given(msgspec.json.encode(told), **{"key": told["subject"].encode(), **more})


class Taken:
    """Entities of one domain, with what they turned away."""

    def __init__(
        self, domain: Any = PARCELS, *, limits: Limits | None = None, owned: Any = lambda key: True
    ) -> None:
        self.rows: Rows[Any] = Rows(plan().row_type(domain.name))
        self.refused: list[tuple[Record, str]] = []
        self.changes: Counter[str] = Counter()
        self.entities = Entities(
            WORLD,
            domain,
            limits or Limits(),
            self.rows,
            owned,
            lambda each, refused: self.refused.append((each, refused.reason)),
        )

    def take(self, *told: dict[str, Any]) -> "Taken":
        self.entities.take([record(each) for each in told])
        return self

    def conclude(self) -> list[tuple[str, str, Forward, bool]]:
        def add(metric: Any, found: Iterable[Any], sign: int) -> None:
            self.changes[metric.name] += sign * len(tuple(found))

        return list(self.entities.conclude(add))

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self.refused]


SENT = event("parcel.sent", "09:00")
MOVED = event("parcel.moved", "10:00", hub="A")


def test_outcomes_are_counted_by_type() -> None:
    taken = Taken().take(SENT, MOVED, SENT, {**MOVED, "data": {"hub": "B"}}, event("parcel.weighed", "11:00"))
    folded = dict(zip((type_.name for type_ in PARCELS.types), taken.entities.folded, strict=True))
    assert {name: number for name, number in folded.items() if number} == {
        "parcel.sent": 1,
        "parcel.moved": 1,
    }
    assert taken.entities.others == {
        ("parcel.sent", "duplicate"): 1,
        ("parcel.moved", "conflicting_duplicate"): 1,
        ("parcel.*", "skipped"): 1,
    }
    assert taken.refused == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (Given(None), "no_value"),
        (Given(b""), "not_json"),
        (Given(b'{"a":'), "not_json"),
        (Given(b'\xff{"a": 1}'), "not_utf8"),
        (Given(b"[]"), "invalid"),
        (record({**SENT, "specversion": "0.3"}), "invalid"),
        (record({**SENT, "data": {"weight": -1}}), "invalid"),
        (record({**MOVED, "data": {}}), "invalid"),
        (record(SENT, key=b"P2"), "wrong_key"),
        (record(SENT, key=None), "wrong_key"),
        (record({**SENT, "time": "2026-11-09T00:00:00Z"}), "in_future"),
        (record({**SENT, "source": "/metricland"}), "reserved"),
        (record({**SENT, "type": "page.written"}), "unknown_type"),
        (record({**SENT, "type": "weather.changed"}), "unknown_type"),
        (record({**SENT, "data": {"size": "x" * (1 << 20)}}), "too_large"),
    ],
)
def test_what_breaks_a_rule_is_turned_away_alone(given: Given, reason: str) -> None:
    taken = Taken()
    taken.entities.take([record(SENT), given, record(MOVED)])
    assert taken.refused == [(given, reason)]
    assert taken.entities.others == {("*", reason): 1}
    assert sum(taken.entities.folded) == 2


def test_what_is_turned_away_does_not_use_up_its_id() -> None:
    taken = Taken()
    taken.entities.take([record({**MOVED, "data": {}}), record(MOVED)])
    assert (taken.reasons, sum(taken.entities.folded)) == (["invalid"], 1)


def test_a_domain_s_own_rules_hold_too() -> None:
    bad = event("page.written", "09:00", "N1", mood="sad", parcel="none")
    assert Taken(PAGES).take(bad).reasons == ["no_parcel"]


@pytest.mark.parametrize(("ahead", "reasons"), [(300, []), (300.001, ["in_future"])])
def test_in_future_is_judged_by_the_record_s_own_time(ahead: float, reasons: list[str]) -> None:
    taken = Taken()
    at = 1_793_610_000_000  # SENT's time
    taken.entities.take([record(SENT, timestamp=int(at - ahead * 1000))])
    assert taken.reasons == reasons


class TestHorizon:
    """An event for an entity that isn't known may only be so old against the watermark."""

    LIMITS = Limits(horizon=10 * DAY)

    def test_an_unknown_entity_s_old_event_is_too_late(self) -> None:
        taken = Taken(limits=self.LIMITS).take(event("parcel.sent", "2026-11-02 09:00", "P1"))
        taken.take(
            event("parcel.sent", "2026-10-23 08:57", "P2"), event("parcel.sent", "2026-10-23 08:59", "P3")
        )
        assert taken.reasons == ["too_late"]
        assert sorted(taken.rows) == ["P1", "P3"]

    def test_a_known_entity_s_old_event_is_taken(self) -> None:
        taken = Taken(limits=self.LIMITS)
        taken.take(
            event("parcel.sent", "2026-11-02 09:00", "P1"), event("parcel.moved", "2026-09-02 09:00", hub="A")
        )
        assert taken.reasons == []

    def test_what_was_turned_away_does_not_move_the_watermark(self) -> None:
        taken = Taken(limits=self.LIMITS)
        taken.entities.take([record(event("parcel.sent", "2026-11-04 00:00"), key=b"other")])
        taken.take(event("parcel.sent", "2026-10-01 00:00", "P2"))
        assert taken.reasons == ["wrong_key"]

    def test_duplicates_do_not_move_it_either(self) -> None:
        taken = Taken(limits=self.LIMITS).take(SENT)
        assert taken.entities.high == 1_793_610_000_000_000
        taken.take({**SENT, "time": "2026-11-03T00:00:00Z"})
        assert taken.entities.high == 1_793_610_000_000_000


def test_a_key_of_another_partition_is_turned_away_when_it_is_first_seen() -> None:
    assert Taken(owned=lambda key: False).take(SENT).reasons == ["wrong_partition"]


class TestConclude:
    def test_each_changed_entity_contributes_its_difference_once(self) -> None:
        taken = Taken().take(SENT, MOVED, event("parcel.delivered", "12:00"))
        taken.conclude()
        assert taken.changes == {"parcels_sent": 1, "travel_time": 1, "direct": 1}
        taken.take(event("parcel.delivered", "13:00"), event("parcel.returned", "14:00"))
        taken.conclude()
        assert +taken.changes == {"parcels_sent": 1}

    def test_what_changed_nothing_contributes_nothing(self) -> None:
        taken = Taken().take(SENT)
        taken.conclude()
        taken.changes.clear()
        taken.take(SENT)
        assert taken.conclude() == []
        assert taken.changes == {}

    def test_facts_are_told_once(self) -> None:
        taken = Taken(PAGES).take(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
        assert [(subject, key, fact.target, holds) for subject, key, fact, holds in taken.conclude()] == [
            ("N1", "note", "P1", True)
        ]
        assert taken.conclude() == []
        taken.take(event("page.erased", "10:00", "N1"))
        assert [holds for *_, holds in taken.conclude()] == [False]


class TestForgetting:
    """Settled entities go when nothing has happened to them for longer than the horizon."""

    LIMITS = Limits(horizon=10 * DAY)

    def taken(self) -> Taken:
        done = [SENT, event("parcel.delivered", "10:00")]
        open_ = [event("parcel.sent", "09:00", "P2")]
        return Taken(limits=self.LIMITS).take(*done, *open_)

    def test_settled_ones_go_and_open_ones_stay(self) -> None:
        taken = self.taken()
        later = [event("parcel.sent", f"2026-11-{day:02} 12:00", "P3") for day in (3, 12, 13)]
        for each in later:
            taken.entities.take([record(each, timestamp=2 * NOW)])
            taken.conclude()
        assert sorted(taken.rows) == ["P2", "P3"]

    def test_they_stay_while_their_time_is_not_over(self) -> None:
        taken = self.taken()
        taken.entities.take([record(event("parcel.sent", "2026-11-12 09:58", "P3"), timestamp=2 * NOW)])
        taken.conclude()
        assert sorted(taken.rows) == ["P1", "P2", "P3"]

    def test_forgetting_takes_nothing_back(self) -> None:
        taken = self.taken()
        taken.conclude()
        before = Counter(taken.changes)
        taken.entities.take(
            [record(event("parcel.moved", "2026-11-20 12:00", "P2", hub="A"), timestamp=2 * NOW)]
        )
        taken.conclude()
        assert sorted(taken.rows) == ["P2"]
        assert taken.changes == before

    def test_all_of_many_go_in_the_end(self) -> None:
        taken = Taken(limits=self.LIMITS)
        for number in range(1000):
            taken.take(
                event("parcel.sent", "09:00", f"S{number}"), event("parcel.lost", "10:00", f"S{number}")
            )
        taken.conclude()
        for minute in range(30):
            moved = event("parcel.moved", f"2026-11-20 12:{minute:02}", "P2", hub="A")
            taken.entities.take([record(moved, timestamp=2 * NOW)])
            taken.conclude()
        assert sorted(taken.rows) == ["P2"]


def test_refused_says_both_code_and_sentence() -> None:
    assert str(Refused("too_late", "by a day")) == "too_late: by a day"
