"""Why the figures of other systems differ: each story by our rules and by theirs, under the same policy."""

from typing import Any

import msgspec
import pytest

from agents.catalogue import build_catalogue, under_preset
from agents.definitions import Definitions
from agents.sla.presets import SYSTEMS
from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.moments import parse
from tests.oracle.telling import Json, answer, call, ticket, time

POLICY = {
    "name": "all",
    "targets": {
        "urgent": {"first_response": "10m", "resolution": "1h"},
        "default": {"first_response": "1h", "next_response": "30m", "resolution": "4h"},
    },
}
DEFINITIONS = Definitions.model_validate({"sla": {"policies": [POLICY]}})

Told = dict[str, str]
"`2/3` is two met of three, by target."


def created(clock: str, of: str = "T1", **data: Any) -> Json:
    return ticket("created", clock, of=of, **data)


def reply(clock: str, of: str = "T1", author: str = "agent") -> Json:
    return ticket("replied", clock, of=of, author=author)


def asks(clock: str, of: str = "T1") -> Json:
    return reply(clock, of, "customer")


def counted(catalogue: Catalogue, events: tuple[Json, ...], at: str, pane: str = "total") -> Told:
    batch = Batch(catalogue)
    batch.take(map(msgspec.json.encode, events))
    assert not batch.refused
    figures = batch.figures(parse(time(at))).values()
    return {
        figure["dimensions"]["target"]: f"{figure['numerator']}/{figure['denominator']}"
        for figure in figures
        if figure["metric"] == "sla_compliance"
        and [*figure["dimensions"]] == ["target"]
        and figure["window"].get("start", "total").endswith(pane)
        and figure["window"]["pane"] == ("total" if pane == "total" else "hour")
    }


def ours(*events: Json, at: str = "20:00", pane: str = "total") -> Told:
    return counted(build_catalogue(DEFINITIONS), events, at, pane)


def theirs(name: str, *events: Json, at: str = "20:00", pane: str = "total") -> Told:
    return counted(under_preset(name, DEFINITIONS), events, at, pane)


def test_where_nothing_is_special_all_agree() -> None:
    story = (created("09:00", priority="high"), reply("09:30"), ticket("resolved", "11:00"))
    both = {"first_response": "1/1", "resolution": "1/1"}
    assert ours(*story) == theirs("zendesk", *story) == theirs("intercom", *story) == both
    assert theirs("chatwoot", *story) == {**both, "conversation": "1/1"}


def test_zendesk_promises_nothing_of_a_ticket_without_a_priority() -> None:
    story = (created("09:00"), reply("10:30"), ticket("resolved", "11:00"))
    assert ours(*story) == {"first_response": "0/1", "resolution": "1/1"}
    assert theirs("zendesk", *story) == {}


def test_zendesk_lets_a_resolution_run_on_while_pending() -> None:
    story = (
        created("09:00", priority="high"),
        reply("09:10"),
        ticket("pended", "09:10"),
        ticket("resumed", "13:00"),
        ticket("resolved", "14:00"),
    )
    assert ours(*story)["resolution"] == "1/1"
    for name in SYSTEMS:
        assert theirs(name, *story)["resolution"] == "0/1"


def test_zendesk_judges_by_the_priority_applied_last() -> None:
    eased = (
        created("09:00", priority="urgent"),
        ticket("updated", "09:20", priority="low"),
        reply("09:30"),
    )
    assert ours(*eased)["first_response"] == "0/1", "a breach that has happened stays"
    assert theirs("zendesk", *eased)["first_response"] == "1/1"
    raised = (created("09:00", priority="low"), ticket("updated", "09:20", priority="urgent"), reply("09:30"))
    assert ours(*raised)["first_response"] == theirs("zendesk", *raised)["first_response"] == "0/1"


def test_zendesk_counts_an_open_target_from_its_deadline_on_as_we_do() -> None:
    story = (created("09:00", priority="urgent"),)
    for at, told in (("09:09", None), ("09:10", "0/1"), ("09:30", "0/1")):
        assert ours(*story, at=at).get("first_response") == told
        assert theirs("zendesk", *story, at=at).get("first_response") == told


def test_chatwoot_counts_what_is_in_flight_as_a_hit_where_it_was_created() -> None:
    story = (created("08:50", priority="high"),)
    assert ours(*story, at="09:05") == {}
    assert theirs("chatwoot", *story, at="09:05", pane="T08:00:00Z") == {
        "first_response": "1/1",
        "resolution": "1/1",
        "conversation": "1/1",
    }


@pytest.mark.parametrize("answered, next_", [("10:34", "1/1"), ("10:36", "0/1"), ("10:35", "1/1")])
def test_chatwoot_never_sees_a_late_answer_between_two_polls(answered: str, next_: str) -> None:
    """Asked at 10:01, so due at 10:31; the next look is at 10:35."""
    story = (
        created("09:00"),
        reply("09:10"),
        asks("10:01"),
        reply(answered),
        ticket("resolved", "11:00"),
    )
    assert ours(*story)["next_response"] == "0/1"
    told = theirs("chatwoot", *story)
    assert told["next_response"] == told["conversation"] == next_


def test_chatwoot_sees_a_late_first_response_also_afterwards() -> None:
    story = (created("09:01"), reply("10:02"))
    assert ours(*story)["first_response"] == "0/1"
    assert theirs("chatwoot", *story)["first_response"] == "0/1"


def test_chatwoot_sees_no_late_resolve_between_two_polls() -> None:
    story = (created("09:01"), reply("09:10"), ticket("resolved", "13:03"))
    assert ours(*story)["resolution"] == "0/1"
    assert theirs("chatwoot", *story)["resolution"] == "1/1"


def test_chatwoot_has_one_row_of_targets_for_all_priorities() -> None:
    story = (created("09:00", priority="urgent"), reply("09:30"), ticket("resolved", "11:00"))
    assert ours(*story) == {"first_response": "0/1", "resolution": "0/1"}
    assert theirs("chatwoot", *story)["conversation"] == "1/1"


def test_chatwoot_counts_a_conversation_once_and_nothing_after_its_resolve() -> None:
    story = (
        created("09:00"),
        reply("09:10"),
        *(event for clock in (10, 11) for event in (asks(f"{clock}:00"), reply(f"{clock}:50"))),
        ticket("resolved", "12:00"),
        ticket("reopened", "13:00"),
        asks("13:00:01"),
    )
    assert ours(*story) == {"first_response": "1/1", "next_response": "0/3", "resolution": "1/1"}
    assert theirs("chatwoot", *story)["next_response"] == "0/1"


def test_intercom_finds_no_miss_until_somebody_replies() -> None:
    silent = (created("09:00", priority="high"),)
    assert ours(*silent) == {"first_response": "0/1", "resolution": "0/1"}
    assert theirs("intercom", *silent) == {}
    late = (*silent, reply("12:00"))
    assert theirs("intercom", *late) == {"first_response": "0/1"}
    assert ours(*late, pane="T10:00:00Z") == {"first_response": "0/1"}, "at the deadline"
    assert theirs("intercom", *late, pane="T12:00:00Z") == {"first_response": "0/1"}, "at the reply"


def test_intercom_cancels_what_a_close_leaves_unanswered() -> None:
    early = (created("09:00"), ticket("resolved", "09:30"))
    assert ours(*early) == {"first_response": "1/1", "resolution": "1/1"}
    late = (created("09:00"), ticket("resolved", "10:30"))
    assert ours(*late) == {"first_response": "0/1", "resolution": "1/1"}
    for story in (early, late):
        assert theirs("intercom", *story) == {"resolution": "1/1"}


def test_parts_of_a_set_sum_to_its_whole_under_every_preset() -> None:
    stories = (
        created("09:00", priority="urgent", team="care"),
        reply("09:30"),
        created("09:00", of="T2", priority="low"),
        created("09:00", of="T3", priority="low", team="care"),
        reply("09:40", of="T3"),
        ticket("resolved", "11:00", of="T3"),
    )
    for name in SYSTEMS:
        batch = Batch(under_preset(name, DEFINITIONS))
        batch.take(map(msgspec.json.encode, stories))
        sums: dict[str, dict[str, int]] = {}
        for figure in batch.figures(parse(time("20:00"))).values():
            if figure["metric"] == "sla_compliance" and figure["window"]["pane"] == "total":
                of = sums.setdefault(figure["dimensions"]["target"], {})
                by = ",".join(figure["dimensions"])
                of[by] = of.get(by, 0) + figure["denominator"]
        assert sums
        assert all(len(set(of.values())) == 1 for of in sums.values())


def test_what_else_happens_is_taken_too() -> None:
    """Tickets tell their customers of themselves, and answers and calls their tickets."""
    events = (
        created("09:00", customer_id="C1", topic="invoice", priority="low"),
        reply("09:30"),
        ticket("resolved", "10:00"),
        answer("10:30", 5, ticket_id="T1"),
        call("offered", "09:10", ticket_id="T1"),
        call("answered", "09:11", agent_id="ana"),
    )
    for name in SYSTEMS:
        assert theirs(name, *events)["first_response"] == "1/1"


def test_without_policies_all_else_is_compared() -> None:
    for name in SYSTEMS:
        (metric,) = under_preset(name, Definitions()).metrics
        assert metric.name != "sla_compliance"


def value(catalogue: Catalogue, metric: str, *events: Json) -> tuple[float, int]:
    batch = Batch(catalogue)
    batch.take(map(msgspec.json.encode, events))
    figure = batch.figures(parse(time("20:00")))[f"{metric}||total|"]
    return figure["value"], figure["count"]


@pytest.mark.parametrize(
    "name, metric, events, told, theirs",
    [
        (
            "zendesk",
            "one_touch_rate",
            (created("09:00"), ticket("resolved", "10:00")),
            (0, 1),
            (1, 1),
        ),
        (
            "chatwoot",
            "resolution_time",
            (
                created("09:00"),
                ticket("resolved", "10:00"),
                ticket("closed", "10:30"),
                created("09:00", of="T2"),
                ticket("resolved", "10:00", of="T2"),
                ticket("reopened", "11:00", of="T2"),
                ticket("resolved", "12:00", of="T2"),
            ),
            (2 * 3600, 2),
            ((1 + 1 + 3) / 3 * 3600, 3),
        ),
        (
            "intercom",
            "first_contact_resolution",
            (created("09:00"), reply("09:10"), asks("09:20"), reply("09:30"), ticket("resolved", "10:00")),
            (0, 1),
            (1, 1),
        ),
    ],
)
def test_other_figures_that_differ(
    name: str,
    metric: str,
    events: tuple[Json, ...],
    told: tuple[float, int],
    theirs: tuple[float, int],
) -> None:
    assert value(build_catalogue(Definitions()), metric, *events) == told
    assert value(under_preset(name, Definitions()), metric, *events) == pytest.approx(theirs)
