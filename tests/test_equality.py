from typing import Any

from streams.equality import differences

FIGURE = {"metric": "csat", "value": 0.5, "count": 2, "numerator": 1, "denominator": 2}
TOLD = {**FIGURE, "final": True, "revision": 7, "watermark": "2026-11-22T09:39:02Z"}
NONE = {"metric": "csat", "value": None, "count": 0}


def one(**changes: Any) -> dict[str, Any]:
    return {"a": {**TOLD, **changes}}


def test_what_depends_on_the_order_is_not_compared() -> None:
    assert differences({"a": FIGURE}, {"a": TOLD}) == []


def test_nothing_counted_equals_nothing_there() -> None:
    assert differences({}, {"a": NONE}) == differences({"a": NONE}, {}) == []


def test_each_difference_is_named() -> None:
    assert differences({"a": FIGURE}, one(value=0.5000001)) == ["a"]
    assert differences({"a": FIGURE}, one(count=3)) == ["a"]
    assert differences({"a": FIGURE, "b": FIGURE}, {"c": TOLD}) == ["a", "b", "c"]
    assert differences({"a": FIGURE}, {"a": NONE}) == ["a"]
    assert differences({"a": FIGURE}, {"a": {**TOLD, "p50": 1}}) == ["a"]
