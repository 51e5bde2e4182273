"""Which rows of an entity give which events."""

import pytest

from tests.mapping.conftest import Convert

HEAD = 'source = "/x"\nsubject = "case"\ntime = "at"\n'
LOG = """case,at,step,who,solved
B,2026-01-01T10:00:00Z,open,ann,
A,2026-01-01T12:00:00Z,solve,bob,
A,2026-01-01T09:00:00Z,open,ann,
A,2026-01-01T10:00:00Z,work,ann,
A,2026-01-01T10:00:00Z,work,bob,
B,2026-01-01T11:00:00Z,solve,,
"""


def rule(type_: str, *lines: str) -> str:
    return "\n".join(("", "[[event]]", f'type = "{type_}"', *lines))


@pytest.mark.parametrize(
    ("condition", "lines"),
    [
        ('when.step = "open"', [4, 2]),
        ('when.step = ["open", "solve"]', [4, 2, 7, 3]),
        ('when.step = { not = ["work", "solve"] }', [4, 2]),
        ('when.step = { matches = "so.+" }', [7, 3]),
        ('when.step = { matches = "so" }', []),
        ("when.who = { missing = true }", [7]),
        ("when.who = { missing = false }", [4, 2, 5, 6, 3]),
        ('when.who = { not = "ann" }', [6, 7, 3]),
        ('when.step = "work"\nwhen.who = "bob"', [6]),
        ('take = "first"', [4, 2]),
        ('take = "last"', [7, 3]),
        ('take = "first"\nwhen.step = "work"', [5]),
        ('on_change = "step"', [4, 2, 5, 7, 3]),
        ('on_change = "who"', [4, 2, 6, 7]),
        ('on_change = "who"\nwhen.who = { missing = false }', [4, 2, 6]),
        ('on_change = "who"\ntake = "last"', [6, 7]),
    ],
)
def test_rows_taken(convert: Convert, condition: str, lines: list[int]) -> None:
    """In the order of time, and where that is equal of the rows: line 2 is at the time of 5 and 6."""
    found = convert(HEAD + rule("ticket.updated", condition), LOG)
    assert sorted(found.each("sequence")) == sorted(lines)
    assert found.report.silent == 6 - len(lines)


def test_events_come_by_time_unless_unsorted(convert: Convert) -> None:
    mapping = HEAD + rule("ticket.updated")
    assert convert(mapping, LOG).each("sequence") == [4, 2, 5, 6, 7, 3]
    assert convert(mapping, LOG, ordered=False).each("sequence") == [2, 3, 4, 5, 6, 7]


def test_several_events_of_a_row(convert: Convert) -> None:
    rules = rule("ticket.created", 'when.step = "open"') + rule(
        "survey.responded",
        'when.step = "open"',
        'subject = { text = "sheet {case}" }',
        'data.survey = { value = "csat" }',
        "data.score = 5",
        'data.ticket_id = "case"',
    )
    found = convert(HEAD + rules, LOG)
    assert found.each("type", "subject", "ticket_id") == [
        ("ticket.created", "A", None),
        ("survey.responded", "sheet A", "A"),
        ("ticket.created", "B", None),
        ("survey.responded", "sheet B", "B"),
    ]
    assert [each.domain for each in found.mapped] == ["tickets", "surveys"] * 2
    assert dict(found.report.events) == {"ticket.created": 2, "survey.responded": 2}


def test_one_event_of_a_row_may_be_rejected_alone(convert: Convert) -> None:
    rules = rule("ticket.created") + rule("ticket.assigned", 'time = "solved"')
    found = convert(HEAD + rules, LOG)
    assert found.each("type") == ["ticket.created"] * 6
    assert found.report.rejected == 6


SNAPSHOTS = """case,at,who,solved
A,2026-01-01T09:00:00Z,ann,2026-01-01T10:30:00Z
A,2026-01-01T10:00:00Z,ann,2026-01-01T10:30:00Z
A,2026-01-01T11:00:00Z,ann,2026-01-01T10:30:00Z
A,2026-01-01T12:00:00Z,ann,2026-01-01T10:30:00Z
B,2026-01-01T12:00:00Z,ann,
"""


def test_a_final_value_on_every_row_is_blank_until_its_time(convert: Convert) -> None:
    head = HEAD + '[blank_until]\nsolved = "solved"\nwho = "solved"\n'
    solved = ('on_change = "solved"', "when.solved = { missing = false }", 'time = "solved"')
    rules = rule("ticket.updated", 'data.agent_id = { column = "who", default = "-" }')
    rules += rule("ticket.resolved", *solved, 'data.agent_id = "who"')
    found = convert(head + rules, SNAPSHOTS)
    assert found.each("type", "time", "sequence", "agent_id") == [
        ("ticket.updated", "2026-01-01T09:00:00Z", 2, "-"),
        ("ticket.updated", "2026-01-01T10:00:00Z", 3, "-"),
        ("ticket.resolved", "2026-01-01T10:30:00Z", 4, "ann"),
        ("ticket.updated", "2026-01-01T11:00:00Z", 4, "ann"),
        ("ticket.updated", "2026-01-01T12:00:00Z", 5, "ann"),
        ("ticket.updated", "2026-01-01T12:00:00Z", 6, "-"),
    ]


def test_newest_rows_first(convert: Convert) -> None:
    file = "case,at,step\nA,2026-01-01,closed\nA,2026-01-01,opened\n"
    mapping = HEAD + "newest_first = true\n" + rule("ticket.updated", 'take = "first"', 'data.topic = "step"')
    assert convert(mapping, file).each("topic", "sequence") == [("opened", -3)]


def test_a_row_without_a_place_among_the_others_is_rejected_whole(convert: Convert) -> None:
    found = convert(
        HEAD + rule("ticket.updated", 'take = "last"') + rule("ticket.assigned"),
        "case,at\nA,2026-01-01\nA,soon\n,2026-01-02\n",
    )
    assert found.each("sequence") == [2, 2]
    assert found.rejected == [
        (1, "row", "at is not a time as iso", [3]),
        (1, "row", "subject: case is missing", [4]),
    ]
