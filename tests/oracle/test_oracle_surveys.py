"""Hand-made stories of survey answers, with figures worked out by hand."""

import pytest

from .telling import Json, answer, number, parts, share, survey, ticket, total


def test_csat_is_the_share_of_the_satisfied() -> None:
    events = [answer("09:00", score, of=f"R{score}") for score in (1, 2, 3, 4, 5)]
    assert total(events, "csat") == {"value": 0.4, "count": 5, "numerator": 2, "denominator": 5}
    assert parts(events, "csat", "touchpoint") == {"unknown": 5}


@pytest.mark.parametrize(
    ("score", "scale", "satisfied"),
    [
        (75, {"scale_min": 0, "scale_max": 100}, 1),
        (74.99, {"scale_min": 0, "scale_max": 100}, 0),
        (1.75, {"scale_max": 2}, 1),
        (1, {"scale_min": 0, "scale_max": 1}, 1),
        (0.075, {"scale_min": 0, "scale_max": 0.1}, 1),  # exactly three quarters: binary fractions miss it
        (0, {"scale_min": -2, "scale_max": 2}, 0),
        (4, {"scale_min": None, "scale_max": ""}, 1),
    ],
)
def test_csat_on_any_scale(score: float, scale: Json, satisfied: int) -> None:
    assert share([answer("09:00", score, **scale)], "csat") == (satisfied, 1)


def test_nps_is_promoters_less_detractors() -> None:
    events = [answer("09:00", score, of=f"R{score}", survey="nps") for score in (0, 6, 7, 8, 9, 10)]
    events.append(answer("09:00", 10, of="R11", survey="nps"))
    assert total(events, "nps") == {
        "value": 100 / 7,
        "count": 7,
        "numerator": 1,
        "denominator": 7,
        "counts": {"promoters": 3, "passives": 2, "detractors": 2},
    }
    assert total(events, "csat") is None


def test_csat_score_is_the_mean_on_1_to_5() -> None:
    events = [
        answer("09:00", 5),
        answer("09:00", 4.5, of="R2"),
        answer("09:00", 8, of="R3", scale_min=1, scale_max=10),  # 1 + 4 x 7/9
        answer("09:00", 50, of="R4", scale_min=0, scale_max=100),  # 3
    ]
    found = total(events, "csat_score")
    assert found is not None
    assert found["counts"] == {"3": 1, "4.111111": 1, "4.5": 1, "5": 1}
    assert (found["sum"], found["value"]) == (16.611111, 4.15277775)
    assert (found["p50"], found["p90"]) == (4.111111, 5)
    assert share(events, "csat") == (3, 4)


def test_mapped_scores_are_rounded_half_up_and_fine_ones_counted_to_four_digits() -> None:
    halves = [answer("09:00", 0.000001, scale_min=0, scale_max=8)]  # 1.0000005
    assert total(halves, "csat_score") == {
        "value": 1.000001, "count": 1, "sum": 1.000001, "counts": {"1": 1},
        "p50": 1.000001, "p90": 1.000001, "p95": 1.000001, "p99": 1.000001,
    }  # fmt: skip
    fine = total([answer("09:00", 33.337, scale_min=0, scale_max=100)], "csat_score")
    assert fine is not None
    assert (fine["sum"], fine["counts"]) == (2.33348, {"2.333": 1})


def test_csa_is_satisfaction_of_its_own_survey() -> None:
    events = [answer("09:00", score, of=f"R{score}", survey="csa") for score in (3, 4, 5)]
    assert share(events, "csa") == (2, 3)
    assert number(events, "csat") == number(events, "csat_score") == number(events, "survey_score") == 0


def test_ces_is_effort_on_1_to_7_and_low_effort_its_lower_third() -> None:
    events = [answer("09:00", score, of=f"R{score}", survey="ces") for score in (1, 3, 4, 7)]
    events.append(answer("09:00", 5, of="S", survey="ces", scale_max=5))  # 7
    events.append(answer("09:00", 100 / 4, of="P", survey="ces", scale_min=0, scale_max=100))  # 2.5
    found = total(events, "ces")
    assert found is not None
    assert (found["value"], found["counts"]) == (24.5 / 6, {"1": 1, "2.5": 1, "3": 1, "4": 1, "7": 2})
    assert share(events, "ces_low_effort") == (3, 6)


def test_any_other_survey_is_scored_on_its_own_scale() -> None:
    events = [
        answer("09:00", 0, survey="moving-in", scale_min=0, scale_max=3, channel="web"),
        answer("09:00", 3, of="R2", survey="moving-in", scale_min=0, scale_max=3),
        answer("09:00", -2.5, of="R3", survey="website", scale_min=-5, scale_max=5),
    ]
    assert parts(events, "survey_score", "survey") == {"moving-in": 2, "website": 1}
    found = total(events, "survey_score", "survey=moving-in")
    assert found is not None
    assert (found["value"], found["counts"]) == (1.5, {"0": 1, "3": 1})
    assert total(events, "survey_score") is None
    assert number(events, "survey_score", "channel=web,survey=moving-in") == 1
    website = total(events, "survey_score", "survey=website")
    assert website is not None
    assert website["counts"] == {"-2.5": 1}


def test_the_response_rate_belongs_to_the_sheet() -> None:
    events = [
        ticket("created", "07:00", team="billing", channel="email"),
        survey("sent", "08:00", ticket_id="T1", channel="web"),
        survey("sent", "08:00", of="R2", ticket_id="T1"),
        survey("sent", "10:00", ticket_id="T1", channel="chat"),
        answer("09:00", 5),
        survey("withdrawn", "11:00"),
        answer("09:00", 5, of="R3"),  # never sent
        ticket("removed", "12:00"),
    ]
    assert share(events, "survey_response_rate", "survey=csat") == (1, 2)
    assert share(events, "survey_response_rate", "channel=web,survey=csat") == (1, 1)
    assert share(events, "survey_response_rate", "channel=unknown,survey=csat") == (0, 1)
    assert number(events, "survey_response_rate", "survey=csat,team=unknown") == 2


def test_each_survey_of_a_sheet_is_answered_for_itself_also_before_it_was_sent() -> None:
    events = [
        survey("sent", "08:00"),
        survey("sent", "08:00", survey="nps"),
        survey("sent", "09:30", survey="ces"),
        answer("09:00", 3, survey="ces"),
        answer("09:00", 5),
    ]
    rates = {name: share(events, "survey_response_rate", f"survey={name}") for name in ("csat", "nps", "ces")}
    assert rates == {"csat": (1, 1), "nps": (0, 1), "ces": (1, 1)}


def test_a_changed_answer_counts_once_with_its_own_fields_at_its_own_time() -> None:
    events = [answer("09:00", 1, channel="email", team="front"), answer("10:00", 5, channel="chat")]
    assert share(events, "csat") == (1, 1)
    assert parts(events, "csat", "channel") == {"chat": 1}
    assert parts(events, "csat", "team") == {"unknown": 1}
    beside = [*events, answer("11:00", 3, survey="nps")]
    assert share(beside, "csat") == (1, 1)
    assert share(beside, "nps") == (-1, 1)


def test_withdrawals_take_one_answer_or_the_whole_sheet() -> None:
    events = [answer("09:00", 5), answer("09:00", 10, survey="nps")]
    one = [*events, survey("withdrawn", "10:00", survey="nps")]
    assert (number(one, "csat"), number(one, "nps")) == (1, 0)
    whole = [*events, survey("withdrawn", "10:00", survey=None)]
    assert (number(whole, "csat"), number(whole, "nps")) == (0, 0)
    again = [*whole, answer("11:00", 2)]
    assert (share(again, "csat"), number(again, "nps")) == ((0, 1), 0)
    sooner = [*events, survey("withdrawn", "08:00")]
    assert number(sooner, "csat") == 1
    at_once = [*events, survey("withdrawn", "09:00")]  # ranks after the answer
    assert number(at_once, "csat") == 0


def test_what_an_answer_lacks_comes_from_its_latest_sending_then_from_its_ticket() -> None:
    events = [
        ticket("created", "07:00", channel="email", team="front", tier="gold", agent_id="ana"),
        survey("sent", "08:00", touchpoint="renewal", team="old", tier="silver"),
        survey("sent", "08:30", ticket_id="T1", touchpoint="support", team="back", tier=""),
        survey("sent", "08:40", survey="nps", channel="social", team="nps-team"),
        answer("09:00", 5, channel=None),
        survey("sent", "10:00", touchpoint="late", agent_id="late"),
    ]
    for dimension, value in {
        "touchpoint": "support",
        "team": "back",
        "tier": "gold",
        "channel": "email",
        "agent": "ana",
    }.items():
        assert parts(events, "csat", dimension) == {value: 1}, dimension


def test_the_ticket_is_taken_as_it_was_at_the_time_of_the_answer() -> None:
    about = answer("09:00", 5, ticket_id="T1")
    story = [ticket("created", "08:00", team="a"), ticket("updated", "10:00", team="b")]
    assert parts([about, *story], "csat", "team") == {"a": 1}
    at_once = [*story, ticket("updated", "09:00", team="c")]
    assert parts([about, *at_once], "csat", "team") == {"c": 1}  # an answer ranks after the ticket's events
    sequenced = [*at_once, ticket("updated", "09:00", team="d", attributes={"sequence": 1})]
    assert parts([about, *sequenced], "csat", "team") == {"c": 1}
    assert parts([{**about, "sequence": 1}, *sequenced], "csat", "team") == {"d": 1}
    closed = [*story, ticket("closed", "08:30"), ticket("updated", "08:40", team="e")]
    assert parts([about, *closed], "csat", "team") == {"a": 1}


def test_the_agent_of_an_answer() -> None:
    created = ticket("created", "08:00", agent_id="ana")
    resolved = ticket("resolved", "08:10", agent_id="ben")
    reopened = ticket("reopened", "08:20")
    assigned = ticket("assigned", "08:30", agent_id="cem")
    sent = survey("sent", "08:40", agent_id="dia")
    about = answer("09:00", 5, ticket_id="T1")

    def agent(*events: Json) -> dict[str, int]:
        return parts(list(events), "csat", "agent")

    assert agent(created, about) == {"ana": 1}
    assert agent(created, assigned, about) == {"cem": 1}
    assert agent(created, resolved, reopened, assigned, about) == {"ben": 1}
    assert agent(created, resolved, sent, about) == {"dia": 1}
    assert agent(created, resolved, sent, answer("09:00", 5, ticket_id="T1", agent_id="eva")) == {"eva": 1}
    assert agent(created, ticket("resolved", "09:10", agent_id="ben"), about) == {"ana": 1}
    nobody = ticket("created", "08:00"), ticket("resolved", "08:10"), assigned
    assert agent(*nobody, about) == {"cem": 1}  # the resolve had no agent: the assignee then


def test_answers_about_tickets_that_are_not_there_yet() -> None:
    about = answer("09:00", 5, ticket_id="T1", channel="web")
    never = [ticket("updated", "08:00", team="front", agent_id="ana"), about]
    assert parts(never, "csat", "team") == {"unknown": 1}
    later = [*never, ticket("created", "10:00", tier="gold")]
    assert parts(later, "csat", "team") == {"unknown": 1}
    assert parts(later, "csat", "tier") == {"unknown": 1}
    assert parts(later, "csat", "agent") == {"unknown": 1}
    assert parts(later, "csat", "channel") == {"web": 1}
    sooner = [*never, ticket("created", "08:30", tier="gold")]
    assert parts(sooner, "csat", "team") == {"front": 1}


def test_a_gone_ticket_takes_its_answers_out() -> None:
    created, removed = ticket("created", "08:00"), ticket("removed", "10:00")
    by_sending = [survey("sent", "08:30", ticket_id="T1"), answer("09:00", 5)]
    assert number([created, *by_sending], "csat") == 1
    assert number([created, *by_sending, removed], "csat") == 0
    assert number([created, *by_sending, removed, ticket("restored", "11:00")], "csat") == 1
    assert number([created, answer("12:00", 5, ticket_id="T1"), removed], "csat") == 0
    assert number([answer("12:00", 5, ticket_id="T1"), removed], "csat") == 0  # never created, yet removed


def test_a_changed_answer_goes_with_its_new_ticket() -> None:
    tickets = [ticket("created", "08:00", team="a"), ticket("created", "08:00", of="T2", team="b")]
    answers = [answer("09:00", 5, ticket_id="T1"), answer("10:00", 1, ticket_id="T2")]
    assert parts([*tickets, *answers], "csat", "team") == {"b": 1}
    assert number([*tickets, *answers, ticket("removed", "11:00")], "csat") == 1
    assert number([*tickets, *answers, ticket("removed", "11:00", of="T2")], "csat") == 0


def test_a_sheet_and_a_ticket_may_have_one_id() -> None:
    events = [ticket("created", "08:00", of="X", team="a"), answer("09:00", 5, of="X", ticket_id="X")]
    events[1]["id"] = events[0]["id"]
    assert parts(events, "csat", "team") == {"a": 1}
    assert number(events, "tickets_created") == 1
