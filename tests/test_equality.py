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


def test_a_level_of_nothing_has_to_be_said() -> None:
    """An absent record means that it is as before. Where the batch has none, nothing was there before."""
    gone = {"metric": "backlog", "value": 0, "count": 0}
    assert differences({"a": gone}, {}, {"backlog"}) == ["a"]
    assert differences({"a": gone}, {"a": {**gone, "revision": 2}}, {"backlog"}) == []
    assert differences({}, {"a": gone}, {"backlog"}) == []


def test_each_difference_is_named() -> None:
    assert differences({"a": FIGURE}, one(value=0.5000001)) == ["a"]
    assert differences({"a": FIGURE}, one(count=3)) == ["a"]
    assert differences({"a": FIGURE, "b": FIGURE}, {"c": TOLD}) == ["a", "b", "c"]
    assert differences({"a": FIGURE}, {"a": NONE}) == ["a"]
    assert differences({"a": FIGURE}, {"a": {**TOLD, "p50": 1}}) == ["a"]
