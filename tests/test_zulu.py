"""Times with a Z, as machine code reads them where it was compiled, beside the Python it must be like."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams import moments
from streams import zulu as used
from tests.compiled.reference import reference

python = reference("streams.zulu")
KINDS = ["0123456789", "-:TtZz. +", "a\u0663\uff11"]
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC))  # noqa: DTZ001
FRACTIONS = st.one_of(st.just(""), st.from_regex(r"\.[0-9]{0,9}", fullmatch=True))


def told(moment: datetime, fraction: str) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


@given(MOMENTS, FRACTIONS)
@example(datetime(1970, 1, 1, tzinfo=UTC), "")
@example(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), ".999999")
@example(datetime(2000, 2, 29, 23, 59, 59, tzinfo=UTC), ".5")
@example(datetime(2100, 3, 1, tzinfo=UTC), ".")
def test_times(moment: datetime, fraction: str) -> None:
    text = told(moment, fraction)
    assert used.microseconds(text) == python.microseconds(text)
    fine = int(fraction[1:7].ljust(6, "0"))
    exact = moments.of(moment.replace(microsecond=0)) + fine
    assert used.microseconds(text) == (exact if moment.year >= 1970 and fraction != "." else used.OTHER)


@given(MOMENTS, FRACTIONS, st.integers(0, 30), st.sampled_from(KINDS).flatmap(st.sampled_from))
def test_a_sign_elsewhere(moment: datetime, fraction: str, place: int, sign: str) -> None:
    text = told(moment, fraction)
    for other in (text[:place] + sign + text[place + 1 :], text[:place] + sign + text[place:], text[:place]):
        assert used.microseconds(other) == python.microseconds(other)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-04-00T00:00:00Z",
        "2026-04-01T24:00:00Z",
        "2026-04-01T23:60:00Z",
        "2026-04-01T23:59:60Z",
        "2026-04-01T23:59:59+00:00",
    ],
)
def test_others(text: str) -> None:
    assert used.microseconds(text) == python.microseconds(text) == used.OTHER
