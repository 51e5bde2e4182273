"""One partition number: what it takes and what it writes are of one offset, and a crash loses nothing."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from streams.kafka.partitioning import partition_of
from streams.state.checkpoint import Half, read_metadata
from streams.state.partition import Partition
from streams.state.rows import Rows
from streams.state.screening import Limits
from streams.windows.panes import Retention
from tests.parcels import Post, event, plan
from tests.simulated.cluster import Pending
from tests.simulated.histories import metrics_log

SENT = event("parcel.sent", "09:00", size="L")
MOVED = event("parcel.moved", "10:00", hub="A")
DELIVERED = event("parcel.delivered", "11:00")
DAY_START = "2026-11-02T00:00:00Z"


def encoded(row: Any) -> bytes:
    return msgspec.msgpack.encode(row, enc_hook=lambda vector: msgspec.Raw(vector.encode()))


def records(post: Post, number: int = 0) -> dict[str, list[Any]]:
    """What a checkpoint writes, by topic."""
    pending = Pending()
    post.partitions[number].write(pending, post.now * 1000)
    found: dict[str, list[Any]] = {}
    for topic, _, key, value in pending.records:
        found.setdefault(topic, []).append((key, value))
    return found


def test_events_become_figures() -> None:
    post = Post(plan())
    post.tell(SENT, MOVED, DELIVERED)
    values = post.values()
    assert values["parcels_sent|size=L|hour|2026-11-02T09:00:00Z"] == 1
    assert values["travel_time|hub=A|hour|2026-11-02T11:00:00Z"] == 7200
    assert values["direct||total|"] == 1.0
    assert "parcels_sent|hub=unknown|total|" in values


def test_a_checkpoint_writes_all_that_belongs_together() -> None:
    post = Post(plan())
    post.produce([SENT])
    post.put("cx.parcels", b"P1", b"not json")
    post._fetch(0, 10)
    found = records(post)
    assert found.keys() == {
        *("cx.contributions", "cx.dead-letters", "post-parcels-changelog", "post-labels-changelog")
    }
    post._fetch(0, 10)


def test_with_nothing_new_nothing_is_written() -> None:
    post = Post(plan())
    post.tell(SENT, MOVED)
    assert records(post) == {}
    assert post.partitions[0].unwritten == 0


def test_the_offsets_of_a_checkpoint_are_those_of_its_state() -> None:
    post = Post(plan())
    post.produce([SENT, MOVED, DELIVERED])
    partition = post.partitions[0]
    some = post.log.topics["cx.parcels", 0][:2]
    partition.take("cx.parcels", 2, some)
    offsets = partition.write(Pending(), post.now * 1000)
    assert offsets["cx.parcels"][0] == 2
    left = read_metadata(offsets["cx.parcels"][1])
    assert (left.version, left.high) == ("v1", 1_793_613_600_000_000)  # MOVED's time


def test_half_of_a_checkpoint_moves_the_offset_of_that_half_alone() -> None:
    post = Post(plan())
    post.tell(SENT)
    partition, inputs, contributions = post.partitions[0], "cx.parcels", "cx.contributions"
    before = {topic: offset for (topic, _), (offset, _) in post.log.committed.items()}
    post.produce([DELIVERED])
    post._fetch(0, 10)
    written = Pending()
    first = partition.write(written, post.now * 1000, Half.INPUTS)
    assert first[inputs][0] == before[inputs] + 1
    assert first[contributions][0] == before[contributions]
    assert {topic for topic, *_ in written.records} == {"cx.contributions", "post-parcels-changelog"}
    for topic, number, key, value in written.records:
        post.log.append(topic, number, key, value, post.now)
    post.produce([MOVED])
    post._fetch(0, 10)
    written = Pending()
    second = partition.write(written, post.now * 1000, Half.CONTRIBUTIONS)
    assert second[inputs] == first[inputs]
    assert second[contributions][0] > before[contributions]
    assert {"cx.metrics", "post-cells-changelog"} <= {topic for topic, *_ in written.records}
    assert "post-parcels-changelog" not in {topic for topic, *_ in written.records}
    assert partition.unwritten_of == {Half.INPUTS: 1, Half.CONTRIBUTIONS: 0}


@pytest.mark.parametrize("half", Half)
def test_the_first_checkpoint_is_of_all(half: Half) -> None:
    """Whoever opens the partition finds offsets of all its topics, or of none."""
    post = Post(plan())
    post.produce([SENT])
    post._fetch(0, 10)
    assert post.partitions[0].write(Pending(), post.now * 1000, half).keys() == {
        *post.plan.inputs,
        post.plan.contributions,
    }


@pytest.mark.parametrize("taken", range(4))
def test_what_was_not_written_is_taken_again_after_a_crash(taken: int) -> None:
    post = Post(plan())
    events = [SENT, MOVED, DELIVERED]
    post.tell(*events[:taken])
    post.produce(events[taken:])
    post._fetch(0, 100)  # and nothing of it is written
    post.partitions[0] = post._open(0)
    post.drain()
    assert post.values()["travel_time||total|"] == 7200
    assert post.values()["parcels_sent||total|"] == 1
    assert metrics_log(post).breaches == []


def test_the_watermark_comes_back_with_the_offset() -> None:
    """What came too late before a crash comes too late after it."""
    post = Post(plan(limits=Limits(horizon=86_400_000_000)))
    post.tell(SENT)
    post.partitions[0] = post._open(0)
    post.tell(event("parcel.sent", "2026-11-01 08:00", "P2"))
    assert [letter["reason"] for letter in post.letters()] == ["too_late"]


def test_admitted_labels_come_back_too() -> None:
    post = Post(plan(admitted=2))
    post.tell(*(event("parcel.sent", "09:00", name, size=name) for name in ("a", "b", "c")))
    post.partitions[0] = post._open(0)
    post.tell(*(event("parcel.sent", "10:00", f"{name}2", size=name) for name in ("a", "b", "c", "d")))
    total = {
        key: value
        for key, value in post.values().items()
        if key.startswith("parcels_sent|size=") and "total" in key
    }
    assert total == {
        "parcels_sent|size=a|total|": 2,
        "parcels_sent|size=b|total|": 2,
        "parcels_sent|size=other|total|": 3,
    }


def test_a_label_without_panes_frees_its_place_and_what_was_counted_otherwise_is_taken_back_so() -> None:
    """Through a crash, before which a place came free and after which it is taken."""
    kept = Retention(hour=3600, day=86_400)
    post = Post(plan(admitted=1, retention=kept), now=1_796_000_000_000)

    def sizes() -> dict[str, float]:
        return {
            key.split("|")[1].removeprefix("size="): value
            for key, value in post.values().items()
            if key.startswith("parcels_sent|size=") and "total" in key
        }

    post.tell(*(event("parcel.sent", "09:00", name, size=name) for name in ("a", "b")))
    assert sizes() == {"a": 1, "other": 1}
    post.tell(event("parcel.sent", "2026-11-12 09:00", "P1"))
    post.restart(0)
    post.tell(event("parcel.sent", "2026-11-12 10:00", "b2", size="b"))
    post.restart(0)
    post.tell(*(event("parcel.sent", "2026-11-12 10:00", f"{name}3", size=name) for name in ("a", "b", "c")))
    assert sizes() == {"a": 2, "b": 2, "other": 2, "unknown": 1}
    for name in ("a", "b", "b2", "b3"):
        post.tell(event("parcel.lost", "2026-11-12 11:00", name))
        post.restart(0)
    assert sizes() == {"a": 1, "other": 1, "unknown": 1}
    assert metrics_log(post).breaches == []


class TestFacts:
    """What a note says of a parcel travels to the parcel's partition."""

    @pytest.fixture
    def post(self) -> Post:
        return Post(plan(partitions=4))

    def mood(self, post: Post) -> float | None:
        value: float | None = post.values().get("mood||total|")
        return value

    def test_it_counts_there(self, post: Post) -> None:
        post.tell(event("page.written", "09:00", "N1", mood="happy", parcel="P1"))
        assert self.mood(post) == 100

    def test_a_changed_one_counts_once(self, post: Post) -> None:
        for mood, minute in (("happy", "00"), ("sad", "10"), ("happy", "20"), ("sad", "30")):
            post.tell(event("page.written", f"09:{minute}", "N1", mood=mood, parcel="P1"))
        assert self.mood(post) == -100
        assert post.figures()["mood||total|"]["data"]["count"] == 1

    def test_one_that_moves_counts_at_its_new_target_alone(self, post: Post) -> None:
        post.tell(event("page.written", "09:00", "N1", mood="happy", parcel="P1"))
        post.tell(event("page.written", "09:10", "N1", mood="happy", parcel="P2"))
        post.tell(event("parcel.lost", "10:00", "P1"))
        assert post.figures()["mood||total|"]["data"]["count"] == 1
        post.tell(event("parcel.lost", "10:00", "P2"))
        assert self.mood(post) is None

    def test_one_that_is_erased_counts_no_more(self, post: Post) -> None:
        post.tell(event("page.written", "09:00", "N1", mood="happy", parcel="P1"))
        post.tell(event("page.erased", "09:10", "N1"))
        assert self.mood(post) is None
        assert post.figures()["mood||total|"]["data"]["value"] is None
        assert post.figures()["mood||total|"]["data"]["count"] == 0

    def test_a_repeated_one_changes_nothing(self, post: Post) -> None:
        post.tell(event("page.written", "09:00", "N1", mood="happy", parcel="P1"))
        number = partition_of(b"P1", 4)
        (told,) = post.log.topics["cx.parcels", number]
        post.put("cx.parcels", told.key, told.value)
        post.drain()
        assert post.figures()["mood||total|"]["data"]["count"] == 1

    @pytest.mark.parametrize("target", ["", "x" * 256, "ünï|=,%"])
    def test_any_target_can_be_named(self, post: Post, target: str) -> None:
        post.tell(event("page.written", "09:00", "N1", mood="sad", parcel=target))
        assert self.mood(post) == -100
        assert post.letters() == []


def test_a_pane_that_is_over_becomes_final_and_stays_so() -> None:
    post, key = Post(plan()), "parcels_sent||hour|2026-11-02T09:00:00Z"
    post.tell(SENT)
    post.tell(event("parcel.sent", "10:01:59", "P2"))
    assert post.figures()[key]["data"]["final"] is False
    post.tell(event("parcel.sent", "10:02", "P3"))
    assert post.figures()[key]["data"]["final"] is True
    post.tell(event("parcel.sent", "09:30", "P4"))
    assert post.figures()[key]["data"] == {
        "metric": "parcels_sent",
        "dimensions": {},
        "unit": "",
        "window": {"pane": "hour", "start": "2026-11-02T09:00:00Z", "end": "2026-11-02T10:00:00Z"},
        "value": 2,
        "count": 2,
        "final": True,
        "revision": 3,
        "watermark": "2026-11-02T10:00:00Z",
    }


def test_a_pane_is_not_final_while_one_of_its_sources_is_behind() -> None:
    post, key = Post(plan()), "mood||hour|2026-11-02T09:00:00Z"
    post.tell(event("page.written", "09:00", "N1", mood="sad"))
    post.tell(event("page.written", "12:00", "N2", mood="sad"), SENT)
    assert post.figures()[key]["data"]["final"] is False
    post.tell(event("parcel.sent", "12:00", "P2"))
    assert post.figures()[key]["data"]["final"] is True


def test_the_clock_makes_panes_of_idle_sources_final() -> None:
    post, key = Post(plan()), "mood||hour|2026-11-02T09:00:00Z"
    post.tell(event("page.written", "09:00", "N1", mood="sad"))
    ten = 1_793_613_600_000_000
    post.drain(clock=ten + 119_000_000)
    assert post.figures()[key]["data"]["final"] is False
    post.drain(clock=ten + 120_000_000)
    assert post.figures()[key]["data"]["final"] is True


def test_facts_of_others_do_not_take_the_clock_back() -> None:
    """A topic may get nothing else, and its panes are to become final all the same."""
    post = Post(plan())
    post.tell(event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
    post.drain(clock=1_793_620_000_000_000)
    before = post.partitions[0].watermark("cx.parcels")
    post.tell(event("page.written", "09:10", "N1", mood="happy", parcel="P1"))
    assert before is not None
    assert post.partitions[0].watermark("cx.parcels") == before


def test_a_pane_past_its_retention_goes_for_good() -> None:
    post = Post(plan(retention=Retention(hour=7200)), now=1_793_700_000_000)
    post.tell(SENT, event("page.written", "09:00", "N1", mood="sad"))
    key = "parcels_sent||hour|2026-11-02T09:00:00Z"
    post.tell(event("parcel.sent", "12:01:59", "P2"))
    post.tell(event("page.written", "12:02", "N2", mood="sad"))
    assert key in post.figures()
    post.tell(event("parcel.sent", "12:02", "P3"))
    assert key not in post.figures()
    post.tell(event("parcel.sent", "09:30", "P4"))
    assert key not in post.figures()
    assert post.values()[f"parcels_sent||day|{DAY_START}"] == 4
    log = metrics_log(post)
    assert log.breaches == []
    assert log.tombstones > 0
    assert not [
        row for row in post.log.latest("post-cells-changelog", 0) if "hour" in row and "1793610000" in row
    ]


def test_idle_time_alone_never_makes_a_pane_go() -> None:
    post = Post(plan())
    post.tell(SENT)
    post.drain(clock=1_900_000_000_000_000)
    assert post.values()["parcels_sent||hour|2026-11-02T09:00:00Z"] == 1
    assert post.figures()["parcels_sent||hour|2026-11-02T09:00:00Z"]["data"]["final"] is True


def test_now_is_the_event_time_that_was_reached_or_the_wall_clock() -> None:
    post = Post(plan())
    wall = 1_793_620_000
    assert post.partitions[0].reached(wall) == wall
    post.tell(SENT)
    assert post.partitions[0].reached(wall) == 1_793_610_000
    post.drain(clock=wall * 1_000_000)
    assert post.partitions[0].reached(wall) == wall
    assert post.partitions[0].reached(wall - 60) == wall - 60


def test_every_table_can_be_read_back_as_it_was_written() -> None:
    post = Post(plan(partitions=2), seed=5)
    post.tell(SENT, MOVED, DELIVERED, event("page.written", "09:00", "N1", mood="sad", parcel="P1"))
    for number in range(2):
        again = Partition(post.plan, number, lambda t: Rows(post.plan.row_type(t)), partition_of)
        for table in post.plan.tables:
            latest = post.log.latest(post.plan.changelog(table), number)
            again.restore(table, dict(latest))
            rows = {key: encoded(again.rows[table].get(key)) for key in again.rows[table]}
            assert rows == latest


MIB = 2**20


def taken(partition: Partition, records: list[Any], most: int) -> Iterator[tuple[int, int]]:
    """Take records as an owner does, who writes when so many bytes wait: how many did, how many it wrote."""
    left = records
    while left:
        left = left[partition.take("cx.parcels", left[-1].offset + 1, left, most) :]
        assert partition.next["cx.parcels"] == (left[0] if left else records[-1]).offset + (not left)
        waiting = partition.unwritten_bytes
        if waiting >= most or not left:
            pending = Pending()
            partition.write(pending, 1_800_000_000_000_000)
            assert partition.unwritten_bytes == 0
            sizes = (len(key or b"") + len(value or b"") for _, _, key, value in pending.records)
            yield waiting, sum(sizes)


def test_many_large_records_that_are_refused_do_not_wait_together() -> None:
    post, most = Post(plan()), 8 * MIB
    values = [b"x" * (MIB + 1 + 3 * MIB * number // 40) for number in range(40)]
    for value in values:
        post.put("cx.parcels", b"P", value)
    letter = 4 * MIB * 4 // 3 + 1024
    for waiting, written in taken(post.partitions[0], post.log.topics["cx.parcels", 0], most):
        assert waiting < most + letter
        assert written < most + letter
    assert post.partitions[0].refused == {("cx.parcels", "too_large"): 40}


def test_many_small_records_that_are_refused_are_counted_as_they_are_written() -> None:
    post = Post(plan())
    for _ in range(2000):
        post.put("cx.parcels", b"P", b"{")
    sizes = list(taken(post.partitions[0], post.log.topics["cx.parcels", 0], MIB // 4))
    assert len(sizes) > 3
    for waiting, written in sizes:
        assert written <= waiting + 1024
        assert waiting < 1.5 * (MIB // 4)


def test_many_large_entities_do_not_wait_together() -> None:
    """A small event of each is enough: all of its row is written."""
    post, most, largest = Post(plan()), 2 * MIB, 512 * 1024
    names = [f"P{number}" for number in range(60)]
    for name in names:
        post.tell(event("parcel.moved", "09:00", name, hub="A" * (largest // 4)))
    rows = post.partitions[0].rows["parcels"]
    assert len(rows.at_rest("P7") or b"") > largest // 2
    post.produce(event("parcel.moved", "10:00", name, hub="B") for name in names)
    partition = post.partitions[0]
    records = post.log.topics["cx.parcels", 0][partition.next["cx.parcels"] :]
    assert len(records) == len(names)
    for waiting, written in taken(partition, records, most):
        assert waiting < most + largest
        assert written < most + 2 * largest
    assert partition.refused == {}
    assert all(b"B" in (rows.at_rest(name) or b"") for name in names)


def test_an_entity_that_changes_again_and_again_waits_once() -> None:
    post = Post(plan())
    post.tell(event("parcel.moved", "09:00", hub="A" * 100_000))
    post.produce(
        event("parcel.moved", f"10:{number // 60:02}:{number % 60:02}", hub="B") for number in range(500)
    )
    partition = post.partitions[0]
    records = post.log.topics["cx.parcels", 0][partition.next["cx.parcels"] :]
    assert len(list(taken(partition, records, MIB))) == 1


class TestLimits:
    """What is accepted can always be written, or it would end every process that takes it."""

    def test_sums_outgrow_no_encoding(self) -> None:
        """10,400 durations of 56 years: a file whose creations were left at 1970 is enough."""
        post, names = Post(plan()), [f"P{number}" for number in range(10_400)]
        post.produce(event("parcel.sent", "1970-01-01 00:00", name) for name in names)
        post.tell(*(event("parcel.delivered", "09:00", name) for name in names))
        assert post.figures()["travel_time||total|"]["data"]["count"] == len(names)

    def test_an_integer_of_any_size_is_taken_or_refused(self) -> None:
        post = Post(plan())
        post.tell(event("parcel.sent", "09:00", weight=2**70))
        assert len(post.letters()) + len(post.values()) > 0

    @pytest.mark.parametrize("kind", ["facts", "events"])
    def test_an_entity_s_record_stays_within_its_bound(self, kind: str) -> None:
        """A ticket that everybody names, or one that a loop moves to and fro."""
        post = Post(plan(limits=Limits(kept=4, largest_entity=4096)))
        for number in range(400):
            clock = f"{number // 60:02}:{number % 60:02}"
            if kind == "facts":
                post.produce([event("page.written", clock, f"N{number}", mood="sad", parcel="P1")])
            else:
                post.produce([event("parcel.moved", clock, hub="AB"[number % 2] * 40)])
        post.drain()
        assert len(post.log.latest("post-parcels-changelog", 0)["P1"]) <= 2 * 4096

    def test_what_is_ignored_in_events_takes_no_room(self) -> None:
        """A long correspondence, with its letters in full, read at one go."""
        post = Post(plan(limits=Limits(largest_entity=10_000)))
        letters = [event("parcel.moved", f"10:{n:02}", hub="A", note="x" * 5_000) for n in range(12)]
        post.tell(SENT, *letters, event("parcel.delivered", "12:00"))
        assert post.letters() == []
        assert post.values()["travel_time||total|"] == 10_800

    def test_a_full_entity_s_facts_can_still_be_corrected(self) -> None:
        """What is known of it may change and go: that takes no more room."""
        post = Post(plan(limits=Limits(largest_entity=2_000)))
        names = [f"N{number:03}" for number in range(150)]
        for name in names:
            post.tell(event("page.written", "09:00", name, mood="sad", parcel="P1"))
        assert {letter["reason"] for letter in post.letters()} == {"entity_too_large"}
        taken, refused = post.figures()["mood||total|"]["data"]["count"], len(post.letters())
        assert taken + refused == len(names)
        for name in names[:taken]:
            post.tell(event("page.erased", "10:00", name))
        assert "mood||total|" not in post.values()
        assert len(post.letters()) == refused
