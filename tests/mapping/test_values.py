"""From what stands in a column to what an event says."""

import json
from typing import Any

import pytest

from tests.mapping.conftest import Convert

HEAD = """
source = "/x"
subject = "id"
time = "at"
missing = "?"
"""
EVENT = """
[[event]]
type = "ticket.created"
data.topic = """


def mapped(convert: Convert, value: str, cell: str, head: str = "") -> tuple[list[Any], list[Any]]:
    """The topics, and why the row was rejected."""
    text = json.dumps(cell) if "," in cell else cell
    found = convert(
        HEAD + head + EVENT + value, f"id,at,x\n1,2026-01-01T00:00:00Z,{text.replace(chr(92), '')}\n"
    )
    return found.each("topic"), [why for _, _, why, _ in found.rejected]


@pytest.mark.parametrize(
    ("value", "cell", "topic"),
    [
        ('"x"', "  refund ", "refund"),
        ('{ value = "constant" }', "refund", "constant"),
        ('{ text = "{x} of {id}" }', "refund", "refund of 1"),
        ('{ text = "{x} of {id}", default = "none" }', "?", "none"),
        ('{ column = "x", table = { r = "refund" } }', "r", "refund"),
        ('{ column = "x", table = { r = "refund" }, default = "other" }', "q", "other"),
        ('{ column = "x", table = { r = "refund" }, default = "other" }', "", "other"),
        ('{ column = "x", table = { r = "refund" }, if_unknown = "keep" }', "q", "q"),
        ('{ column = "x", missing = ["-", "n/a"], default = "none" }', "n/a", "none"),
    ],
)
def test_text(convert: Convert, value: str, cell: str, topic: str) -> None:
    assert mapped(convert, value, cell) == ([topic], [])


@pytest.mark.parametrize("cell", ["", "?", "-"])
def test_missing(convert: Convert, cell: str) -> None:
    def of(if_missing: str) -> Any:
        value = f'{{ column = "x", missing = "-", if_missing = "{if_missing}" }}'
        found = convert(HEAD + EVENT + value, f"id,at,x\n1,2026-01-01T00:00:00Z,{cell}\n")
        return [event["data"] for event in found.events] or found.rejected

    assert of("leave out") == [{}]
    assert of("clear") == [{"topic": None}]
    assert of("reject") == [(1, "ticket.created", "topic: x is missing", [2])]


def test_unknown(convert: Convert) -> None:
    table = '{ column = "x", table = { r = "refund" }'
    assert mapped(convert, table + "}", "q") == ([], ["topic: x is not in the table"])
    assert mapped(convert, table + ', if_unknown = "leave out" }', "q") == ([None], [])


SCORE = """
[[event]]
type = "survey.responded"
data.survey = { value = "nps" }
data.score = """


@pytest.mark.parametrize(
    ("kind", "cell", "score"),
    [
        ("integer", "5", 5),
        ("integer", "5.0", 5),
        ("integer", "5.5", None),
        ("integer", "1_0", None),
        ("integer", "ten", None),
        ("number", "5.0", 5.0),
        ("number", "nan", None),
        ("number", "1e999", None),
        ("seconds", "0:00:07", 7.0),
        ("seconds", "7", 7.0),
        ("seconds", "7s", None),
    ],
)
def test_numbers(convert: Convert, kind: str, cell: str, score: float | None) -> None:
    rule = SCORE + f'{{ column = "x", as = "{kind}" }}'
    found = convert(HEAD + rule, f"id,at,x\n1,2026-01-01T00:00:00Z,{cell}\n")
    if score is None:
        assert found.rejected == [(1, "survey.responded", f"score: x can't be read as {kind}", [2])]
    else:
        assert found.each("score") == [score]


def test_a_decimal_comma(convert: Convert) -> None:
    rule = '\n[[event]]\ntype = "ticket.handled"\ndata.agent_id = "id"\n'
    rule += 'data.seconds = { column = "x", as = "number" }'
    found = convert(HEAD + "decimal_comma = true\ndelimiter = ';'" + rule, "id;at;x\n1;2026-01-01;1.234,5\n")
    assert found.each("seconds") == [1234.5]


def test_lists_and_truth_values(convert: Convert) -> None:
    rules = """
[[event]]
type = "ticket.created"
data.tags = { column = "x", as = "list", separator = ";" }
[[event]]
type = "ticket.replied"
data.author = { value = "agent" }
data.public = { column = "y", as = "boolean" }
"""
    found = convert(HEAD + rules, "id,at,x,y\n1,2026-01-01,a; b;,No\n2,2026-01-02,,maybe\n")
    assert found.each("tags", "public") == [(["a", "b"], None), (None, False), (None, None)]
    assert found.rejected == [(1, "ticket.replied", "public: y can't be read as boolean", [3])]


def test_what_breaks_a_rule_of_the_type_is_rejected(convert: Convert) -> None:
    rule = SCORE + '{ column = "x", as = "integer" }'
    found = convert(HEAD + rule, "id,at,x\n1,2026-01-01,11\n2,2026-01-01,\n3,1969-01-01,5\n4,2026-01-01,10\n")
    assert found.each("subject") == ["4"]
    assert [(why, lines) for _, _, why, lines in found.rejected] == [
        ("breaks the rule 'score_out_of_scale'", [2]),
        ("breaks the rule 'invalid'", [3]),
        ("breaks the rule 'too_late'", [4]),
    ]
    assert "score 11, expected 0 to 10" in "\n".join(found.report.sentences())
