"""Figures as records of the metrics topic."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from streams.batch import Batch
from streams.windows.panes import Calendar
from tests.parcels import Post, event, plan
from tests.promise import by_parts
from tests.simulated.histories import History, metrics_log

SENT = event("parcel.sent", "09:00", size="a|b,c=d%")


def records(post: Post) -> dict[str, dict[str, Any] | None]:
    """The latest record of each key; None is a tombstone."""
    found: dict[str, dict[str, Any] | None] = {}
    for number in range(post.plan.partitions):
        for record in post.log.topics["cx.metrics", number]:
            found[(record.key or b"").decode()] = msgspec.json.decode(record.value) if record.value else None
    return found


def test_a_record_is_a_cloud_event_that_is_called_as_its_key() -> None:
    post = Post(plan(calendar=Calendar(ZoneInfo("Europe/Berlin"))))
    post.tell(SENT)
    key = "parcels_sent|size=a%7Cb%2Cc%3Dd%25|day|2026-11-01T23:00:00Z"
    assert records(post)[key] == {
        "specversion": "1.0",
        "type": "metric.updated",
        "source": "/metricland",
        "id": f"{key}|r1",
        "time": "2027-01-15T08:00:00Z",
        "subject": key,
        "data": {
            "metric": "parcels_sent",
            "dimensions": {"size": "a|b,c=d%"},
            "unit": "",
            "window": {"pane": "day", "start": "2026-11-01T23:00:00Z", "end": "2026-11-02T23:00:00Z"},
            "value": 1,
            "count": 1,
            "final": False,
            "revision": 1,
            "watermark": "2026-11-02T08:58:00Z",
        },
    }


@pytest.mark.parametrize("size", ['"', "\\", "ä|ß", "a\tb", '\\"%', "漢"])
def test_dimensions_may_have_any_characters(size: str) -> None:
    post = Post(plan())
    post.tell(event("parcel.sent", "09:00", size=size))
    told = {key: each for key, each in records(post).items() if each and "size" in each["data"]["dimensions"]}
    assert len(told) == 4
    for key, record in told.items():
        assert record is not None
        assert record["subject"] == key
        assert record["id"] == f"{key}|r1"
        assert record["data"]["dimensions"] == {"size": size if size.isprintable() else "other"}


def test_the_total_has_neither_start_nor_end() -> None:
    post = Post(plan())
    post.tell(SENT)
    record = records(post)["parcels_sent||total|"]
    assert record is not None
    assert record["data"]["window"] == {"pane": "total"}


def test_the_watermark_is_unknown_until_all_sources_have_told() -> None:
    post = Post(plan(partitions=2))
    post.tell(SENT)
    told = [record["data"]["watermark"] for record in records(post).values() if record]
    assert set(told) == {None}


def test_each_kind_of_figure_has_its_fields() -> None:
    post = Post(plan())
    post.tell(
        SENT,
        event("parcel.delivered", "10:00"),
        event("page.written", "10:00", "N1", mood="sad", parcel="P1"),
    )
    always = {"metric", "dimensions", "unit", "window", "value", "count", "final", "revision", "watermark"}
    found = {
        key.split("|")[0]: set(record["data"]) - always for key, record in records(post).items() if record
    }
    assert found == {
        "parcels_sent": set(),
        "travel_time": {"sum", "mean", "p50", "p90", "p95", "p99"},
        "direct": {"numerator", "denominator", "low", "high"},
        "mood": {"numerator", "denominator", "counts", "low", "high"},
    }


def test_with_nothing_to_divide_by_the_value_is_null() -> None:
    post = Post(plan())
    post.tell(SENT)
    post.tell(event("parcel.lost", "10:00"))
    record = records(post)["parcels_sent||total|"]
    assert record is not None
    assert (record["data"]["value"], record["data"]["count"], record["data"]["revision"]) == (None, 0, 2)


def test_every_record_is_json_without_holes() -> None:
    """Also in the strictest reading: no NaN, no Infinity, no key twice."""
    log = metrics_log(History(2, size=20).play())
    assert log.records > 1000
    for record in log.latest.values():
        assert "NaN" not in msgspec.json.encode(record).decode()
        start, end = record["data"]["window"].get("start"), record["data"]["window"].get("end")
        assert start is None or datetime.fromisoformat(start) < datetime.fromisoformat(end)


def test_a_report_tells_a_figure_as_the_topic_does() -> None:
    history = History(4, partitions=2)
    told, batch = metrics_log(history.play()).figures, history.batch()
    only_there = {"final", "revision", "watermark"}
    for key, figure in batch.items():
        assert {name: value for name, value in told[key].items() if name not in only_there} == figure
    assert len(by_parts(batch)) == len(batch)


@pytest.mark.parametrize("metric", CATALOGUE.metrics, ids=lambda metric: metric.name)
def test_names_of_metrics_need_no_escapes(metric: Any) -> None:
    assert metric.name.isidentifier()
    assert metric.name.islower()


def test_a_batch_of_nothing_is_empty() -> None:
    batch = Batch(CATALOGUE)
    batch.take([])
    assert batch.figures() == {}
    assert batch.figures(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)) == {}
