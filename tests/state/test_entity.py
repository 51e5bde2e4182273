"""An entity is the fold of its events in their order, whatever order they arrive in."""

import random
from collections.abc import Iterable
from itertools import chain, permutations
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from agents.catalogue import CATALOGUE
from streams.catalogue import Domain
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import Event, Fact
from streams.state.entity import EntityRunner
from streams.state.record import Entity, Folded, Outcome, State
from tests.oracle.stories import events as stories
from tests.parcels import PARCELS, Note, Parcel, event

Lives = dict[str, list[Event]]

LARGEST = 1 << 20


def runner(domain: Domain, keep: int = 256, largest: int = LARGEST) -> EntityRunner[Any]:
    return EntityRunner(domain.state, domain.types, keep=keep, largest=largest)


def read(domain: Domain, told: Iterable[dict[str, Any]]) -> list[Event]:
    decoder = Decoder(domain.types)
    return [decoder.decode(msgspec.json.encode(each))[1] for each in told]


def parcels(*told: dict[str, Any]) -> list[Event]:
    return read(PARCELS, told)


def parcel(told: dict[str, Any]) -> Event:
    return parcels(told)[0]


def lives(domain: Domain, seed: int, size: int = 25) -> Lives:
    """The events of each entity of generated stories, in log order, without duplicates."""
    decoder, found = Decoder(domain.types), dict[str, dict[tuple[str, str], Event]]()
    for told in stories(seed, size, size, calls=size):
        if told["type"] in decoder.names:
            subject, read_ = decoder.decode(msgspec.json.encode(told))
            found.setdefault(subject, {}).setdefault((read_.source, read_.id), read_)
    return {subject: list(events.values()) for subject, events in found.items()}


def folded(domain: Domain, events: Iterable[Event]) -> State:
    state = domain.state()
    for each in sorted(events):
        domain.types[each.rank].fold(state, each)
    return state


def at_rest(domain: Domain, entity: Entity[Any]) -> Entity[Any]:
    """As it comes back from its table."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(entity), type=Entity[domain.state])  # type: ignore[name-defined]


SENT = event("parcel.sent", "09:00", size="L")
MOVED = event("parcel.moved", "10:00", hub="A")
MOVED_ON = event("parcel.moved", "11:00", hub="B")
DELIVERED = event("parcel.delivered", "12:00")


def test_every_order_of_arrival_gives_the_same_state() -> None:
    events = parcels(SENT, MOVED, MOVED_ON, DELIVERED)
    run, expected = runner(PARCELS), folded(PARCELS, events)
    for arrival in permutations(events):
        entity = run.new()
        assert [run.apply(entity, each) for each in arrival] == [Outcome.FOLDED] * 4
        assert entity.state == expected


@pytest.mark.parametrize("seed", range(4))
def test_generated_lives_fold_the_same_in_any_order_of_arrival(seed: int) -> None:
    chance, compared = random.Random(seed), 0
    for domain, events in ((each, life) for each in CATALOGUE.domains for life in lives(each, seed).values()):
        run = runner(domain)
        entity, arrival = run.new(), chance.sample(events, len(events))
        for each in arrival:
            assert run.apply(entity, each) is Outcome.FOLDED
            if chance.random() < 0.2:
                entity = at_rest(domain, entity)
        assert entity.state == folded(domain, events)
        compared += len(events)
    assert compared > 200


def test_events_at_one_time_are_ordered_by_sequence_rank_source_and_id() -> None:
    at = "10:00"
    events = parcels(
        event("parcel.moved", at, hub="third", sequence=1),
        event("parcel.moved", at, hub="second", source="/z"),
        event("parcel.moved", at, hub="first", source="/a"),
        event("parcel.moved", at, hub="zeroth", sequence=-1, source="/z"),
        event("parcel.sent", at, size="S", source="/zz"),
    )
    run = runner(PARCELS)
    for arrival in permutations(events):
        entity = run.new()
        for each in arrival:
            run.apply(entity, each)
        assert entity.state.hubs == ("zeroth", "first", "second", "third")


@pytest.mark.parametrize("twice", [SENT, MOVED, DELIVERED])
def test_a_duplicate_changes_nothing(twice: dict[str, Any]) -> None:
    run, entity = runner(PARCELS), Entity(Parcel())
    for each in parcels(SENT, MOVED, DELIVERED):
        run.apply(entity, each)
    before = msgspec.msgpack.encode(entity)
    assert run.apply(entity, parcel(twice)) is Outcome.DUPLICATE
    assert msgspec.msgpack.encode(entity) == before


@pytest.mark.parametrize(
    "other",
    [
        {**MOVED, "data": {"hub": "Z"}},
        {**MOVED, "time": "2026-11-02T18:00:00Z"},
        {**MOVED, "sequence": 4},
        {**DELIVERED, "id": MOVED["id"]},
    ],
)
def test_one_with_the_same_id_and_other_content_changes_nothing(other: dict[str, Any]) -> None:
    run, entity = runner(PARCELS), Entity(Parcel())
    for each in parcels(SENT, MOVED, MOVED_ON):
        run.apply(entity, each)
    before = msgspec.msgpack.encode(entity)
    assert run.apply(entity, parcel(other)) is Outcome.CONFLICTING
    assert msgspec.msgpack.encode(entity) == before


def test_ids_of_two_sources_are_not_the_same() -> None:
    run, entity = runner(PARCELS), Entity(Parcel())
    for source, id_ in (("/a", "b1"), ("/ab", "1"), ("/a", "1"), ("/b", "1")):
        each = event("parcel.moved", "10:00", hub=source + id_, source=source, id=id_)
        assert run.apply(entity, parcel(each)) is Outcome.FOLDED
    assert len(entity.state.hubs) == 4


@pytest.mark.parametrize("seed", range(30))
def test_a_bounded_past_refuses_and_never_counts_twice(seed: int) -> None:
    """Of few kept events: what was accepted is folded as if in order, below the floor nothing is taken."""
    chance, run = random.Random(seed), runner(PARCELS, keep=3)
    clocks = [f"10:{minute:02}" for minute in range(30)]
    events = parcels(*(event("parcel.moved", clock, hub=clock) for clock in clocks))
    arrival = sorted(events, key=lambda each: each.time + chance.random() * 300e6)
    entity, accepted = run.new(), list[Event]()
    again = [chance.choice(arrival[: place + 1]) for place in range(len(arrival))]
    for each in chain.from_iterable(zip(arrival, again, strict=True)):
        floor = sorted(accepted)[-4] if len(accepted) > 3 else None
        outcome = run.apply(entity, each)
        if outcome is Outcome.OLD:
            assert floor is not None
            assert each <= floor
            continue
        assert floor is None or each > floor
        if outcome is Outcome.FOLDED:
            assert each not in accepted
            accepted.append(each)
        else:
            assert outcome is Outcome.DUPLICATE
            assert each in accepted
        assert entity.state == folded(PARCELS, accepted)
        entity = at_rest(PARCELS, entity)
    assert len(accepted) > 15


def test_a_life_longer_than_what_is_kept_is_whole() -> None:
    run, entity = runner(PARCELS, keep=3), Entity(Parcel())
    events = parcels(SENT, *(event("parcel.moved", f"10:{n:02}", hub=str(n)) for n in range(40)), DELIVERED)
    for each in events:
        run.apply(entity, each)
    assert entity.state == folded(PARCELS, events)


def test_an_event_that_makes_the_entity_too_large_is_refused_alone() -> None:
    run, entity = runner(PARCELS, largest=1000), Entity(Parcel())
    small, large = parcels(SENT, event("parcel.moved", "10:00", hub="x" * 2000))
    run.apply(entity, small)
    before = msgspec.msgpack.encode(entity)
    with pytest.raises(Refused) as refused:
        run.apply(entity, large)
    assert refused.value.reason == "entity_too_large"
    assert msgspec.msgpack.encode(entity) == before
    assert run.apply(entity, parcel(DELIVERED)) is Outcome.FOLDED
    assert entity.state.delivery is not None


def test_many_small_events_do_not_make_an_entity_too_large() -> None:
    """Only kept events count: what is folded into the base is no longer there."""
    run, entity = runner(PARCELS, keep=4, largest=1000), Entity(Parcel())
    for number in range(50):
        run.apply(entity, parcel(event("parcel.sent", f"09:{number:02}", size=str(number))))
    assert entity.state.size == "49"


class TestRegisters:
    """Facts of other entities: of each key the highest version stands, whenever it comes."""

    @staticmethod
    def fact(version: int, mood: Any, key: str = "k") -> tuple[Fact, Note | None]:
        content = None if mood is None else Note(version, 0, mood)
        return Fact(key, version, msgspec.Raw(msgspec.json.encode(content))), content

    def test_the_highest_version_stands_in_any_order(self) -> None:
        facts = [self.fact(3, "sad"), self.fact(7, None), self.fact(9, "happy"), self.fact(4, "calm")]
        run = runner(PARCELS)
        for arrival in permutations(facts):
            entity = run.new()
            for fact, content in arrival:
                run.register(entity, fact, content, 0)
            assert entity.state.registers == {"k": (9, Note(9, 0, "happy"))}

    def test_an_absence_stands_against_older_facts(self) -> None:
        run, entity = runner(PARCELS), Entity(Parcel())
        assert run.register(entity, *self.fact(5, None), 0) is Outcome.FOLDED
        assert run.register(entity, *self.fact(4, "happy"), 0) is Outcome.DUPLICATE
        assert run.register(entity, *self.fact(5, "happy"), 0) is Outcome.DUPLICATE
        assert entity.state.registers == {"k": (5, None)}

    def test_keys_are_apart(self) -> None:
        run, entity = runner(PARCELS), Entity(Parcel())
        run.register(entity, *self.fact(5, "sad", "a"), 0)
        run.register(entity, *self.fact(1, "happy", "b"), 0)
        assert {key: version for key, (version, _) in entity.state.registers.items()} == {"a": 5, "b": 1}

    def test_they_survive_refolding_and_the_floor(self) -> None:
        run, entity = runner(PARCELS, keep=2), Entity(Parcel())
        run.register(entity, *self.fact(1, "sad"), 0)
        for each in parcels(MOVED_ON, MOVED, SENT, DELIVERED):
            run.apply(entity, each)
            entity = at_rest(PARCELS, entity)
        run.register(entity, *self.fact(2, "happy"), 0)
        late = event("parcel.moved", "11:30", hub="C")
        run.apply(entity, parcel(late))
        assert entity.state.registers == {"k": (2, Note(2, 0, "happy"))}
        assert entity.state.hubs == ("A", "B", "C")

    def test_they_are_exempt_from_the_bound_on_the_past(self) -> None:
        run, entity = runner(PARCELS, keep=1), Entity(Parcel())
        for each in parcels(SENT, MOVED, DELIVERED):
            run.apply(entity, each)
        assert run.register(entity, *self.fact(1, "calm"), 0) is Outcome.FOLDED

    def test_one_of_a_time_that_is_folded_away_comes_too_late(self) -> None:
        run, entity, key = runner(PARCELS), Entity(Parcel(folded=Folded({"pages": 100}))), "pages 2 P1note"
        for each in parcels(DELIVERED, SENT):
            run.apply(entity, each)

        def told(version: int, time: int, mood: Any = "sad", key: str = key) -> Outcome:
            fact, content = self.fact(version, mood, key)
            return run.register(entity, fact, content and replace(content, time=time), time)

        for mood in ("sad", None):
            with pytest.raises(Refused, match="what pages told of the time up to 1970-") as refused:
                told(1, 100, mood)
            assert (refused.value.reason, refused.value.alone) == ("too_late", True)
        assert told(1, 101) is Outcome.FOLDED
        with pytest.raises(Refused, match="folded away"):
            told(2, 99)
        assert told(3, 102) is Outcome.FOLDED
        assert told(1, 1, key="books 2 B1note") is Outcome.FOLDED
