"""Service levels of any history, in any order of arrival, equal those that are counted minute by minute."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.sla import views
from agents.sla.clock import ran, reach
from agents.sla.levels import Level
from agents.sla.policies import TARGETS, Clock, Policies, Policy
from agents.sla.state import AT_RISK, DECIDED, OPEN, OVERDUE, RUNNING, ServiceLevels
from agents.sla.tickets import TicketLevels
from agents.tickets.state import Ticket
from streams import moments
from streams.decoding import Decoder
from streams.events import Event
from streams.moments import MINUTE
from streams.state.entity import EntityRunner
from tests.oracle.service_levels import Promise, Standing, Verdict, lived, verdicts

Told = tuple[int, str, Mapping[str, Any]]
START = moments.parse("2026-11-02T09:00:00Z") // MINUTE
UNTIL = 100


class Shifts:
    """Open for 20 minutes, then closed for 10, over and over; by the slow count."""

    def at(self, name: str | None, time: int) -> Clock:
        return self if name == "shifts" else Always()

    def add(self, start: int, duration: int) -> int:
        while duration:
            step = min(duration, MINUTE) if is_open(start // MINUTE) else MINUTE
            duration -= step if is_open(start // MINUTE) else 0
            start += step
        return start

    def between(self, start: int, end: int) -> int:
        return MINUTE * sum(map(is_open, range(start // MINUTE, end // MINUTE)))


class Always:
    def add(self, start: int, duration: int) -> int:
        return start + duration

    def between(self, start: int, end: int) -> int:
        return end - start


def is_open(minute: int) -> bool:
    return minute % 30 < 20


def warnings(minutes: int) -> tuple[float, float]:
    """At half of a target, and 5 minutes before its end."""
    return (minutes / 2, minutes - 5)


STATES = {RUNNING: "in time", AT_RISK: "at risk", OVERDUE: "overdue"}
PROMISES = {
    "plain": [Promise("all", {"default": dict.fromkeys(TARGETS, 30)}, warns=warnings)],
    "by priority": [
        Promise(
            "all",
            {
                "urgent": {
                    "first_response": 10,
                    "resolution": 20,
                    "total_resolution": 25,
                    "requester_wait": 15,
                },
                "default": {"first_response": 40, "resolution": 60, "total_resolution": 70, "agent_work": 30},
                "low": {"next_response": 20},
            },
            warns=warnings,
        )
    ],
    "by tag, with a fallback": [
        Promise(
            "vip",
            {"default": {"first_response": 15, "resolution": 20, "next_response": 10, "periodic_update": 12}},
            when={"tags": {"vip"}},
            stops={"resolution": {"held"}, "next_response": {"pending"}},
            cancels=True,
            warns=warnings,
        ),
        Promise(
            "all",
            {"default": {"first_response": 30, "total_resolution": 35, "agent_work": 15}},
            warns=warnings,
        ),
    ],
    "by tag alone": [
        Promise(
            "vip",
            {"default": dict.fromkeys(TARGETS, 20)},
            when={"tags": {"vip"}},
            open=is_open,
            warns=warnings,
        )
    ],
    "versions and calendars": [
        Promise(
            "day",
            {"default": dict.fromkeys(TARGETS, 25)},
            when={"team": {"a"}},
            open=is_open,
            warns=warnings,
        ),
        Promise("all", {"urgent": {"resolution": 12}, "default": dict.fromkeys(TARGETS, 30)}, warns=warnings),
        Promise(
            "all", {"default": dict.fromkeys(TARGETS, 18)}, begins=START + 30, open=is_open, warns=warnings
        ),
    ],
}


def policy(promise: Promise) -> Policy:
    return Policy(
        promise.name,
        {
            row: {name: of * MINUTE for name, of in targets.items()}
            for row, targets in promise.targets.items()
        },
        promise.begins * MINUTE,
        {name: frozenset(values) for name, values in promise.when.items()},
        "shifts" if promise.open is is_open else None,
        (Level(share=500_000), Level(before=5 * MINUTE)),
        {name: frozenset(stops) for name, stops in promise.stops.items()},
        not promise.cancels,
    )


RULES = {
    name: Policies([policy(promise) for promise in promises], Shifts()) for name, promises in PROMISES.items()
}

fields = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.sampled_from(["urgent", "low", "normal", None]),
        "tags": st.sampled_from([["vip"], ["vip", "x"], ["x"], None]),
        "team": st.sampled_from(["a", "b"]),
        "agent_id": st.sampled_from(["ann", "bob", None]),
        "status": st.sampled_from(["open", "pending", "held", "resolved"]),
    },
)
replies = st.fixed_dictionaries(
    {"author": st.sampled_from(["agent", "customer", "customer", "agent", "bot"])},
    optional={"public": st.just(False), "agent_id": st.sampled_from(["ann", "cleo"])},
)
nothing = st.just({})
happenings = st.one_of(
    st.tuples(st.just("updated"), fields),
    st.tuples(st.just("replied"), replies),
    st.tuples(st.sampled_from(["pended", "held", "resumed"]), nothing),
    st.tuples(st.sampled_from(["resolved", "reopened", "reopened"]), nothing),
    st.tuples(st.just("assigned"), st.fixed_dictionaries({"agent_id": st.sampled_from(["ann", "bob"])})),
    st.tuples(st.sampled_from(["closed", "removed", "restored", "created"]), nothing),
)
gaps = st.integers(0, 12)
lives = st.tuples(
    st.fixed_dictionaries({}, optional={"created_by": st.just("agent"), "priority": st.just("urgent")}),
    st.lists(st.tuples(gaps, happenings), max_size=14),
    st.integers(0, 2),
)


def told(life: tuple[dict[str, Any], list[tuple[int, tuple[str, dict[str, Any]]]], int]) -> list[Told]:
    """The events in their order; some come before the creation."""
    creation, rest, place = life
    found: list[Told] = []
    minute = START
    for number, (gap, (kind, data)) in enumerate([*rest[:place], (0, ("created", creation)), *rest[place:]]):
        minute += gap if number else 0
        found.append((minute, kind, data))
    return [each for each in found if each[0] <= START + UNTIL]


@cache
def levels_of(name: str) -> TicketLevels:
    return TicketLevels(RULES[name])


@cache
def road(levels: TicketLevels) -> tuple[EntityRunner[Ticket], Callable[[bytes], tuple[str, Event]]]:
    domain = levels.domain()
    runner = EntityRunner(Ticket, domain.types, keep=256, largest=1 << 20)
    return runner, Decoder(domain.types).decode


TWICE_IN_A_MINUTE = (
    {"created_by": "agent", "priority": "urgent"},
    [
        (25, ("updated", {"priority": "low"})),
        (0, ("updated", {"priority": "urgent", "agent_id": "ann", "team": "a"})),
    ],
    0,
)
"""What a policy that holds for an instant counts is kept under the next: elapsed time survives its change."""


TOLD_LATE_TO_WHOM: Any = (
    {},
    [(0, ("updated", {})), (2, ("assigned", {"agent_id": "ann"})), (3, ("replied", {"author": "agent"}))],
    0,
)
"""With the assignment last: a target that has ended ran for another agent than was known."""


class Taken:
    """A ticket that has taken events in an order of arrival."""

    def __init__(self, levels: TicketLevels, events: list[Told], order: list[int]) -> None:
        self.levels, (self.runner, self.decode) = levels, road(levels)
        self.entity = self.runner.new()
        for number in order:
            self.runner.apply(self.entity, self.event(number, *events[number]))

    @property
    def ticket(self) -> Ticket:
        ticket: Ticket = self.entity.state
        return ticket

    def event(self, number: int, minute: int, kind: str, data: Mapping[str, Any]) -> Event:
        record = {
            "specversion": "1.0",
            "id": str(number),
            "source": "/desk",
            "type": f"ticket.{kind}",
            "time": moments.text(minute * MINUTE),
            "subject": "T1",
            "sequence": number,
            "data": data,
        }
        return self.decode(msgspec.json.encode(record))[1]

    def verdicts(self, minute: int) -> set[Verdict]:
        self.runner.let_pass(self.entity, minute * MINUTE)
        found = self.levels.instances(self.ticket)
        outcomes = ((each, views.outcome(each, self.levels.rules)) for each in found)
        return {
            Verdict(
                outcome.target,
                instance.number,
                outcome.time // MINUTE,
                outcome.policy,
                outcome.met,
                self.ticket.labels[outcome.labels][1],
                self.ticket.labels[outcome.labels][4],
            )
            for instance, outcome in outcomes
            if outcome is not None
        }

    def standing(self, minute: int, now: int) -> Counter[Standing]:
        """How many stand how after a minute."""
        self.runner.let_pass(self.entity, now * MINUTE)
        found: Counter[Standing] = Counter()
        for step in self.levels.steps(self.ticket):
            if step.kind != DECIDED and step.time <= minute * MINUTE:
                target, policy, priority, _, _, agent = step.dimensions
                told = (target or "", 0), (policy or "", priority, agent)
                found[Standing(*told[0], STATES[step.kind], *told[1])] += step.number
                if step.kind == AT_RISK:
                    found[Standing(*told[0], STATES[RUNNING], *told[1])] -= step.number
        assert min(found.values(), default=0) >= 0
        return +found


@pytest.mark.parametrize("name", PROMISES)
@given(life=lives)
@example(life=TWICE_IN_A_MINUTE)
@settings(max_examples=60, deadline=None)
def test_they_equal_those_counted_minute_by_minute(name: str, life: Any) -> None:
    events = told(life)
    taken = Taken(levels_of(name), events, list(range(len(events))))
    assert taken.verdicts(START + UNTIL) == verdicts(PROMISES[name], events, START + UNTIL)


@pytest.mark.parametrize("name", PROMISES)
@given(life=lives, minute=st.integers(0, UNTIL))
@example(life=TWICE_IN_A_MINUTE, minute=25)
@settings(max_examples=120, deadline=None)
def test_what_is_open_at_a_minute_equals_what_is_counted_then(name: str, life: Any, minute: int) -> None:
    events = told(life)
    taken = Taken(levels_of(name), events, list(range(len(events))))
    expected = lived(PROMISES[name], events, START + UNTIL).standing(START + minute)
    assert taken.standing(START + minute, START + UNTIL) == Counter(
        each._replace(number=0) for each in expected
    )


@pytest.mark.parametrize("name", PROMISES)
@given(life=lives, seed=st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_the_order_of_arrival_changes_nothing(name: str, life: Any, seed: int) -> None:
    events = told(life)
    order = list(range(len(events)))
    random.Random(seed).shuffle(order)
    levels = levels_of(name)
    one, other = Taken(levels, events, sorted(order)), Taken(levels, events, order)
    assert one.ticket.sla == other.ticket.sla
    assert list(levels.signals("T1", None, one.ticket)) == list(levels.signals("T1", None, other.ticket))


@pytest.mark.parametrize("name", PROMISES)
@given(life=lives)
@settings(max_examples=60, deadline=None)
def test_clocks_that_run_on_equal_those_counted_from_the_start(name: str, life: Any) -> None:
    ticket = Taken(levels_of(name), events := told(life), list(range(len(events)))).ticket
    rules = RULES[name]
    for instance in (ticket.sla or ServiceLevels()).open:
        if instance.goal < 0:
            continue
        levels = ticket.sla
        assert levels is not None
        assert instance.outcome == OPEN
        assert (instance.elapsed, instance.since) == ran(rules, instance, levels.moments)
        if not instance.idle and not instance.overdue:
            goal = rules.goals[instance.goal]
            assert instance.deadline == reach(rules, instance, levels.moments, goal.duration)


@pytest.mark.parametrize("name", PROMISES)
@given(life=lives, seed=st.integers(0, 1000), place=st.integers(0, 14))
@example(life=TOLD_LATE_TO_WHOM, seed=5, place=3)
@settings(max_examples=60, deadline=None)
def test_what_differs_is_all_that_differs(name: str, life: Any, seed: int, place: int) -> None:
    """Of any two states, one before more events, the parts left out are of both."""
    events, levels = told(life), levels_of(name)
    order = list(range(len(events)))
    if seed % 2:
        random.Random(seed).shuffle(order)
    # The later state goes on from the very objects of the earlier one, as the engine's does.
    one = Taken(levels, events, order[:place])
    was = one.ticket.__copy__()
    for number in order[place:]:
        one.runner.apply(one.entity, one.event(number, *events[number]))
    for subject in levels.subjects:
        assert subject.differing is not None
        old, new = (Counter(parts) for parts in subject.differing(was, one.ticket))
        every = Counter(subject.of(one.ticket))
        every.subtract(subject.of(was))
        new.subtract(old)
        assert +new == +every
        assert -new == -every
    standing = {signal.id: signal for signal in levels.signals("T1", None, was)}
    for signal in levels.signals("T1", was, one.ticket):
        if signal.type == "sla.retracted":
            del standing[signal.id]
        else:
            standing[signal.id] = signal
    assert standing == {signal.id: signal for signal in levels.signals("T1", None, one.ticket)}


@given(life=lives)
@example(life=({}, [(10, ("pended", {})), (5, ("held", {})), (5, ("resumed", {})), (9, ("resolved", {}))], 0))
@example(
    life=({}, [(0, ("updated", {"status": "resolved"})), (0, ("reopened", {})), (1, ("resolved", {}))], 2)
)
@settings(max_examples=60, deadline=None)
def test_work_and_hold_make_up_the_wait_and_the_wait_and_pending_the_unsolved_time(life: Any) -> None:
    events = told(life)
    ticket = Taken(levels_of("plain"), events, list(range(len(events)))).ticket
    levels = ticket.sla
    if levels is None:
        return
    found = {TARGETS[instance.target]: instance for instance in views.at(levels)}
    if "requester_wait" not in found or found["requester_wait"].outcome == OPEN:
        return
    ended = {target: instance.elapsed for target, instance in found.items()}
    spans = zip(levels.moments, levels.moments[1:], strict=False)
    # The ticket's own first resolve may lie before its creation, which is when these began.
    first = found["requester_wait"].marks[-1].time
    by_status = {"open": 0, "pending": 0, "held": 0}
    for moment, following in spans:
        if following.time <= first and moment.status in by_status:
            by_status[moment.status] += following.time - moment.time
    assert ended["requester_wait"] + by_status["pending"] == sum(by_status.values())
    assert ended["agent_work"] + by_status["held"] == ended["requester_wait"]
