"""What changes in an entity changes its contributions by just as much, and what it forwards as well."""

import random
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.catalogue import Catalogue, Domain, Forward, Metric, Observations
from streams.events import Event, Fact
from streams.state.difference import Difference, forwards, observations
from streams.state.record import State
from streams.windows.cells import split
from streams.windows.labels import Labels
from streams.windows.leaf import Leaf
from streams.windows.steps import merge
from tests.parcels import PAGES, PARCELS, WORLD, Note, event
from tests.state.test_entity import folded, lives, parcel, parcels, read, runner

Counted = dict[tuple[str, int, int], int]
"What stands in a series, a fine pane and a slot."


def add(counted: Counted, leaf: Leaf) -> None:
    """Add what a checkpoint's contributions come to."""
    for name, panes in leaf.project().items():
        for start, slots in panes.items():
            for slot, number in slots.items():
                place = (name, start, slot)
                counted[place] = counted.get(place, 0) + number
                if not counted[place]:
                    del counted[place]


def contributions(catalogue: Catalogue, domain: Domain, state: State) -> Counted:
    leaf, counted = Leaf(catalogue, Labels()), Counted()
    for metric, several in observations(catalogue, domain, state):
        leaf.add(metric, several, 1)
    add(counted, leaf)
    return counted


def observed(counted: Counted) -> int:
    """How many observations of parcels and moods stand."""
    slots: dict[str, dict[int, int]] = {}
    for (name, _, slot), number in counted.items():
        merge(slots.setdefault(name, {}), {slot: number})
    return sum(
        metric.kind.figure(
            split(slots.get(f"{metric.family.name}|", {})).get(WORLD.numbers[metric.name], {})
        )["count"]
        for metric in WORLD.metrics
    )


class Sums:
    """Adds up what a difference yields, and notes which metrics were asked about a new state."""

    def __init__(self, catalogue: Catalogue, domain: Domain) -> None:
        self.asked: list[str] = []
        metrics = tuple(replace(metric, observe=self._asking(metric)) for metric in catalogue.metrics)
        self._leaf = Leaf(Catalogue(catalogue.domains, metrics), Labels())
        self._difference = Difference(Catalogue(catalogue.domains, metrics), domain, self._leaf)
        self.standing: Counted = {}

    def move(self, before: State | None, after: State) -> None:
        self._difference.add(before, after)
        add(self.standing, self._leaf)

    def _asking(self, metric: Metric) -> Callable[[Any], Observations]:
        def observe(state: Any) -> Observations:
            found = metric.observe(state)
            if found:
                self.asked.append(metric.name)
            return found

        return observe


def states(
    domain: Domain, arrival: Iterable[Event], chance: random.Random, keep: int = 256
) -> Iterator[State]:
    """The states of an entity at its checkpoints: some events come together, some out of order."""
    run = runner(domain, keep)
    entity = run.new()
    for each in arrival:
        run.apply(entity, each)
        if chance.random() < 0.6:
            yield copy(entity.state)
    yield copy(entity.state)


@pytest.mark.parametrize("seed", range(4))
def test_the_sum_of_differences_is_what_the_last_state_contributes(seed: int) -> None:
    chance, compared = random.Random(seed), 0
    for domain, events in ((each, life) for each in CATALOGUE.domains for life in lives(each, seed).values()):
        sums, before = Sums(CATALOGUE, domain), None
        for state in states(domain, chance.sample(events, len(events)), chance):
            sums.move(before, state)
            before = state
        expected = contributions(CATALOGUE, domain, folded(domain, events))
        assert sums.standing == expected
        compared += len(expected)
    assert compared > 500


def test_facts_move_contributions_too() -> None:
    """An entity's own events and what others know of it, mixed."""
    chance = random.Random(3)
    run = runner(PARCELS)
    for _ in range(200):
        entity, sums, before = run.new(), Sums(WORLD, PARCELS), None
        life = parcels(
            event("parcel.sent", "09:00", size="L"),
            event("parcel.moved", "10:00", hub="A"),
            event("parcel.delivered", "11:00"),
            event("parcel.returned", "12:00"),
            *([event("parcel.lost", "13:00")] if chance.random() < 0.3 else []),
        )
        facts = [
            (f"{writer}", version, chance.choice((None, Note(5, 0, "happy"), Note(5, 0, "sad"))))
            for writer in range(3)
            for version in range(3)
        ]
        told: list[Event | tuple[str, int, Note | None]] = [*life, *facts]
        for each in chance.sample(told, len(told)):
            if isinstance(each, Event):
                run.apply(entity, each)
            else:
                writer, version, content = each
                run.register(entity, Fact(writer, version, fact=None), content, 0)  # type: ignore[arg-type]
            if chance.random() < 0.7:
                sums.move(before, entity.state)
                before = copy(entity.state)
        sums.move(before, entity.state)
        assert sums.standing == contributions(WORLD, PARCELS, entity.state)


def test_what_is_taken_back_takes_its_contribution_back_by_itself() -> None:
    sums, run = Sums(WORLD, PARCELS), runner(PARCELS)
    entity, before, counts = run.new(), None, []
    for told in (
        "sent 09:00",
        "moved 10:00",
        "delivered 11:00",
        "returned 12:00",
        "delivered 13:00",
        "lost 14:00",
    ):
        kind, clock = told.split()
        more = {"hub": "A"} if kind == "moved" else {}
        run.apply(entity, parcel(event(f"parcel.{kind}", clock, **more)))
        sums.move(before, entity.state)
        before = copy(entity.state)
        counts.append(observed(sums.standing))
    assert counts == [1, 1, 3, 1, 3, 0]


def test_a_metric_is_asked_only_when_a_field_that_it_reads_has_changed() -> None:
    sums, run = Sums(WORLD, PARCELS), runner(PARCELS)
    entity = run.new()
    run.apply(entity, parcel(event("parcel.sent", "09:00", size="L")))
    sums.move(None, entity.state)
    assert sums.asked == ["parcels_sent"]
    before = copy(entity.state)
    run.apply(entity, parcel(event("parcel.moved", "10:00", hub="A")))
    sums.move(before, entity.state)
    assert sums.asked == ["parcels_sent"]


def test_two_parts_alike_count_twice_and_go_one_by_one() -> None:
    note = Note(5, 0, "happy")
    sums, run = Sums(WORLD, PARCELS), runner(PARCELS)
    entity, before, counts = run.new(), None, []
    for writer, version, content in (("a", 1, note), ("b", 2, note), ("a", 3, None), ("b", 4, None)):
        run.register(entity, Fact(writer, version, fact=None), content, 0)  # type: ignore[arg-type]
        sums.move(before, entity.state)
        before = copy(entity.state)
        counts.append(observed(sums.standing))
    assert counts == [1, 2, 1, 0]


class TestForwards:
    """What other entities are told adds up to the whole current fact, and to nothing in old targets."""

    @staticmethod
    def told(domain: Domain, states: list[State]) -> dict[tuple[str, str, str], Any]:
        """What each target knows in the end, by target and key."""
        known: dict[tuple[str, str, str], Any] = {}
        for before, after in pairwise([None, *states]):
            assert after is not None
            for key, forward, holds in forwards(domain, before, after):
                known[forward.domain, forward.target, key] = forward.fact if holds else None
        return {place: fact for place, fact in known.items() if fact is not None}

    @staticmethod
    def wanted(domain: Domain, state: State) -> dict[tuple[str, str, str], Any]:
        assert domain.forwards is not None
        found: dict[str, Forward] = dict(domain.forwards(state))
        return {(each.domain, each.target, key): each.fact for key, each in found.items()}

    @pytest.mark.parametrize("seed", range(3))
    def test_generated_sheets(self, seed: int) -> None:
        domain, chance, moved = CATALOGUE.domain("surveys"), random.Random(seed), 0
        for events in lives(domain, seed, 150).values():
            seen = list(states(domain, chance.sample(events, len(events)), chance))
            assert self.told(domain, seen) == self.wanted(domain, seen[-1])
            targets = {place[1] for state in seen for place in self.wanted(domain, state)}
            moved += len(targets) > 1
        assert moved

    def test_one_that_moves_leaves_its_old_target(self) -> None:
        told = read(
            PAGES,
            [
                event("page.written", "09:00", "N1", mood="sad", parcel="P1"),
                event("page.written", "10:00", "N1", mood="sad", parcel="P2"),
            ],
        )
        first, second = folded(PAGES, told[:1]), folded(PAGES, told)
        found = [(key, each.target, holds) for key, each, holds in forwards(PAGES, first, second)]
        assert found == [("note", "P1", False), ("note", "P2", True)]

    def test_nothing_is_told_of_what_stays(self) -> None:
        told = read(PAGES, [event("page.written", "09:00", "N1", mood="sad", parcel="P1")])
        state = folded(PAGES, told)
        assert forwards(PAGES, state, copy(state)) == []
