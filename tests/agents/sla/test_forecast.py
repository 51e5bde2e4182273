"""What tickets add to the forecast of breaches, and how good that is on a real log."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

import pytest

from agents.sla.forecast import sla_brier_score, sla_brier_score_of_rate, sla_expected_breaches
from agents.sla.metrics import Step
from agents.sla.state import DECIDED, RUNNING
from streams import moments
from streams.catalogue import Observations
from streams.windows.levels import Level
from streams.windows.survival import Brier, Expected
from tests.agents.sla.telling import Desk, at, policy_of
from tests.agents.sla.test_incidents import by_close, followed
from tests.agents.test_mappings import needs_data

EXPECTED, BRIER = Expected("hour"), Brier("hour")


def slots(kind: Level, observe: Callable[[Step], Observations], steps: Iterable[Step]) -> Counter[int]:
    found: Counter[int] = Counter()
    for step in steps:
        for observed in observe(step):
            for slot, number in kind.additions(observed.value):
                found[slot] += number
    return found


def told(policy: str, *lines: str, clock: str = "Sun 23:00") -> list[tuple[str, str, int, str]]:
    """What is decided: the target, its priority, the hour of the week of its start, what was left."""
    desk = Desk([policy_of(policy.split())])
    for line in lines:
        desk.happen(line.split())
    desk.pass_time(at(clock))
    return [
        (
            str(step.dimensions[0]),
            str(step.dimensions[2]),
            (step.started // moments.HOUR + 72) % 168,
            "missed" if step.left is None else f"{step.left // moments.MINUTE}m left",
        )
        for step in desk.levels.steps(desk.ticket)
        if step.kind == DECIDED
    ]


def test_what_is_met_tells_how_much_time_was_left() -> None:
    found = told("first_response 1h", "09:00 created priority high", "09:20 reply ann")
    assert found == [("first_response", "high", 9, "40m left")]


def test_the_hour_is_that_of_the_week() -> None:
    found = told("first_response 1h", "Sun 22:10 created", "Sun 22:20 reply ann")
    assert found == [("first_response", "None", 6 * 24 + 22, "50m left")]


def test_what_passes_its_deadline_is_missed_though_nobody_has_done_anything() -> None:
    assert told("first_response 1h", "09:00 created", clock="Mon 09:30") == []
    assert told("first_response 1h", "09:00 created", clock="Mon 10:01") == [
        ("first_response", "None", 9, "missed")
    ]


def test_what_is_cancelled_is_no_part_of_the_history() -> None:
    policy = "first_response 8h resolve cancels"
    assert told(policy, "09:00 created", "10:00 resolved ann") == []


def test_what_is_met_while_it_stands_still_had_left_what_it_had_when_it_was_stopped() -> None:
    found = told("resolution 4h", "09:00 created", "10:00 pended", "Wed 09:00 resolved ann")
    assert found == [("resolution", "None", 9, "180m left")]


def test_a_reopening_takes_back_what_was_decided_of_the_total() -> None:
    events = ("09:00 created", "10:00 resolved ann", "12:00 reopened")
    assert told("total_resolution 4h", *events[:2], clock="Mon 11:00") == [
        ("total_resolution", "None", 9, "180m left")
    ]
    assert told("total_resolution 4h", *events, clock="Mon 13:00") == []
    assert told("total_resolution 4h", *events) == [("total_resolution", "None", 9, "missed")]


def test_while_it_stands_still_it_is_not_expected_to_be_missed() -> None:
    desk = Desk([policy_of(["resolution", "4h"])])
    for line in ("09:00 created", "10:00 pended"):
        desk.happen(line.split())
    assert not EXPECTED.figure(slots(EXPECTED, sla_expected_breaches, desk.levels.steps(desk.ticket)))[
        "count"
    ]


@cache
def incidents() -> list[tuple[Step, Step]]:
    """How each incident of a real log began to run, and what was decided, in the order of their starts."""
    found = []
    for levels, state in followed(by_close()):
        steps = levels.steps(state)
        (decided,) = (step for step in steps if step.kind == DECIDED)
        found.append((next(step for step in steps if step.kind == RUNNING), decided))
    return sorted(found, key=lambda each: each[0].time)


@needs_data
@pytest.mark.data
def test_incidents_are_forecast_better_than_by_their_rate() -> None:
    decided = [decided for _, decided in incidents()]
    score = BRIER.figure(slots(BRIER, sla_brier_score, decided))
    rate = BRIER.figure(slots(BRIER, sla_brier_score_of_rate, decided))
    assert score == {"value": pytest.approx(0.2117, abs=5e-5), "count": 2_000}
    assert rate == {"value": pytest.approx(0.2427, abs=5e-5), "count": 2_000}


@needs_data
@pytest.mark.data
def test_as_many_incidents_are_missed_as_are_expected_of_those_with_such_a_chance() -> None:
    """Each forecast at its start by all others, in five classes of their chances."""
    history = slots(EXPECTED, sla_expected_breaches, (decided for _, decided in incidents()))
    forecasts = []
    for begun, decided in incidents():
        others = history.copy()
        others.subtract(slots(EXPECTED, sla_expected_breaches, [decided]))
        others.update(slots(EXPECTED, sla_expected_breaches, [begun]))
        figure = EXPECTED.figure_at(+others, begun.time // moments.SECOND)
        assert figure["value"] is not None
        forecasts.append((figure["value"], decided.left is None))
    forecasts.sort()
    classes = [forecasts[first : first + 400] for first in range(0, 2_000, 400)]
    expected = [sum(chance for chance, _ in each) for each in classes]
    missed = [sum(missed for _, missed in each) for each in classes]
    assert len(forecasts) == 2_000
    assert sum(expected) == pytest.approx(sum(missed), abs=15)
    assert all(abs(many - few) <= 24 for many, few in zip(expected, missed, strict=True)), (expected, missed)
    assert missed[0] < 140 < 320 < missed[-1]


@needs_data
@pytest.mark.data
def test_the_score_does_not_see_that_the_second_half_of_the_log_is_another() -> None:
    missed = [decided.left is None for _, decided in incidents()]
    assert (sum(missed[:1_000]), sum(missed[1_000:])) == (456, 718)
