"""`metricland report`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Metricland


def event(number: int, type_: str, time: str, subject: str, **data: Any) -> str:
    head = {"specversion": "1.0", "id": str(number), "source": "/test"}
    return json.dumps({**head, "type": type_, "time": time, "subject": subject, "data": data})


TICKETS = [
    event(1, "ticket.created", "2026-11-01T09:00:00Z", "T1", channel="e[b]mail"),
    event(2, "ticket.replied", "2026-11-01T10:05:00Z", "T1", author="agent", agent_id="ann"),
    event(3, "ticket.resolved", "2026-11-02T11:00:00Z", "T1", agent_id="ann"),
]
ANSWERS = [
    event(number, "survey.responded", "2026-11-03T12:00:00Z", f"R{number}", survey="nps", score=score)
    for number, score in enumerate((10, 9, 0), 10)
]


@pytest.fixture
def files(metricland: Metricland) -> list[str]:
    Path("tickets.jsonl").write_text("\n".join(TICKETS))
    Path("answers.jsonl").write_text("\n\n".join(ANSWERS) + "\n")
    return ["tickets.jsonl", "answers.jsonl"]


def test_the_total_of_each_metric(metricland: Metricland, files: list[str]) -> None:
    told = metricland("report", *files)
    assert told.exit_code == 0
    lines = [line.split() for line in told.stdout.splitlines()]
    assert ["nps", "all", "total", "33.33", "3"] in lines
    assert ["resolution_time", "all", "total", "1d", "2h", "1"] in lines
    assert ["tickets_created", "channel", "e[b]mail", "total", "1", "1"] in lines
    assert told.stderr == "6 events, the last of 2026-11-03T12:00:00Z\n"


def test_the_figures_of_a_pane(metricland: Metricland, files: list[str]) -> None:
    told = metricland("report", "--pane", "day", *files).stdout
    assert ["nps", "all", "day", "2026-11-03T00:00:00Z", "33.33", "3"] in [
        line.split() for line in told.splitlines()
    ]
    assert " total " not in told
    assert metricland("report", "--pane", "week", *files).exit_code == 2


RESOLVED = [
    event(number, type_, f"2026-11-0{day}T{hour:02}:00:00Z", f"A{day}{agent}{number // 2}", **data)
    for day, agent, team, hours in ((1, "ann", "north", 8), (2, "ann", "north", 8), (2, "bob", "north", 6))
    for case in range(hours // 2)
    for number, type_, hour, data in (
        (2 * case, "ticket.created", 8, {"team": team, "agent_id": agent}),
        (2 * case + 1, "ticket.resolved", 9 + case, {}),
    )
]


@pytest.fixture
def work(metricland: Metricland) -> str:
    """Ann resolves four cases on each of two days, Bob three on the second, within one to four hours."""
    lines = [line.replace('"id": "', f'"id": "{number}.') for number, line in enumerate(RESOLVED)]
    Path("work.jsonl").write_text("\n".join(lines))
    return "work.jsonl"


def view(metricland: Metricland, *arguments: str, **environment: str) -> Any:
    told = metricland("report", "--json", "--view", "agents", *arguments, env=environment)
    assert told.exit_code == 0, told.stderr
    return json.loads(told.stdout)


def test_the_view_of_agents_by_day(metricland: Metricland, work: str) -> None:
    rows = view(metricland, work)
    assert [(row["agent"], row["team"], row["window"]["start"][:10]) for row in rows] == [
        ("ann", "north", "2026-11-01"),
        ("ann", "north", "2026-11-02"),
        ("bob", "north", "2026-11-02"),
    ]
    bob = rows[2]["figures"]
    assert bob["tickets_resolved"] == {"value": 3, "count": 3}
    assert (bob["resolution_time"]["value"], bob["resolution_time"]["count"]) == (7200, 3)
    assert bob["resolution_time"]["low"] == pytest.approx(7200 - 4074, rel=0.02)
    assert bob["resolution_time"]["few"] and bob["reopen_rate"]["few"]
    assert bob["reopen_rate"]["high"] == pytest.approx(0.5615, abs=1e-4)
    assert "csat" not in bob
    assert [row["rank"] for row in rows] == [None, None, None]


def test_the_view_of_a_day_in_the_configured_zone(metricland: Metricland, work: str) -> None:
    rows = view(metricland, "--day", "2026-11-02", work, METRICLAND_TIME_ZONE="Pacific/Auckland")
    assert [(row["agent"], row["window"]["start"]) for row in rows] == [
        ("ann", "2026-11-01T11:00:00Z"),
        ("bob", "2026-11-01T11:00:00Z"),
    ]
    assert [row["agent"] for row in view(metricland, "--day", "2026-11-01", work)] == ["ann"]
    assert [row["window"] for row in view(metricland, "--pane", "total", work)] == [{"pane": "total"}] * 2


def test_too_few_are_told_as_that(metricland: Metricland, work: str) -> None:
    told = metricland("report", "--view", "agents", "--day", "2026-11-02", work).stdout
    (bob,) = (line for line in told.splitlines() if " bob " in line)
    assert "too few (3)" in bob
    enough = {"METRICLAND_METRICS__ENOUGH": "3"}
    told = metricland("report", "--view", "agents", "--day", "2026-11-02", work, env=enough).stdout
    (bob,) = (line for line in told.splitlines() if " bob " in line)
    assert "2h of 3 (" in bob
    assert "0.0% of 3 (0.0% to 56.1%)" in bob


def test_ranks_are_there_where_they_are_turned_on(metricland: Metricland, work: str) -> None:
    ranked = {"METRICLAND_VIEWS__RANKED_BY": "resolution_time", "METRICLAND_METRICS__ENOUGH": "4"}
    rows = view(metricland, "--pane", "total", work, **ranked)
    assert [(row["agent"], row["rank"]) for row in rows] == [("ann", 1), ("bob", None)]
    rows = view(metricland, "--pane", "total", work, **{**ranked, "METRICLAND_METRICS__ENOUGH": "1"})
    assert [(row["agent"], row["rank"]) for row in rows] == [("ann", 2), ("bob", 1)]
    wrong = metricland("report", "--view", "agents", work, env={"METRICLAND_VIEWS__RANKED_BY": "backlog"})
    assert wrong.exit_code == 1
    assert 'views.ranked_by is "backlog", expected one of tickets_resolved' in wrong.stderr


def test_agents_can_be_pseudonymised_or_hidden(metricland: Metricland, work: str) -> None:
    secret = {
        "METRICLAND_DIMENSIONS__PSEUDONYMISED": '["agent"]',
        "METRICLAND_DIMENSIONS__PSEUDONYM_KEY": "a key that nobody knows",
    }
    named, unnamed = view(metricland, work), view(metricland, work, **secret)
    assert {row["agent"] for row in unnamed}.isdisjoint({"ann", "bob"})
    assert sorted(str(row["figures"]) for row in named) == sorted(str(row["figures"]) for row in unnamed)
    figures = metricland("report", "--json", work, env=secret).stdout
    assert "=ann" in metricland("report", "--json", work).stdout
    assert "=ann" not in figures and "nobody" not in figures
    hidden = metricland(
        "report", "--view", "agents", work, env={"METRICLAND_DIMENSIONS__HIDDEN": '["agent"]'}
    )
    assert hidden.exit_code == 1
    assert 'dimensions.hidden has "agent"' in hidden.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        ("--view", "cooks"),
        ("--day", "2026-11-02"),
        ("--view", "agents", "--day", "Monday"),
        ("--view", "agents", "--pane", "hour", "--day", "2026-11-02"),
    ],
)
def test_a_view_that_there_is_not(metricland: Metricland, work: str, wrong: tuple[str, ...]) -> None:
    assert metricland("report", *wrong, work).exit_code == 2


def test_figures_for_programs_are_as_on_the_metrics_topic(metricland: Metricland, files: list[str]) -> None:
    figures = {figure["key"]: figure for figure in json.loads(metricland("report", "--json", *files).stdout)}
    assert figures["nps||day|2026-11-03T00:00:00Z"] == {
        "key": "nps||day|2026-11-03T00:00:00Z",
        "metric": "nps",
        "dimensions": {},
        "unit": "points",
        "window": {"pane": "day", "start": "2026-11-03T00:00:00Z", "end": "2026-11-04T00:00:00Z"},
        "value": pytest.approx(100 / 3),
        "count": 3,
        "numerator": 1,
        "denominator": 3,
        "counts": {"promoters": 2, "passives": 0, "detractors": 1},
        "low": pytest.approx(-73.35, abs=0.01),
        "high": 100,
    }


def test_no_events_are_no_figures(metricland: Metricland) -> None:
    told = metricland("report", "--json", "-", given="")
    assert (told.exit_code, json.loads(told.stdout)) == (0, [])


def test_days_begin_in_the_zone_of_the_settings(metricland: Metricland, files: list[str]) -> None:
    Path("metricland.toml").write_text("time_zone = 'Asia/Tokyo'")
    assert "nps||day|2026-11-02T15:00:00Z" in metricland("report", "--json", *files).stdout


def test_events_after_its_now_are_left_out(metricland: Metricland, files: list[str]) -> None:
    told = metricland("report", "--json", "--at", "2026-11-02T00:00:00Z", *files).stdout
    assert {figure["metric"] for figure in json.loads(told)} == {
        *("tickets_created", "inquiry_topics", "escalation_rate", "replies", "first_response_time"),
        *("backlog", "backlog_age"),
    }
    wrong = metricland("report", "--at", "yesterday", *files)
    assert wrong.exit_code == 2
    assert "'yesterday' is not an RFC 3339 time" in wrong.stderr


def test_bad_lines_are_told_and_nothing_else_is_lost(metricland: Metricland) -> None:
    late = event(4, "ticket.created", "soon", "T2")
    Path("bad.jsonl").write_text("\n".join(["", "nonsense", *TICKETS, late]))
    told = metricland("report", "--json", "bad.jsonl")
    assert told.exit_code == 0
    assert '"tickets_resolved||total|"' in told.stdout
    lines = told.stderr.splitlines()
    assert lines[0].startswith("bad.jsonl:2: not_json: ")
    assert lines[1].startswith("bad.jsonl:6: invalid: 'soon' is not an RFC 3339 time")
    assert lines[2:] == ["5 events, the last of 2026-11-02T11:00:00Z, 2 refused"]


def test_definitions_decide_what_a_figure_is_made_of(metricland: Metricland) -> None:
    """Two replies in one chat are one contact; where chat is no session channel they are two."""
    replied = [
        event(number, "ticket.replied", f"2026-11-02T09:{number}0:00Z", "T1", author="agent")
        for number in (1, 2)
    ]
    created = event(0, "ticket.created", "2026-11-02T09:00:00Z", "T1", channel="chat")
    resolved = event(3, "ticket.resolved", "2026-11-02T09:30:00Z", "T1")
    Path("chat.jsonl").write_text("\n".join([created, *replied, resolved]))

    def share() -> float:
        figures = json.loads(metricland("report", "--json", "chat.jsonl").stdout)
        key = "first_contact_resolution||total|"
        return float(next(figure["value"] for figure in figures if figure["key"] == key))

    assert share() == 1
    Path("metricland.toml").write_text('[definitions.tickets]\nsession_channels = ["phone"]')
    assert share() == 0


POLICY = """
[[definitions.sla.policies]]
name = "all"
[definitions.sla.policies.targets.default]
first_response = "1h"
resolution = "2d"
"""


@pytest.fixture
def with_policy(files: list[str]) -> list[str]:
    Path("metricland.toml").write_text(POLICY)
    return files


def test_figures_beside_those_by_another_system_s_rules(
    metricland: Metricland, with_policy: list[str]
) -> None:
    """The ticket has no priority, and its first response came after 65 minutes."""
    told = metricland("report", "--preset", "zendesk", *with_policy)
    assert told.exit_code == 0
    lines = [line.split() for line in told.stdout.splitlines()]
    assert lines[0] == ["metric", "of", "start", "ours", "of", "zendesk", "of"]
    assert ["sla_compliance", "target", "first_response", "0.0%", "1", "-", "0"] in lines
    assert ["sla_compliance", "target", "resolution", "100.0%", "1", "-", "0"] in lines
    assert "zendesk: a ticket without a priority has no targets.\n" in told.stderr
    assert {line[0] for line in lines[1:]} == {"sla_compliance", "one_touch_rate"}


def test_a_preset_for_programs(metricland: Metricland, with_policy: list[str]) -> None:
    told = json.loads(metricland("report", "--preset", "chatwoot", "--json", *with_policy).stdout)
    (row,) = (row for row in told if row["dimensions"] == {"target": "conversation"})
    assert row["metric"] == "sla_compliance"
    assert row["ours"] is None
    assert row["chatwoot"] == {"value": 0, "count": 1}


def test_a_preset_that_is_not_there_or_beside_a_view(metricland: Metricland, files: list[str]) -> None:
    told = metricland("report", "--preset", "jira", *files)
    assert told.exit_code == 2 and "'jira', expected one of zendesk" in told.stderr
    assert metricland("report", "--preset", "zendesk", "--view", "agents", *files).exit_code == 2
