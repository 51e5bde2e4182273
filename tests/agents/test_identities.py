"""What must add up: the waits of a ticket, and the parts of a dimension set."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.state.difference import observations
from streams.windows.panes import Calendar
from tests.oracle.events import TICKET_TYPES
from tests.oracle.events import read as oracle_read
from tests.oracle.stories import events as stories
from tests.oracle.tickets import after_creation, history, standing_resolution
from tests.state.test_entity import folded, read

TICKETS = CATALOGUE.domain("tickets")
STATUSES = ("open", "pending", "held", "resolved", "closed")
SHORTHANDS = ("pended", "held", "resumed", "resolved", "reopened", "closed")

Json = dict[str, Any]
Observed = dict[str, list[int]]

hours = st.integers(0, 71)
events = st.one_of(
    st.tuples(st.sampled_from(SHORTHANDS), hours, st.just({})),
    st.tuples(
        st.sampled_from(("updated", "created")), hours, st.sampled_from([{"status": s} for s in STATUSES])
    ),
    st.tuples(st.just("replied"), hours, st.sampled_from([{"author": "agent"}, {"author": "customer"}])),
)
lives = st.builds(
    lambda created, others: [("created", created, {}), *others], hours, st.lists(events, max_size=12)
)

unhurried = settings(deadline=None)
"The first example waits for imports, and a busy machine for its turn."


def told(life: list[tuple[str, int, Json]]) -> list[Json]:
    return [
        {
            "specversion": "1.0",
            "id": f"{number:02}",
            "source": "/desk",
            "type": f"ticket.{kind}",
            "time": f"2026-11-{2 + hour // 24:02}T{hour % 24:02}:00:00Z",
            "subject": "T1",
            "data": data,
        }
        for number, (kind, hour, data) in enumerate(life)
    ]


def observed(ticket: list[Json]) -> Observed:
    """What one ticket contributes: the values by metric."""
    found = defaultdict(list)
    for metric, several in observations(CATALOGUE, TICKETS, folded(TICKETS, read(TICKETS, ticket))):
        found[metric.name] += [each.value for each in several]
    return found


def spans(ticket: list[Json]) -> dict[str, int]:
    """The time from the creation to the standing resolution by status."""
    ((_, ordered),) = oracle_read(ticket, TICKET_TYPES).items()
    steps, spent = history(ordered), dict.fromkeys(("open", "pending", "held", "resolved"), 0)
    standing = standing_resolution(steps)
    lived = after_creation(steps)
    if standing in lived:
        for earlier, later in pairwise(lived[: lived.index(standing) + 1]):
            spent[earlier.status] += later.time - earlier.time
    return spent


@unhurried
@given(lives)
def test_the_waits_of_requester_and_agent_are_the_unsolved_time(life: list[tuple[str, int, Json]]) -> None:
    ticket = told(life)
    found, spent = observed(ticket), spans(ticket)
    unsolved = sum(spent.values()) - spent["resolved"]
    assert (
        len(found["requester_wait_time"]) == len(found["agent_wait_time"]) == len(found["tickets_resolved"])
    )
    for wait, agent_wait in zip(found["requester_wait_time"], found["agent_wait_time"], strict=True):
        assert wait + agent_wait == unsolved


@unhurried
@given(lives)
def test_the_agents_work_and_the_time_on_hold_are_the_requesters_wait(
    life: list[tuple[str, int, Json]],
) -> None:
    ticket = told(life)
    found, spent = observed(ticket), spans(ticket)
    for wait, work in zip(found["requester_wait_time"], found["agent_work_time"], strict=True):
        assert work + spent["held"] == wait


@unhurried
@given(lives)
def test_what_was_never_reopened_was_unsolved_until_its_resolution(life: list[tuple[str, int, Json]]) -> None:
    found = observed(told(life))
    if found["resolution_time"] and found["resolution_time"][0] >= 0 and found["reopen_rate"] == [False]:
        waits = found["requester_wait_time"][0] + found["agent_wait_time"][0]
        assert waits == found["resolution_time"][0] == found["first_resolution_time"][0]


@unhurried
@given(lives)
def test_a_ticket_is_created_once_and_resolved_at_most_once(life: list[tuple[str, int, Json]]) -> None:
    found = observed(told(life))
    assert found["tickets_created"] == found["inquiry_topics"] == [1]
    assert len(found["escalation_rate"]) == 1
    assert len(found["tickets_resolved"]) <= len(found["reopen_rate"]) <= 1
    assert len(found["one_touch_rate"]) == len(found["reopen_rate"]) == len(found["first_contact_resolution"])
    assert len(found["first_response_time"]) <= len(found["replies"])
    assert len(found["next_response_time"]) <= max(0, len(found["replies"]) - 1)


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_of_each_dimension_set_sum_to_the_whole(seed: int) -> None:
    batch = Batch(CATALOGUE, Calendar())
    batch.take(map(msgspec.json.encode, stories(seed, 60, 60)))
    wholes: dict[tuple[str, ...], Json] = {}
    parts: dict[tuple[Any, ...], Json] = defaultdict(lambda: defaultdict(int))
    for key, figure in batch.figures(beside=_everywhere(batch.figures())).items():
        metric, dimensions, *pane = key.split("|")
        names = tuple(sorted(figure["dimensions"]))
        added = {
            name: figure[name] for name in ("count", "numerator", "denominator", "sum") if name in figure
        }
        if dimensions:
            for name, value in added.items():
                parts[metric, *pane, names][name] += value
        else:
            wholes[metric, *pane] = added
    assert len(parts) > 1000
    for (metric, *pane, names), summed in dict(parts).items():
        # Different surveys have no whole: those by survey alone stand for it.
        whole = parts[metric, *pane, ("survey",)] if "survey" in names else wholes[metric, *pane]
        assert summed == pytest.approx(whole, rel=1e-12, abs=1e-6)


def _everywhere(figures: Iterable[str]) -> set[str]:
    """The keys of all series of a metric in each pane that any of them is in: where levels are as before."""
    places = [key.split("|") for key in figures]
    panes, series = defaultdict(set), defaultdict(set)
    for metric, dimensions, kind, start in places:
        panes[metric].add(f"{kind}|{start}")
        series[metric].add(dimensions)
    return {f"{metric}|{of}|{pane}" for metric in panes for of in series[metric] for pane in panes[metric]}
