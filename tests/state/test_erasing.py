"""What erases an entity is taken whenever it comes, and nothing that comes after it counts."""

import random
from typing import Any

import msgspec
import pytest

from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.state.forgotten import ERASED, Trace
from streams.state.plan import Plan
from streams.state.screening import Limits
from tests.parcels import PAGES, PARCELS, WORLD, event, with_type
from tests.state.taken import DAY, NOW, SENT, TOPIC, Taken

ERASING = Catalogue((with_type(PARCELS, "parcel.lost", erases=True), PAGES), WORLD.metrics)
"A parcel that is lost leaves nothing behind."

DELIVERED = event("parcel.delivered", "10:00")


def taken(**limits: Any) -> Taken:
    return Taken(now=2 * NOW, world=Plan(ERASING, "v1", 1, "post", limits=Limits(**limits)))


def others(found: Taken) -> dict[tuple[str, str], int]:
    return found.partitions[0].entities[TOPIC].others


def assert_erased(found: Taken, reasons: list[str] | None = None) -> None:
    """Nothing is left of P1, and later events of it are passed over."""
    assert found.reasons == (reasons or [])
    assert "P1" not in found.entities
    assert found.partitions[0].entities[TOPIC]._forgotten.find("P1") == Trace(ERASED, True)
    before = found.values()
    found.take(event("parcel.sent", "2027-11-03 12:00", id="again"))
    assert "P1" not in found.entities
    assert (found.reasons, found.values()) == ((reasons or []), before)
    assert others(found)["parcel.sent", "erased"] == 1


def test_one_that_has_been_settled_for_longer_than_the_horizon() -> None:
    found = taken(horizon=400 * DAY).take(SENT, DELIVERED)
    assert found.total("parcels_sent") == 1
    lost = event("parcel.lost", "2027-12-08 10:01")
    found.take(lost)
    assert found.total("parcels_sent") is None
    assert_erased(found)
    batch = Batch(ERASING)
    batch.take(map(msgspec.json.encode, (SENT, DELIVERED, lost)))
    assert "parcels_sent||total|" not in batch.figures()
    assert batch.too_late == 0


def test_one_whose_record_has_no_room_left() -> None:
    found, number = taken(largest_entity=3_000), 0
    found.take(SENT)
    while not found.reasons:
        found.take(event("parcel.moved", f"11:{number:02}", hub="A"))
        number += 1
    assert found.reasons == ["entity_too_large"]
    found.take(event("parcel.lost", "12:00", id="lost" * 64))
    assert found.total("parcels_sent") is None
    assert_erased(found, ["entity_too_large"])


def test_one_that_is_forgotten() -> None:
    found = taken(horizon=10 * DAY, remembered=20 * DAY).take(SENT, DELIVERED)
    for day in (20, 21, 22):
        found.take(event("parcel.sent", f"2026-12-{day} 09:00", "P2"))
    assert found.entities == ["P2"]
    found.take(event("parcel.lost", "2026-12-22 10:00"))
    assert_erased(found)


def test_by_an_event_that_is_older_than_all_that_it_remembers() -> None:
    found = taken(kept=3).take(SENT, *(event("parcel.moved", f"10:{n:02}", hub="A") for n in range(9)))
    found.take(event("parcel.lost", "08:00"))
    assert found.total("parcels_sent") is None
    assert_erased(found)


def test_one_that_is_not_known_by_an_event_beyond_the_horizon() -> None:
    found = taken(horizon=10 * DAY).take(event("parcel.sent", "2026-12-20 09:00", "P2"))
    found.take(event("parcel.lost", "2026-11-02 09:00"))
    assert_erased(found)


@pytest.mark.parametrize("seed", range(8))
def test_what_comes_with_the_event_and_after_it_does_not_bring_it_back(seed: int) -> None:
    """In one batch: older events, that are folded anew, and what others know of it."""
    chance, found = random.Random(seed), taken(kept=4)
    page = event("page.written", "09:00", "N1", mood="sad", parcel="P1")
    lost = event("parcel.lost", "11:00")
    moves = [event("parcel.moved", f"{hour}:{n:02}", hub="A") for n in range(4) for hour in (10, 12)]
    found.take(page, SENT)
    found.take(*chance.sample([lost, DELIVERED, *moves], 10), page)
    assert (found.entities, found.reasons) == ([], [])
    assert found.total("parcels_sent") is None
    assert found.total("mood") is None
    entities = found.partitions[0].entities[TOPIC]
    counted = sum(entities.folded) + sum(entities.others.values())
    assert counted == 1 + 1 + 10, "each record has one outcome"
    assert found.total("travel_time") is None
    assert_erased(found)
