"""Event time: RFC 3339 read to the microsecond, and written so that it is read back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import moments
from tests.oracle.events import microseconds

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59)


def exact(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@given(MOMENTS)
def test_what_is_written_is_read_back(moment: datetime) -> None:
    at = exact(moment)
    assert moments.parse(moments.text(at)) == at
    assert moments.to_datetime(at) == moment
    assert moments.of(moment) == at


@given(MOMENTS, OFFSETS)
def test_any_offset(moment: datetime, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    try:
        told = moment.astimezone(zone).isoformat()
    except OverflowError:
        return
    assert moments.parse(told) == exact(moment) == microseconds(told)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.123Z", 123_000),
        ("1970-01-01T00:00:00.123456Z", 123_456),
        ("1970-01-01T00:00:00.123456999Z", 123_456),
        ("1970-01-01T00:00:00.0000001Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:00Z", 0),
        ("1970-01-01T00:00:00+00:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1969-12-31T16:00:00.25-08:00", 250_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000_000),
    ],
)
def test_spellings(told: str, expected: int) -> None:
    assert moments.parse(told) == expected
    assert moments.parse(told) == expected, "also when its minute is known"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "yesterday",
        "1793523600",
        "2026-11-01",
        "2026-11-01T09:00:00",
        "2026-11-01T09:00Z",
        "2026-11-01T09:00:00.Z",
        "2026-11-01T24:00:00Z",
        "2026-11-01T09:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-11-01T09:00:00+24:00",
        "2026-11-01T09:00:00+0530",
        "2026-11-01T09:00:00 Z",
        " 2026-11-01T09:00:00Z",
        "2026-11-01T09:00:00Z ",
        "2026-11-01T09:00:00ZZ",
        "2026-W45-1T09:00:00Z",
        "0000-01-01T00:00:00Z",
        "\uff12026-11-01T09:00:00Z",
        "2026-11-01T09:00:0९Z",
        "-2026-11-01T09:00:00Z",
        "+12026-11-01T09:00:00Z",
    ],
)
def test_what_is_no_time(told: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|valid offset"):
        moments.parse(told)


def test_a_known_minute_makes_no_time_of_what_is_none() -> None:
    """Minutes that were read once are looked up: what follows must still be right."""
    moments.parse("2026-11-01T09:00:00Z")
    for told in (
        "2026-11-01T09:00:60Z",
        "2026-11-01T09:00:xxZ",
        "2026-11-01T09:00:0.Z",
        "2026-11-01T09:00:00.12xZ",
    ):
        with pytest.raises(ValueError, match="RFC 3339"):
            moments.parse(told)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (1_793_523_600_000_000, "2026-11-01T09:00:00Z"),
    ],
)
def test_text(at: int, told: str) -> None:
    assert moments.text(at) == told
