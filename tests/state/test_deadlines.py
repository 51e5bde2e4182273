"""Instants that entities wait for: told once when the clock reaches them, through changes and restarts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec
import pytest

from streams.catalogue import Catalogue, Deadline, Observation, Observations, Signal
from streams.events import DEADLINE
from streams.moments import DAY, HOUR, text
from streams.state import deadlines
from streams.state.deadlines import Due, Schedule, Waiting
from streams.state.plan import Plan
from streams.windows.kinds import Count
from tests.oracle.events import microseconds
from tests.parcels import PARCELS, WORLD, Parcel, Post, event, metric

SENT = microseconds("2026-11-02T09:00:00Z")
DUE = SENT + DAY


class Wait(NamedTuple):
    """A state that waits for instants."""

    times: tuple[int, ...]
    passed: int = 0


def instants(state: Wait, clock: int) -> Iterator[Deadline]:
    for time in sorted(state.times):
        if time > state.passed:
            yield Deadline(time, f"at {time}")
            if time > clock:
                return


def waiting(**states: Wait) -> tuple[Waiting, dict[str, Wait]]:
    found = Waiting(instants, states.get)
    for subject, state in states.items():
        found.look(subject, state)
    return found, states


def told(due: list[Due]) -> list[tuple[str, int]]:
    return [(subject, deadline.time) for subject, deadline in due]


def test_what_the_clock_has_reached_is_due_once() -> None:
    found, _ = waiting(a=Wait((10,)), b=Wait((20,)))
    assert not found.reach(9)
    assert found.reach(10)
    assert told(found.due()) == [("a", 10)]
    assert not found.reach(19)
    assert told(found.due()) == []
    assert found.reach(25)
    assert told(found.due()) == [("b", 20)]


def test_all_instants_of_an_entity_that_have_passed_are_due_and_its_next_one_later() -> None:
    found, _ = waiting(a=Wait((10, 12, 20)))
    found.reach(15)
    assert told(found.due()) == [("a", 10), ("a", 12)]
    found.reach(20)
    assert told(found.due()) == [("a", 20)]


def test_an_instant_that_is_put_off_is_due_at_its_new_time() -> None:
    found, states = waiting(a=Wait((10,)))
    states["a"] = Wait((30,))
    found.look("a", states["a"])
    found.reach(20)
    assert told(found.due()) == []
    found.reach(30)
    assert told(found.due()) == [("a", 30)]


def test_who_waits_for_nothing_any_longer_is_told_nothing() -> None:
    found, states = waiting(a=Wait((10,)))
    states["a"] = Wait(())
    found.look("a", states["a"])
    found.reach(20)
    assert told(found.due()) == []
    assert "a" not in found


def test_the_clock_never_goes_back() -> None:
    found, states = waiting(a=Wait((30,)))
    found.reach(20)
    found.due()
    found.reach(5)
    assert found.clock == 20
    states["a"] = Wait((15,))
    found.look("a", states["a"])
    assert found.reach(5)
    assert told(found.due()) == [("a", 15)]


def test_what_was_told_and_has_not_come_back_is_not_told_again() -> None:
    found, states = waiting(a=Wait((10,)))
    found.reach(10)
    found.due()
    states["a"] = Wait((5, 10, 40))
    found.look("a", states["a"])
    found.reach(20)
    assert told(found.due()) == []
    assert "a" in found
    states["a"] = Wait((5, 10, 40), passed=10)
    found.look("a", states["a"])
    found.reach(40)
    assert told(found.due()) == [("a", 40)]


def test_a_new_owner_writes_all_that_has_not_come_back() -> None:
    """What is on its way looks like what never was written: twice changes nothing, never is a loss."""
    states = {"a": Wait((10, 20), passed=10), "b": Wait((10, 20))}
    found = Waiting(instants, states.get)
    found.restore(states.items())
    found.reach(20)
    assert sorted(told(found.due())) == [("a", 20), ("b", 10), ("b", 20)]


def test_who_is_gone_waits_for_nothing() -> None:
    found, states = waiting(a=Wait((10,)), b=Wait((10,)))
    found.reach(10)
    found.due()
    states.clear()
    found.forget("a")
    assert "a" not in found
    assert "b" in found


def test_much_at_once_is_told_in_parts_each_with_its_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "AT_ONCE", 2)
    states = {name: Wait((time,)) for name, time in zip("abcde", (1, 2, 2, 3, 4), strict=True)}
    found, _ = waiting(**states)
    found.reach(10)
    assert told(found.due()) == [("a", 1), ("b", 2), ("c", 2)]
    assert found.clock == 2
    assert found.reach(0)
    assert told(found.due()) == [("d", 3), ("e", 4)]
    assert found.due() == []
    assert found.clock == 10


def test_out_of_date_entries_are_swept() -> None:
    schedule = Schedule()
    for time in range(1000, 0, -1):
        schedule.set("a", time)
    assert len(schedule._heap) <= 2 * deadlines.SLACK
    assert list(schedule.due(1000)) == [(1, "a")]


# Parcels that should arrive within a day.


def late(parcel: Parcel) -> bool:
    arrived = parcel.delivery.time if parcel.delivery else None
    assert parcel.sent_at is not None
    return parcel.sent_at + DAY < (arrived or 0) or (
        arrived is None and parcel.passed >= parcel.sent_at + DAY
    )


def parcels_late(parcel: Parcel) -> Observations:
    assert parcel.sent_at is not None
    return (Observation(parcel.sent_at + DAY, (parcel.size, None), 1),) if late(parcel) else ()


def due(parcel: Parcel, clock: int) -> Iterator[Deadline]:
    if parcel.sent_at is not None and parcel.delivery is None and parcel.passed < parcel.sent_at + DAY:
        yield Deadline(parcel.sent_at + DAY, "arrival")


def signals(subject: str, before: Parcel | None, after: Parcel) -> Iterator[Signal]:
    was = before is not None and before.sent_at is not None and late(before)
    if after.sent_at is not None and late(after) is not was:
        kind = "parcel.arrived" if was else "parcel.late"
        yield Signal("worries", kind, f"{subject} late", after.sent_at + DAY, {"parcel": subject}, "found_at")


PROMISED = replace(
    PARCELS,
    types=(*PARCELS.types, DEADLINE),
    deadlines=due,
    signals=signals,
    signal_topics={"worries": 30},
)
PROMISES = Catalogue(
    (PROMISED, *WORLD.domains[1:]),
    (*WORLD.metrics, metric(Count(), parcels_late, ("sent_at", "size", "delivery", "passed"))),
)


def post(partitions: int = 1, application: str = "post") -> Post:
    return Post(Plan(PROMISES, "v1", partitions, application))


def written(found: Post, topic: str) -> list[dict[str, Any]]:
    logs = (found.log.topics[found.plan.topic(topic), number] for number in range(found.plan.partitions))
    return [msgspec.json.decode(record.value) for log in logs for record in log if record.value]


def told_of_deadlines(found: Post) -> list[dict[str, Any]]:
    return [record for record in written(found, "parcels") if record["type"] == "entity.deadline"]


def test_a_silent_parcel_is_late_when_its_time_has_passed() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00", size="big"))
    found.drain(DUE - 1)
    assert "parcels_late|size=big|total|" not in found.values()
    found.drain(DUE)
    assert found.values()["parcels_late|size=big|total|"] == 1
    record = told_of_deadlines(found)
    assert [(each["time"], each["subject"], each["source"]) for each in record] == [
        ("2026-11-03T09:00:00Z", "P1", "/metricland")
    ]
    assert record[0]["data"] == {"target": "arrival", "application": "post"}
    assert "signature" in record[0]


def test_a_late_event_takes_it_back() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00"))
    found.drain(DUE)
    found.tell(event("parcel.delivered", "20:00"))
    assert "parcels_late||total|" not in found.values()
    assert [record["type"] for record in written(found, "worries")] == ["parcel.late", "parcel.arrived"]
    assert {record["id"] for record in written(found, "worries")} == {"P1 late"}


def test_a_signal_is_an_event_of_the_processor_with_the_time_of_its_writing() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00"))
    found.drain(DUE)
    (record,) = written(found, "worries")
    assert record["time"] == text(DUE)
    assert record["source"] == "/metricland"
    assert record["subject"] == "P1"
    assert record["data"] == {"parcel": "P1", "found_at": text(found.now * 1000)}


def test_a_deadline_told_again_changes_nothing() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00"))
    found.drain(DUE)
    before = found.values()
    again = [
        record.value for record in found.log.topics["cx.parcels", 0] if b"entity.deadline" in record.value
    ]
    for value in again:
        found.put("cx.parcels", b"P1", value)
    found.drain()
    assert found.values() == before
    assert found.partitions[0].entities["cx.parcels"].others["entity.deadline", "duplicate"] == 1


def test_what_another_application_says_has_passed_is_nothing_to_this_one() -> None:
    other, found = post(application="other"), post()
    other.tell(event("parcel.sent", "09:00"))
    other.drain(DUE)
    for record in other.log.topics["cx.parcels", 0]:
        found.put("cx.parcels", record.key, record.value)
    found.drain()
    assert "parcels_late||total|" not in found.values()
    assert found.letters() == []


def test_a_deadline_of_a_parcel_that_is_not_there_makes_none() -> None:
    found = post()
    passed: Mapping[str, Any] = {"target": "arrival", "application": "post"}
    found.tell_signed(event("entity.deadline", "09:00", source="/metricland", **passed))
    assert len(found.partitions[0].rows["parcels"]) == 0
    assert found.letters() == []


def test_a_parcel_that_waits_is_not_forgotten() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00"))
    found.tell(event("parcel.sent", "2028-11-02 09:00", subject="P2"))
    found.drain()
    assert "P1" in found.partitions[0].rows["parcels"]


def test_while_it_is_behind_instants_pass_by_event_time() -> None:
    """A parcel that arrives in time is not late, however long ago that was."""
    found = post()
    hours = [event("parcel.sent", f"2026-11-{2 + day:02} 10:00", subject=f"P{day}") for day in range(5)]
    found.tell(*hours)
    assert [each["time"] for each in told_of_deadlines(found)] == [
        f"2026-11-0{day}T10:00:00Z" for day in (3, 4, 5)
    ]
    assert found.values()["parcels_late||total|"] == 3


def test_a_new_owner_tells_what_came_due_meanwhile_and_nothing_twice() -> None:
    found = post()
    found.tell(event("parcel.sent", "09:00"), event("parcel.sent", "12:00", subject="P2"))
    partition = found.partitions[0]
    partition.tick("cx.parcels", DUE)
    found.checkpoint(0)
    found.partitions[0] = found._open(0)
    found.drain(DUE + 3 * HOUR)
    assert [each["subject"] for each in told_of_deadlines(found)] == ["P1", "P2"]
    assert found.values()["parcels_late||total|"] == 2
