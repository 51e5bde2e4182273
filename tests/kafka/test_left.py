"""Where a partition number was left, and why one may not go on from there."""

from dataclasses import replace

import pytest

from streams.kafka.left import Place, beginning, shortened, skipped, unfit, unreadable
from streams.state.plan import Plan
from tests.parcels import plan
from tests.simulated.cluster import Cluster

PLAN = plan()
TOPICS = (*PLAN.inputs, PLAN.contributions)
IDS = {topic: f"id of {topic}" for topic in (*TOPICS, *map(PLAN.changelog, PLAN.tables))}
PLAN = replace(PLAN, topic_ids=IDS)


def left(by: Plan = PLAN) -> dict[str, Place]:
    """By a worker that has written nothing but where it was."""
    cluster = Cluster(by)
    cluster.checkpoint(0)
    return {topic: place for (topic, number), place in cluster.log.committed.items() if number == 0}


def anew(topic: str) -> Plan:
    return replace(PLAN, topic_ids=IDS | {topic: "another"})


def test_nothing_is_wrong_with_the_same_or_with_nothing() -> None:
    assert unfit(PLAN, 0, left()) is None
    assert unfit(PLAN, 0, dict.fromkeys(TOPICS, (0, ""))) is None
    assert unfit(PLAN, 0, left(replace(PLAN, topic_ids=IDS, version="v1"))) is None


@pytest.mark.parametrize(
    "now, words",
    [
        (replace(PLAN, version="v2"), "was written by definitions v1, these are v2"),
        (anew("cx.parcels"), "Topic cx.parcels was deleted and made anew"),
        (anew("cx.contributions"), "Topic cx.contributions was deleted and made anew"),
        (anew(PLAN.changelog("parcels")), "A changelog of 'post' was deleted and made anew"),
    ],
    ids=["definitions", "input", "contributions", "changelog"],
)
def test_what_is_another_now_is_refused(now: Plan, words: str) -> None:
    assert words in (unfit(now, 0, left()) or "")


def test_an_input_whose_offsets_are_gone_is_refused() -> None:
    """As they are with the topic, or when someone resets them."""
    told = unfit(PLAN, 3, left() | {"cx.parcels": (0, "")})
    assert told is not None
    assert told.startswith(
        "Kafka no longer knows how far cx.parcels was read in partition 3, of which 'post'"
    )


@pytest.mark.parametrize(
    "kept, fits", [((0, 10), True), ((0, 11), True), ((10, 12), True), ((11, 12), False), ((0, 9), False)]
)
def test_from_where_it_was_left_on_everything_must_be_there(kept: tuple[int, int], fits: bool) -> None:
    places = {"cx.parcels": (10, left()["cx.parcels"][1]), "cx.contributions": (0, "")}
    told = unreadable(PLAN, 0, places, {"cx.parcels": kept, "cx.contributions": (5, 7)})
    if fits:
        assert told is None
    else:
        kept_text = f"is kept from {kept[0]} to {kept[1]} now: records are missing"
        assert told == f"cx.parcels/0 was read up to offset 10 by 'post', and {kept_text}."


FRESH: dict[str, Place] = {"cx.parcels": (0, ""), "cx.contributions": (0, "")}
KEPT = {"cx.parcels": (40, 90), "cx.contributions": (5, 7)}


def test_a_fresh_start_is_at_the_first_record_that_is_kept() -> None:
    """And says of which inputs it is not the first that there was; contributions are those of others."""
    assert unreadable(PLAN, 0, FRESH, KEPT) is None
    assert beginning(FRESH, KEPT) == {"cx.parcels": (40, ""), "cx.contributions": (5, "")}
    assert skipped(["cx.parcels"], 3, FRESH, KEPT) == {"cx.parcels/3": 40}
    assert skipped(["cx.parcels"], 3, FRESH, {"cx.parcels": (0, 90)}) == {}


def test_who_goes_on_does_so_where_it_was_left() -> None:
    """What was read before may be deleted. An offset that someone has set without state is heeded as well."""
    metadata = left()["cx.parcels"][1]
    places = {"cx.parcels": (60, metadata), "cx.contributions": (6, "")}
    assert beginning(places, KEPT) == places
    assert skipped(["cx.parcels"], 0, places, KEPT) == {}
    assert "was read up to offset 91" in (unreadable(PLAN, 0, {"cx.parcels": (91, "")}, KEPT) or "")


def test_a_changelog_that_has_lost_its_beginning_is_refused() -> None:
    assert shortened(["a", "b"], 2, {"a": (0, 9), "b": (0, 0)}) is None
    assert shortened(["a", "b"], 2, {"a": (0, 9), "b": (1, 4)}) == (
        "b/2 is kept from offset 1 to 4 only: rows of the state are missing."
    )
