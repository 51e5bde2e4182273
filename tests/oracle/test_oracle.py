"""Hand-made stories of tickets, with figures worked out by hand."""

import pytest

from .figures import CATALOGUE, LEVELS, METRICS, figures
from .telling import Json, number, parts, plain, reply, seconds, share, ticket, total

OF_SURVEYS = {metric for metric in METRICS if metric.startswith(("cs", "ces", "nps", "survey"))}


def test_a_plain_ticket_gives_every_figure() -> None:
    events = [*plain(channel="email", priority="high"), ticket("closed", "12:00")]
    silent = {"first_bot_response_time", "next_response_time", "handle_time", "escalations", "recontact_rate"}
    of_calls = {name for name, (_, sets) in (CATALOGUE | LEVELS).items() if ("queue",) in sets}
    of_days = {"backlog_age"}
    assert {key[0] for key in figures(events)} == METRICS - silent - of_calls - of_days - OF_SURVEYS
    assert total(events, "tickets_created") == {"value": 1, "count": 1}
    assert total(events, "first_response_time") == {
        "count": 1, "sum": 600.0, "value": 600.0, "p50": 600.0, "p90": 600.0, "p95": 600.0, "p99": 600.0,
    }  # fmt: skip
    assert seconds(events, "resolution_time", "channel=email,priority=high") == 3600
    assert total(events, "first_contact_resolution", "agent=ana") == {
        "value": 1.0, "count": 1, "numerator": 1, "denominator": 1,
    }  # fmt: skip
    assert share(events, "reopen_rate") == (0, 1)
    assert parts(events, "tickets_closed", "agent") == {"unknown": 1}  # nobody was assigned


def test_a_reopening_takes_the_resolution_back_and_the_next_resolve_adds_it_again() -> None:
    reopened = [*plain(), ticket("reopened", "11:00")]
    assert number(reopened, "tickets_resolved") == 0
    assert seconds(reopened, "resolution_time") is None
    assert seconds(reopened, "first_resolution_time") == 3600
    assert share(reopened, "reopen_rate") == (1, 1)
    assert share(reopened, "first_contact_resolution") == (0, 1)
    again = [*reopened, ticket("resolved", "13:00", agent_id="ben")]
    assert seconds(again, "resolution_time", "agent=ben") == 4 * 3600
    assert seconds(again, "first_resolution_time", "agent=ana") == 3600
    assert share(again, "reopen_rate", "agent=ana") == (1, 1)


def test_a_reopening_spoils_the_first_contact_until_the_end_of_the_7th_day() -> None:
    assert share([*plain(), ticket("reopened", "9 10:00:00")], "first_contact_resolution") == (0, 1)
    assert share([*plain(), ticket("reopened", "9 10:00:00.000001")], "first_contact_resolution") == (1, 1)


def test_one_reply_is_a_first_contact_but_in_a_session_any_number_is() -> None:
    def told(channel: str, *replies: str) -> list[Json]:
        said = [reply(clock, "ana") for clock in replies]
        return [ticket("created", "09:00", channel=channel), *said, ticket("resolved", "20:00")]

    assert share(told("email", "09:10"), "first_contact_resolution") == (1, 1)
    assert share(told("email", "09:10", "09:20"), "first_contact_resolution") == (0, 1)
    assert share(told("email"), "first_contact_resolution") == (0, 1)
    assert share(told("chat"), "first_contact_resolution") == (1, 1)
    assert share(told("chat", "09:10", "10:10", "11:10"), "first_contact_resolution") == (1, 1)
    assert share(told("chat", "09:10", "10:10:00.000001"), "first_contact_resolution") == (0, 1)
    assert share(told("chat", "09:10", "10:10"), "one_touch_rate") == (0, 1)


def test_an_escalation_or_a_second_agent_spoils_the_first_contact() -> None:
    assert share([*plain(), ticket("escalated", "09:30")], "first_contact_resolution") == (0, 1)
    assert share([*plain(), ticket("escalated", "10:30")], "first_contact_resolution") == (1, 1)
    assert share([*plain(), ticket("assigned", "09:30", agent_id="ben")], "first_contact_resolution") == (
        0,
        1,
    )
    assert share([*plain(), ticket("assigned", "09:30", team="x")], "first_contact_resolution") == (1, 1)
    by_another = [*plain()[:2], ticket("resolved", "10:00", agent_id="ben")]
    assert share(by_another, "first_contact_resolution") == (0, 1)
    assert share(by_another, "one_touch_rate") == (1, 1)
    # Whom the creation names is asked only as the one who resolves.
    assert share(plain(agent_id="ben"), "first_contact_resolution") == (1, 1)
    silent = [ticket("created", "09:00", agent_id="ben"), reply("09:10", "ana"), ticket("resolved", "10:00")]
    assert share(silent, "first_contact_resolution") == (0, 1)


def test_only_public_replies_of_people_are_replies() -> None:
    events = [
        ticket("created", "09:00"),
        reply("09:01", "robo", author="bot"),
        reply("09:02", "ana", public=False),
        reply("09:03", author="customer"),
        reply("09:05", "ben", public=None),
        reply("09:06"),
    ]
    assert parts(events, "replies", "agent") == {"ben": 1, "unknown": 1}
    assert seconds(events, "first_response_time", "agent=ben") == 300
    assert seconds(events, "first_bot_response_time", "agent=unknown") == 60


def test_a_ticket_created_by_an_agent_waits_for_the_customers_first_message() -> None:
    created = ticket("created", "09:00", created_by="agent")
    assert seconds([created, reply("09:10", "ana")], "first_response_time") is None
    asked = [created, reply("09:10", "ana"), reply("09:30", author="customer")]
    assert seconds(asked, "first_response_time") is None
    assert seconds([*asked, reply("09:45", "ana")], "first_response_time") == 15 * 60
    # What the later creation says about who created it changes nothing.
    again = ticket("created", "09:05", created_by="customer")
    assert seconds([*asked, again, reply("09:45", "ana")], "first_response_time") == 15 * 60


def test_the_dimensions_are_those_at_the_time_of_the_event() -> None:
    events = [
        ticket("created", "09:00", channel="email", team="front", agent_id="ana"),
        ticket("assigned", "09:30", team="back"),
        ticket("updated", "09:40", channel="", tier=None, priority="urgent"),
        ticket("resolved", "10:00"),
        ticket("updated", "11:00", team="night"),
    ]
    assert parts(events, "tickets_created", "team") == {"front": 1}
    assert parts(events, "tickets_resolved", "team") == {"back": 1}
    assert parts(events, "tickets_resolved", "channel") == {"unknown": 1}
    assert parts(events, "tickets_resolved", "agent") == {"ana": 1}  # a change of team keeps the assignee
    assert number(events, "tickets_resolved", "channel=unknown,priority=urgent") == 1


def test_the_status_can_be_said_by_updates() -> None:
    events = [
        ticket("created", "09:00"),
        ticket("updated", "10:00", status="resolved", agent_id="ana", team="back"),
        ticket("updated", "10:30", status="pending"),  # changes nothing on a resolved ticket
        ticket("resumed", "10:40"),  # nor does this
        ticket("updated", "11:00", status="open"),
        ticket("updated", "12:00", status="closed"),
    ]
    assert parts(events[:4], "tickets_resolved", "agent") == {"ana": 1}
    assert parts(events[:4], "tickets_resolved", "team") == {"back": 1}
    assert number(events[:5], "tickets_resolved") == 0
    assert seconds(events, "resolution_time") == 3 * 3600
    assert number(events, "tickets_closed") == 1


def test_a_close_without_a_resolve_is_also_the_resolve_and_ends_it_all() -> None:
    events = [ticket("created", "09:00"), ticket("closed", "10:00")]
    events += [reply("11:00", "ana"), ticket("reopened", "11:30"), ticket("closed", "12:00")]
    events += [ticket("created", "12:30", team="x")]
    assert seconds(events, "resolution_time") == 3600
    assert number(events, "tickets_closed") == 1
    assert number(events, "replies") == 0
    assert share(events, "reopen_rate") == (0, 1)


def test_a_second_resolve_and_a_needless_reopen_change_nothing() -> None:
    events = [ticket("created", "09:00"), ticket("reopened", "09:30"), ticket("resolved", "10:00")]
    events += [ticket("resolved", "11:00", agent_id="ana")]
    assert seconds(events, "resolution_time", "agent=unknown") == 3600
    assert share(events, "reopen_rate") == (0, 1)


def test_a_removed_ticket_counts_for_nothing_until_it_is_restored() -> None:
    removed = [*plain(), ticket("removed", "10:30"), reply("10:40", "ben")]
    assert figures(removed) == {}
    assert figures([*plain(), ticket("merged", "10:30", into="T9")]) == {}
    restored = [*removed, ticket("restored", "11:00")]
    assert number(restored, "replies") == 2
    assert number(restored, "tickets_created") == 1
    assert figures([*restored, ticket("removed", "12:00")]) == {}
    assert number([*removed, ticket("restored", "10:20")], "replies") == 0  # restored before it was removed


def test_a_ticket_that_was_never_created_counts_for_nothing() -> None:
    assert figures(plain()[1:]) == {}


def test_events_before_the_creation_count_with_what_they_bring() -> None:
    events = [
        ticket("updated", "08:00", channel="email", agent_id="ana"),
        reply("08:10", "ben"),
        ticket("updated", "08:20", status="resolved", team="back"),
        ticket("created", "09:00", priority="low"),
    ]
    assert parts(events, "replies", "agent") == {"ben": 1}
    assert parts(events, "replies", "channel") == {"unknown": 1}
    assert parts(events, "tickets_resolved", "team") == {"back": 1}
    assert parts(events, "tickets_resolved", "agent") == {"unknown": 1}
    assert number(events, "tickets_created", "channel=email,priority=low") == 1
    assert seconds(events, "resolution_time") is None  # it would be negative
    assert seconds(events, "first_resolution_time") is None
    assert share(events, "one_touch_rate") == (1, 1)
    assert seconds(events, "first_response_time") is None
    assert seconds([*events, reply("09:05", "cem")], "first_response_time") == 300


def test_a_creation_after_a_close_still_creates() -> None:
    events = [ticket("closed", "08:00"), ticket("created", "09:00", team="a", status="open")]
    events += [reply("09:10", "ana")]
    assert parts(events, "tickets_created", "team") == {"a": 1}
    assert parts(events, "tickets_closed", "team") == {"unknown": 1}
    assert share(events, "reopen_rate") == (0, 1)
    assert number(events, "replies") == 0


def test_a_creation_with_a_status_moves_the_ticket() -> None:
    assert seconds([ticket("created", "09:00", status="resolved")], "resolution_time") == 0
    reopened = [ticket("resolved", "08:00"), ticket("created", "09:00", status="open")]
    assert share(reopened, "reopen_rate") == (1, 1)
    kept = [ticket("resolved", "08:00"), ticket("created", "09:00")]
    assert share(kept, "reopen_rate") == (0, 1)


def test_later_creations_are_updates() -> None:
    events = [*plain(channel="email"), ticket("created", "09:30", channel="chat", status="pending")]
    assert parts(events, "tickets_created", "channel") == {"email": 1}
    assert parts(events, "tickets_resolved", "channel") == {"chat": 1}


@pytest.mark.parametrize("turn", [1, -1])
def test_the_order_of_the_log_does_not_matter_but_for_duplicates(turn: int) -> None:
    events = [*plain(), ticket("reopened", "11:00"), ticket("resolved", "12:00")]
    assert figures(events[::turn]) == figures(events)
    first = reply("09:10", "ana")
    second = {**reply("09:40", "ben"), "id": first["id"]}
    told = [ticket("created", "09:00"), *[first, second][::turn]]
    assert parts(told, "replies", "agent") == ({"ana": 1} if turn == 1 else {"ben": 1})
    elsewhere = {**second, "source": "/other"}
    assert number([*told, elsewhere], "replies") == 2


def test_equal_times_are_ordered_by_sequence_then_type_then_source_then_id() -> None:
    def agent(*replies: Json) -> dict[str, int]:
        return parts([ticket("created", "09:00"), *replies], "first_response_time", "agent")

    late = {**reply("09:10", "ana"), "sequence": 2, "id": "a"}
    soon = {**reply("09:10", "ben"), "sequence": 1, "id": "b"}
    none = {**reply("09:10", "cem"), "id": "c"}
    other = {**reply("09:10", "dia"), "id": "0", "source": "/z"}
    assert agent(late, soon) == {"ben": 1}
    assert agent(late, soon, none) == {"cem": 1}  # no sequence is 0
    assert agent(late, soon, none, other) == {"cem": 1}  # /desk before /z, whatever the id
    tied = [ticket("resolved", "09:00"), ticket("created", "09:00"), reply("09:00", "ana")]
    assert share(tied, "one_touch_rate") == (1, 1)  # by type: created, replied, resolved
    elsewhere = [*tied[:2], {**tied[2], "source": "/z"}]
    assert share(elsewhere, "one_touch_rate") == (1, 1)  # the type before the source
    turned = [*tied[:2], {**tied[2], "sequence": 1}]
    assert share(turned, "one_touch_rate") == (0, 1)


def test_times_have_any_offset_and_are_cut_to_microseconds() -> None:
    events = [
        ticket("created", "2026-11-02T14:30:00.000000999+05:30"),
        reply("2026-11-02t09:00:01.9999999z", "ana"),
    ]
    assert seconds(events, "first_response_time") == 1.999999
    assert ("tickets_created", "", "hour", "2026-11-02T09:00:00Z") in figures(events)


def test_own_and_unlisted_events_and_unnamed_fields_say_nothing() -> None:
    events = [*plain(), {**reply("09:20", "ana"), "source": "/metricland"}, ticket("viewed", "09:20")]
    events += [ticket("pended", "09:30", channel="chat"), ticket("resolved", "09:40", team="x")]
    assert number(events, "replies") == 1
    assert parts(events, "tickets_resolved", "channel") == {"unknown": 1}
    assert parts(events, "tickets_resolved", "team") == {"unknown": 1}
