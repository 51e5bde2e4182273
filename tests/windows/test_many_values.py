"""A million values of a dimension that nobody has seen before: no input can flood state or Prometheus."""

import pytest

from streams import moments
from streams.catalogue import Observation
from streams.state.checkpoint import Half
from streams.windows.labels import ADMITTED
from tests.outlets.test_exporter import Scraped
from tests.parcels import WORLD

pytestmark = pytest.mark.slow

VALUES, AT_ONCE, SHOWN = 1_000_000, 250_000, 100
AT = moments.parse("2026-11-02T09:00:00Z")


def test_a_million_new_values_stay_within_the_bounds_and_their_sums_exact() -> None:
    scraped = Scraped(shown=SHOWN)
    post, partition = scraped.post, scraped.post.partitions[0]
    (metric,) = (each for each in WORLD.metrics if each.name == "parcels_sent")
    place = metric.family.dimensions.index("size")
    for number in range(VALUES):
        labels: list[str | None] = [None] * len(metric.family.dimensions)
        labels[place] = f"size-{number}"
        partition.leaf.add(metric, (Observation(AT, tuple(labels), 1),), 1)
        if number % AT_ONCE == AT_ONCE - 1:
            partition.unwritten_of[Half.INPUTS] += 1
            post.drain()
    figures = [
        record["data"] for record in post.figures().values() if record["data"]["window"]["pane"] == "total"
    ]
    by_size = {
        figure["dimensions"]["size"]: figure["count"]
        for figure in figures
        if figure["dimensions"].keys() == {"size"}
    }
    (total,) = (figure["count"] for figure in figures if not figure["dimensions"])
    assert total == sum(by_size.values()) == VALUES
    assert len(by_size) == ADMITTED + 1
    assert by_size["other"] == VALUES - ADMITTED
    assert partition.labels.overflowed >= VALUES - ADMITTED
    post.now = AT // 1000
    shown = scraped.samples("cx_parcels_sent", window="24h", by="size")
    assert len(shown) <= SHOWN + 1
    assert sum(shown.values()) == VALUES
