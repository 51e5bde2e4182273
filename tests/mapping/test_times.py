"""When a row happened."""

import pytest

from streams.errors import ConfigurationError
from tests.mapping.conftest import Convert

HEAD = 'source = "/x"\nsubject = "id"\n'
EVENT = '\n[[event]]\ntype = "ticket.resolved"\n'


@pytest.mark.parametrize(
    ("settings", "cell", "time"),
    [
        ("", "2026-01-02T03:04:05.678901Z", "2026-01-02T03:04:05.678901Z"),
        ("", "2026-01-02 03:04:05+02:00", "2026-01-02T01:04:05Z"),
        ("", "2026-01-02", "2026-01-02T00:00:00Z"),
        ('zone = "Europe/Rome"', "2026-01-02 03:04", "2026-01-02T02:04:00Z"),
        ('zone = "Europe/Rome"', "2026-07-02 03:04", "2026-07-02T01:04:00Z"),
        ('zone = "Europe/Rome"', "2026-07-02T03:04:00Z", "2026-07-02T03:04:00Z"),
        ('zone = "Europe/Rome"', "2026-10-25 02:30", "2026-10-25T00:30:00Z"),
        ('formats = "epoch"', "1767323045.5", "2026-01-02T03:04:05.500000Z"),
        ('formats = "epoch_ms"', "1767323045500", "2026-01-02T03:04:05.500000Z"),
        ('formats = ["%d/%m/%Y %H:%M", "%d-%b-%y"]', "2/1/2026 03:04", "2026-01-02T03:04:00Z"),
        ('formats = ["%d/%m/%Y %H:%M", "%d-%b-%y"]', "02-Jan-26", "2026-01-02T00:00:00Z"),
        ('formats = "%Y-%m-%d %I:%M %p %z"', "2026-01-02 03:04 PM +0100", "2026-01-02T14:04:00Z"),
    ],
)
def test_formats_and_zones(convert: Convert, settings: str, cell: str, time: str) -> None:
    found = convert(f'{HEAD}time = "at"\n{settings}{EVENT}', f"id,at\n1,{cell}\n")
    assert found.each("time") == [time]


def test_what_fits_no_format(convert: Convert) -> None:
    head = HEAD + 'time = "at"\nformats = ["%d/%m/%Y", "epoch"]'
    found = convert(head + EVENT, "id,at\n1,31/02/2026\n2,\n3,x\n4,nan\n5,31/01/2026\n")
    assert found.each("subject") == ["5"]
    assert found.rejected == [
        (3, "ticket.resolved", "at is not a time as %d/%m/%Y or epoch", [2, 4, 5]),
        (1, "ticket.resolved", "at is missing", [3]),
    ]
    assert "such as '31/02/2026' (lines 2, 4, 5)" in "\n".join(found.report.sentences())


def test_a_time_beyond_the_calendar(convert: Convert) -> None:
    found = convert(HEAD + 'time = "at"\nformats = "epoch"' + EVENT, "id,at\n1,9999999999999\n")
    assert [why for _, _, why, _ in found.rejected] == ["the time is beyond the calendar"]


def test_a_time_of_several_columns(convert: Convert) -> None:
    time = 'time = { text = "{day} {hour}:00", formats = "%Y-%m-%d %H:%M", zone = "Asia/Kolkata" }'
    found = convert(HEAD + time + EVENT, "id,day,hour\n1,2026-01-02,9\n2,2026-01-02,\n")
    assert found.each("time") == ["2026-01-02T03:30:00Z"]
    assert [why for _, _, why, _ in found.rejected] == ["{day} {hour}:00 is missing"]


def test_seconds_are_added(convert: Convert) -> None:
    time = 'time = { column = "at", plus = ["queued", "talked"] }'
    file = "id,at,queued,talked\n1,2026-01-02,90.5,0:02:00\n2,2026-01-02,90,\n3,2026-01-02,long,\n"
    found = convert(HEAD + time + EVENT, file)
    assert found.each("time") == ["2026-01-02T00:01:30Z", "2026-01-02T00:03:30.500000Z"]
    assert [why for _, _, why, _ in found.rejected] == ["queued can't be read as seconds"]


def test_constant_seconds_are_added(convert: Convert) -> None:
    time = 'time = { column = "at", plus = [68, "talked", 0.5] }'
    found = convert(HEAD + time + EVENT, "id,at,talked\n1,2026-01-02,0:02:00\n2,2026-01-02,\n")
    assert found.each("time") == ["2026-01-02T00:01:08.500000Z", "2026-01-02T00:03:08.500000Z"]
    with pytest.raises(ConfigurationError, match="plus"):
        convert(HEAD + 'time = { column = "at", plus = [true] }' + EVENT, "id,at\n")


def test_what_lies_before_its_beginning_is_rejected(convert: Convert) -> None:
    time = 'time = { column = "end", not_before = "begin" }'
    file = "id,begin,end\n1,2026-01-02,2026-01-02\n2,2026-01-02,2026-01-01\n"
    found = convert(HEAD + time + EVENT, file)
    assert found.each("subject") == ["1"]
    assert found.rejected == [(1, "ticket.resolved", "end is before begin", [3])]
