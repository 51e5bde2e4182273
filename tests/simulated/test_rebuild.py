"""A rebuild under a new name reads the whole log anew, and what the former application has left in it."""

from dataclasses import replace
from typing import Any

from msgspec.structs import replace as changed

from streams.catalogue import Catalogue, Forward
from tests.parcels import PAGES, PARCELS, WORLD, Page, Post, event, forwards, plan
from tests.simulated.histories import History, Watched, metrics_log, unequal_to_batch


def rebuilt(old: Any, new: Any) -> Any:
    """The new cluster, with the inputs as the old one has left them."""
    for (topic, number), records in old.log.topics.items():
        if topic in new.plan.inputs:
            new.log.topics[topic, number] = list(records)
    return new


def test_it_tells_the_same() -> None:
    history = History(21, size=20)
    new = rebuilt(history.play(), Watched(replace(history.plan, application="again"), seed=99))
    for _ in range(60):
        new.step()
    new.drain()
    assert new.crashes
    assert unequal_to_batch(history, new) == []


def test_contributions_of_the_former_application_do_not_count() -> None:
    old = Post(plan())
    old.tell(event("parcel.sent", "09:00"))
    new = rebuilt(old, Post(replace(plan(), application="again")))
    new.log.topics["cx.contributions", 0] = list(old.log.topics["cx.contributions", 0])
    new.drain()
    assert new.values()["parcels_sent||total|"] == 1
    assert metrics_log(new).breaches == []


def test_facts_of_former_definitions_give_way() -> None:
    """What a fact consists of has changed: the former application's facts are still in the log."""

    def mended(page: Page) -> dict[str, Forward]:
        return {
            key: changed(each, fact=changed(each.fact, mood="sad")) for key, each in forwards(page).items()
        }

    old = Post(plan())
    old.tell(
        event("page.written", "09:00", "N1", mood="happy", parcel="P1"),
        *(event("page.written", "09:00", f"N{number}", mood="calm") for number in range(2, 5)),
    )
    assert old.values()["mood||total|"] == 25
    world = Catalogue((PARCELS, replace(PAGES, forwards=mended)), WORLD.metrics)
    new = rebuilt(old, Post(replace(plan(), catalogue=world, version="v2", application="again")))
    while new._fetch(0, 1):
        new.checkpoint(0)
    new.drain()
    assert new.values()["mood||total|"] == -25
