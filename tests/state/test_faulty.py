"""A record that makes our own code fail is one dead letter: its entity stays as it was, and nothing stops."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from streams.batch import Batch
from streams.catalogue import Catalogue, Deadline, Domain, Observations, Signal
from streams.errors import StateUnknown
from streams.events import DEADLINE
from streams.state.plan import Plan
from streams.windows.kinds import Count
from tests.parcels import PAGES, PARCELS, WORLD, Move, Parcel, event, metric, moved, parcels_sent, with_type
from tests.state.taken import NOW, SENT, TOPIC, Taken

MOVED = event("parcel.moved", "10:00", hub="A")
BAD = event("parcel.moved", "11:00", hub="bad")
DELIVERED = event("parcel.delivered", "12:00")


def bad(parcel: Parcel) -> bool:
    return "bad" in parcel.hubs


def failing_fold(parcel: Parcel, each: Any) -> None:
    parcel.sent_at = None  # half of a change
    if each.data.hub == "bad":
        raise ZeroDivisionError("in a fold")
    parcel.sent_at = 1_793_610_000_000_000
    moved(parcel, each)


def failing_metric(parcel: Parcel) -> Observations:
    if bad(parcel):
        raise KeyError("in a metric")
    return parcels_sent(parcel)


def failing_check(data: Move) -> None:
    if data.hub == "bad":
        raise AttributeError("in a check")


def failing_signals(subject: str, before: Parcel | None, after: Parcel) -> Iterator[Signal]:
    if bad(after):
        raise ValueError("in a signal")
    yield from ()


def failing_deadlines(parcel: Parcel, clock: int) -> Iterator[Deadline]:
    if bad(parcel):
        raise TypeError("in a deadline")
    yield from ()


def with_move(**changed: Any) -> Domain:
    return with_type(PARCELS, "parcel.moved", **changed)


class Odd:
    """A kind whose figures can't be made of what a metric observes."""

    name, few, sums = "odd", False, frozenset[int]()

    def additions(self, value: Any) -> Any:
        raise OverflowError("in a kind")


def hubs(parcel: Parcel) -> Observations:
    return parcels_sent(parcel) if bad(parcel) else ()


FAULTY: dict[str, tuple[Domain, tuple[Any, ...]]] = {
    "in a fold": (with_move(fold=failing_fold), ()),
    "in a check": (with_move(check=failing_check), ()),
    "in a metric": (PARCELS, (metric(Count(), failing_metric, ("sent_at", "hubs")),)),
    "in a kind": (PARCELS, (metric(Odd(), hubs, ("sent_at", "hubs")),)),
    "in a signal": (replace(PARCELS, signals=failing_signals, signal_topics={"worries": 1}), ()),
    "in a deadline": (
        replace(PARCELS, types=(*PARCELS.types, DEADLINE), deadlines=failing_deadlines),
        (),
    ),
}


def taken_by(domain: Domain, metrics: tuple[Any, ...]) -> Taken:
    world = Catalogue((domain, PAGES), (*WORLD.metrics, *metrics))
    return Taken(now=2 * NOW, world=Plan(world, "v1", 1, "post"))


@pytest.mark.parametrize("fault", FAULTY)
@pytest.mark.parametrize("together", [True, False])
def test_one_record_that_fails_is_refused_and_all_else_is_taken(fault: str, together: bool) -> None:
    taken = taken_by(*FAULTY[fault])
    events = [SENT, MOVED, BAD, MOVED, DELIVERED, event("parcel.sent", "09:30", "P2")]
    if together:
        taken.take(*events)
    else:
        for each in events:
            taken.take(each)
    assert taken.reasons == ["fault"]
    (letter,) = taken.letters()
    assert fault in letter["detail"]
    assert "line" in letter["detail"]
    assert taken.total("parcels_sent") == 2
    assert taken.values()["travel_time|hub=A|total|"] == 3 * 3600
    entities = taken.partitions[0].entities[TOPIC]
    names = [each.name for each in entities.domain.types]
    folded = {name: count for name, count in zip(names, entities.folded, strict=True) if count}
    assert folded == {"parcel.sent": 2, "parcel.moved": 1, "parcel.delivered": 1}
    assert entities.others["parcel.moved", "duplicate"] == 1
    assert entities.arrived == 4


@pytest.mark.parametrize("fault", FAULTY)
def test_so_does_the_batch(fault: str) -> None:
    taken, events = (
        taken_by(*FAULTY[fault]),
        [SENT, MOVED, BAD, DELIVERED, event("page.written", "13:00", "N", mood="sad", parcel="P1")],
    )
    taken.take(*events)
    batch = Batch(taken.plan.catalogue)
    batch.take(map(msgspec.json.encode, events))
    figures = {key: figure["value"] for key, figure in batch.figures().items() if figure["count"]}
    assert figures == taken.values()
    assert figures["mood||total|"] == -100


def test_the_entity_that_failed_is_taken_up_after_a_restart() -> None:
    taken = taken_by(*FAULTY["in a metric"]).take(SENT, MOVED, BAD)
    taken.restart(0)
    taken.take(DELIVERED)
    assert taken.reasons == ["fault"]
    assert taken.values()["travel_time|hub=A|total|"] == 3 * 3600


def test_a_fault_does_not_use_up_its_id() -> None:
    """Sent again, once what was wrong is mended, it is taken."""
    taken = taken_by(*FAULTY["in a fold"]).take(SENT, BAD)
    taken.take(SENT, {**BAD, "data": {"hub": "B"}}, DELIVERED)
    assert taken.values()["travel_time|hub=B|total|"] == 3 * 3600


def test_a_metric_that_fails_only_sometimes_ends_the_process() -> None:
    """What it added can't be taken back for certain, so nothing may be written."""
    failures = iter([True, False])

    def fickle(parcel: Parcel) -> Observations:
        if next(failures, False):
            raise OSError("now and then")
        return parcels_sent(parcel)

    taken = taken_by(PARCELS, (metric(Count(), fickle, ("sent_at",)),))
    taken.produce([SENT])
    with pytest.raises(StateUnknown, match="no pure function"):
        taken.drain()


def test_what_follows_a_removal_is_not_begun_anew_where_one_of_them_fails() -> None:
    domain = with_type(with_move(fold=failing_fold), "parcel.lost", erases=True)
    lost = event("parcel.lost", "12:00")
    taken = taken_by(domain, ()).take(SENT, BAD, lost, event("parcel.sent", "13:00"), MOVED)
    assert taken.reasons == ["fault"]
    assert taken.entities == []
    assert taken.total("parcels_sent") is None
    assert taken.partitions[0].entities[TOPIC].others["parcel.moved", "erased"] == 1
