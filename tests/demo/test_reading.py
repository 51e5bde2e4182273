"""Figures as they come from the metrics topic."""

from typing import Any

import msgspec

from streams.demo.freshness import Freshness
from streams.demo.reading import Figures

WATERMARK = "1970-01-01T00:16:40Z"


def record(**data: Any) -> bytes:
    return msgspec.json.encode(
        {"type": "metric.updated", "data": {"watermark": WATERMARK, "count": 1, **data}}
    )


def test_the_latest_stands_and_a_tombstone_takes_it_away() -> None:
    figures = Figures(["csat"], frozenset(), Freshness(1, 0.0), lambda: 0.0)
    key = b"csat|channel=email|total|"
    figures.take(key, record(value=1))
    figures.take(key, record(value=2))
    figures.take(b"csat|channel=chat|total|", record(value=3))
    figures.take(b"csat|channel=chat|total|", None)
    assert {name: figure["value"] for name, figure in figures.decoded().items()} == {key.decode(): 2}
    assert figures.read == 4


def test_totals_are_kept_by_pane() -> None:
    figures = Figures(["csat"], frozenset(), Freshness(1, 0.0), lambda: 0.0)
    figures.take(b"csat||total|", record(value=1))
    figures.take(b"csat||hour|2026-11-22T09:00:00Z", record(value=2))
    figures.take(b"nps||total|", record(value=3))
    figures.take(b"csat|channel=email|total|", record(value=4))
    told = {
        pane: {start: each["value"] for start, each in of.items()}
        for pane, of in figures.totals["csat"].items()
    }
    assert told == {"total": {"": 1}, "hour": {"2026-11-22T09:00:00Z": 2}}


def test_freshness_hears_of_watched_figures_alone() -> None:
    fresh = Freshness(1, 0.0)
    figures = Figures(["csat", "nps"], frozenset({"nps"}), fresh, lambda: 1000.25)
    fresh.begin()
    figures.take(b"nps||total|", record(watermark=None))
    assert not fresh.caught_up
    figures.take(b"nps||total|", record())
    fresh.sent(0, 1000.0, appended=1000.0, sure=True)
    figures.take(b"csat||total|", record())
    assert fresh.seconds == []
    figures.take(b"nps||hour|1970-01-01T00:00:00Z", record())
    assert fresh.seconds == [0.25]
