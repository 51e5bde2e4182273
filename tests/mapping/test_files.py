"""Files of any shape, and importing them again."""

import io
import json

import pytest

from agents.catalogue import CATALOGUE
from streams.errors import MetricLandError
from streams.intake import Intake
from streams.mapping import Converter, Report, loads
from tests.mapping.conftest import Convert

HEAD = 'source = "/x"\nsubject = "id"\ntime = "at"\n'
EVENT = '\n[[event]]\ntype = "ticket.created"\ndata.topic = "x"\n'
AT = "2026-01-01T00:00:00Z"


def test_encodings(convert: Convert) -> None:
    file = f"id,at,x\n1,{AT},Qualität\n"
    assert convert(HEAD + EVENT, file).each("topic") == ["Qualität"]
    assert convert(HEAD + EVENT, file.encode("utf-8-sig")).each("topic") == ["Qualität"]
    latin = HEAD + 'encoding = "latin-1"' + EVENT
    assert convert(latin, file.encode("latin-1")).each("topic") == ["Qualität"]
    with pytest.raises(MetricLandError, match=r"the file is not utf-8 .* such as latin-1"):
        convert(HEAD + EVENT, file.encode("latin-1"))


def test_csv_as_it_comes(convert: Convert) -> None:
    file = f'id;at;x\r\n1;{AT};"a; ""b""\r\nc"\r\n\r\n2;{AT}\r\n3;{AT};d;e\r\n4;{AT};f\r\n'
    found = convert(HEAD + 'delimiter = ";"' + EVENT, file)
    assert found.each("sequence", "topic") == [(2, 'a; "b"\r\nc'), (7, "f")]
    assert found.rejected == [(2, "row", "has other than 3 cells", [5, 6])]
    assert found.report.rows == 4


def test_no_header(convert: Convert) -> None:
    found = convert(HEAD + 'columns = ["id", "at", "x"]' + EVENT, f"1,{AT},a\n")
    assert found.each("subject", "sequence", "topic") == [("1", 1, "a")]


def test_an_empty_file_lacks_the_columns(convert: Convert) -> None:
    with pytest.raises(MetricLandError, match="subject names column 'id', which the file lacks"):
        convert(HEAD + EVENT, "")


def test_json_lines(convert: Convert) -> None:
    head = 'source = "/x"\nformat = "jsonl"\nsubject = "ticket.id"\ntime = "at"\nformats = "epoch"\n'
    rule = """
[[event]]
type = "ticket.created"
when.open = true
when."ticket.kind" = 7
[event.data]
topic = "ticket.labels[0].name"
language = "ticket.lang"
tags = { column = "ticket.tags", as = "list" }
"""
    ticket = {"id": 12, "kind": 7, "labels": [{"name": " a "}], "lang": None, "tags": ["x", 5]}
    rows: list[object] = [
        {"at": 1767225600, "open": True, "ticket": ticket},
        {"at": 1767225600.5, "open": True, "ticket": {"id": {}, "kind": 7}},
        {"at": 1767225600, "open": False, "ticket": ticket},
        ["no", "object"],
        {"at": 1767225601, "open": True, "ticket": {"id": "13", "kind": 7, "labels": "none"}},
    ]
    found = convert(head + rule, "\n\n".join(map(json.dumps, rows)) + "\nnot json")
    assert found.each("subject", "time", "topic", "tags", "language") == [
        ("12", AT, "a", ["x", "5"], None),
        ("13", "2026-01-01T00:00:01Z", None, None, None),
    ]
    assert found.rejected == [
        (1, "ticket.created", "subject: ticket.id can't be read as text", [3]),
        (2, "row", "is no JSON object", [7, 10]),
    ]
    assert found.report.silent == 1


def test_one_object_as_of_a_webhook() -> None:
    text = HEAD + 'format = "jsonl"\n' + EVENT + '[[event]]\ntype = "ticket.resolved"\ntake = "last"\n'
    converter, report = Converter(loads(text), CATALOGUE), Report()
    mapped = converter.one({"id": 1, "at": AT, "x": "a"}, report)
    assert [each.event["type"] for each in mapped] == ["ticket.created", "ticket.resolved"]
    assert mapped == converter.one({"id": 1, "at": AT, "x": "a"}, report)
    assert report.rows == 2


def test_a_second_import_gives_the_same_events_also_of_a_file_that_has_grown(convert: Convert) -> None:
    mapping = HEAD + EVENT + '[[event]]\ntype = "ticket.assigned"\ndata.agent_id = "x"\n'
    file = f"id,at,x\n1,{AT},a\n1,{AT},a\n2,{AT},b\n"
    first = convert(mapping, file)
    assert first.mapped == convert(mapping, file).mapped
    assert len({(event["source"], event["id"]) for event in first.events}) == len(first.events) == 6
    grown = convert(mapping, file + f"1,{AT},c\n")
    assert set(first.mapped) < set(grown.mapped)
    assert len({event["id"] for event in grown.events}) == 8


def test_ids_fit(convert: Convert) -> None:
    found = convert(HEAD + EVENT, f"id,at,x\n{'é' * 128},{AT},a\n{'é' * 129},{AT},a\n,{AT},a\n")
    assert [len(id_.encode()) <= 256 for id_ in found.each("id")] == [True]
    assert sum(count for count, _, _, _ in found.rejected) == 2


def test_ids_of_the_rows_own(convert: Convert) -> None:
    mapping = HEAD + EVENT + 'id = { text = "{x}-{id}" }\n'
    mapping = mapping.replace('data.topic = "x"\nid =', "id =")
    assert convert(mapping, f"id,at,x\n1,{AT},a\n").each("id") == ["a-1"]


def test_every_event_is_one_that_the_processor_takes(convert: Convert) -> None:
    found = convert(HEAD + EVENT, f"id,at,x\n1,{AT},a\n")
    placed = Intake(CATALOGUE).place(found.mapped[0].value)
    assert (placed.domain, placed.subject) == ("tickets", "1")


def test_the_file_is_read_as_events_are_asked_for_where_rows_stand_alone() -> None:
    stream = io.BytesIO(b"id,at,x\n" + b"".join(b"%d,2026-01-01,a\n" % number for number in range(100_000)))
    report = Report()
    events = Converter(loads(HEAD + EVENT), CATALOGUE).convert(stream, report, ordered=False)
    next(events)
    assert report.rows == 1
