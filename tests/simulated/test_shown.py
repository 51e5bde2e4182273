"""What is only shown may change at any start: what was added before it can still be taken back."""

from dataclasses import replace
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.settings import Settings, load
from streams.windows.trailing import Trailing
from streams.worker import plan_of
from tests.parcels import WORLD, Post, event
from tests.promise import unequal
from tests.simulated.histories import WITHOUT_LEVELS, History, Watched, metrics_log, pieces

KEY = b"of these tests"
ONE_OWNER: dict[str, Any] = {"topics.partitions": 1}
LITTLE: dict[str, Any] = {"dimensions.exported": [""], "metrics.publish_minutes": False}
MUCH: dict[str, Any] = {
    "dimensions.exported": ["", "channel", "priority", "team", "tier", "topic", "agent"],
    "metrics.publish_minutes": True,
}


def test_it_is_not_part_of_the_definitions_and_minutes_are() -> None:
    def version(**overrides: Any) -> str:
        return plan_of(CATALOGUE, load(overrides=overrides), {}, KEY).version

    assert version(**LITTLE) == version(**MUCH) == version()
    assert version(**{"dimensions.minutes": [""]}) != version()


def test_the_version_covers_what_families_declare_of_minutes() -> None:
    """Which sets have minute panes: also where the settings are the same."""

    def version(**more: Any) -> str:
        families = {family: replace(family, **more) for family in WORLD.families}
        metrics = tuple(replace(metric, family=families[metric.family]) for metric in WORLD.metrics)
        return load().adjusted(replace(WORLD, metrics=metrics)).version({})

    assert version() != version(shown=(("size",),)) != version(shown=(("size",),), minutes=frozenset())


@pytest.mark.parametrize("size", ["", "size"])
def test_what_was_counted_before_a_start_is_taken_back_after_it(size: str) -> None:
    """The set had no minutes; now it is exported, and minutes are published."""
    before, after = (
        load(overrides={**ONE_OWNER, "dimensions.minutes": [""], "dimensions.exported": exported, **more})
        for exported, more in ((["", size], {}), (["", "size"], {"metrics.publish_minutes": True}))
    )
    post = Post(plan_of(WORLD, before, {}, KEY), now=1_794_000_000_000)
    post.tell(event("parcel.sent", "09:00", size="L"), event("parcel.sent", "09:01", "P2", size="L"))
    start_again(post, after)
    shown = Trailing(
        post.plan.catalogue,
        post.plan.calendar,
        after.exported_sets(),
        post.partitions[0].rollup.slots,
    )
    shown.restore(post.partitions[0].rollup.series())
    post.partitions[0].rollup.watch = shown.added
    post.tell(event("parcel.lost", "09:02"), event("parcel.sent", "09:02", "P3", size="L"))
    shown.move(post.partitions[0].reached(1_794_000_000))
    sums = {
        (name, window.name): total.slots.get(0, 0)
        for name, windows in shown.sums.items()
        for window, total in windows.items()
    }
    assert sums["parcels|", "5m"] == sums["parcels|size=L", "24h"] == 2
    assert ("parcels|size=L", "5m") not in sums, "it has no minutes, whatever is shown"
    values = post.values()
    assert values["parcels_sent|size=L|hour|2026-11-02T09:00:00Z"] == 2
    assert [key for key, value in values.items() if value < 0 or "size=L|minute" in key] == []
    assert "parcels_sent||minute|2026-11-02T09:00:00Z" not in values, "all of it was taken back"
    assert values["parcels_sent||minute|2026-11-02T09:02:00Z"] == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_history_with_such_a_start_equals_the_batch(seed: int) -> None:
    history = History(seed, size=20, days=0.2)
    cluster = Watched(planned(history, load(overrides=LITTLE)), seed)
    parts = pieces(history.events, cluster.random)
    for number, piece in enumerate(parts):
        if number == len(parts) // 2:
            cluster.drain()
            start_again(cluster, load(overrides=MUCH), history)
        cluster.produce(piece)
        for _ in range(5):
            cluster.step()
    cluster.drain()
    log = metrics_log(cluster)
    assert log.breaches == []
    minutes = {key: figure for key, figure in log.figures.items() if "|minute|" in key}
    assert minutes, "they are published from the second start on"
    assert [key for key, figure in minutes.items() if figure["count"] < 0] == []
    assert unequal(history.batch(), {key: log.figures[key] for key in log.figures.keys() - minutes}) == []


def planned(history: History, settings: Settings) -> Any:
    plan = plan_of(WITHOUT_LEVELS, settings, {}, KEY)
    return replace(history.plan, catalogue=plan.catalogue, published=plan.published)


def start_again(cluster: Any, settings: Settings, history: History | None = None) -> None:
    """All workers, with other settings."""
    plan = planned(history, settings) if history is not None else plan_of(WORLD, settings, {}, KEY)
    if history is None:
        assert plan.version == cluster.plan.version
    cluster.plan = plan
    for number in range(plan.partitions):
        cluster.restart(number)
