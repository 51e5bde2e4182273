"""The comparison finds what differs, and nothing else."""

import math
from typing import Any

import pytest

from .compare import differences
from .figures import figures
from .stories import events

KEY = ("first_response_time", "channel=email", "hour", "2026-11-02T09:00:00Z")
SPREAD = {"count": 3, "sum": 60.5, "value": 60.5 / 3, "p50": 20.0, "p90": 40.0, "p95": 40.0, "p99": 0.0}
SHARE = {"value": 1 / 3, "count": 3, "numerator": 1, "denominator": 3}
SCORE = {**SHARE, "value": 100 / 3, "counts": {"promoters": 2, "passives": 0, "detractors": 1}}


def found(expected: dict[str, Any], **changes: Any) -> list[str]:
    return differences({KEY: expected}, {KEY: {**expected, **changes}})


def test_nothing_on_both_sides_is_a_failure() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        differences({}, {})
    with pytest.raises(ValueError, match="nothing to compare"):
        differences({}, {KEY: {"value": None, "count": 0}})


def test_equal_figures_do_not_differ() -> None:
    told = figures(events(1))
    assert differences(told, told) == []


def test_missing_and_unexpected_figures_are_named() -> None:
    other = ("csat", "", "total", "")
    assert differences({KEY: SPREAD}, {other: SHARE}) == [
        "csat [all] total: unexpected value 0.3333333333333333, count 3, numerator 1, denominator 3",
        "first_response_time [channel=email] hour 2026-11-02T09:00:00Z: missing, expected count 3, "
        "sum 60.5, value 20.166666666666668, p50 20.0, p90 40.0, p95 40.0, p99 0.0",
    ]
    assert differences({KEY: SPREAD}, {KEY: SPREAD, other: {"value": None, "count": 0}}) == []


def test_each_field_has_its_tolerance() -> None:
    assert found(SPREAD, sum=60.500001, value=60.5 / 3 + 5e-7, p50=20.19, p90=39.61, mean=60.5 / 3) == []
    assert found(SPREAD, sum=60.500003) == [
        "first_response_time [channel=email] hour 2026-11-02T09:00:00Z: sum is 60.500003, expected 60.5"
    ]
    assert len(found(SPREAD, count=4, value=20.2, p50=20.3, p90=None, p95=math.nan, p99=1e-9, mean=1)) == 7
    assert found(SHARE, value=0.3333333333333) == []
    assert len(found(SHARE, value=0.33333333333, numerator=2, denominator=4, count=True)) == 4
    assert len(differences({KEY: SHARE}, {KEY: {"count": 3}})) == 3


def test_counts_may_leave_a_zero_out() -> None:
    assert found(SCORE, counts={"promoters": 2, "detractors": 1}) == []
    assert len(found(SCORE, counts={"promoters": 2, "detractors": 1, "passives": 1})) == 1
    assert len(found(SCORE, counts=None)) == 1
