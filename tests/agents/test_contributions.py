"""What entities contribute: functions that look only where they say, and no metric that nothing moves."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from agents.catalogue import CATALOGUE, build_catalogue
from agents.definitions import Definitions
from streams.batch import Batch
from streams.catalogue import Domain, Metric, Subject
from streams.errors import Refused
from streams.state.difference import observations
from streams.state.entity import EntityRunner
from streams.state.record import State
from tests.oracle.stories import events as stories
from tests.state.test_entity import folded, lives

DOMAINS = {domain.name: domain for domain in CATALOGUE.domains}
SUBJECTS = [(domain, subject) for domain in CATALOGUE.domains for subject in domain.subjects]
DIFFERING = [(domain, subject) for domain, subject in SUBJECTS if subject.differing is not None]
MEASURED = build_catalogue(
    Definitions.model_validate(
        {
            "calendars": {"office": {"zone": "Europe/Berlin", "hours": {"mon-fri": ["08:00-18:00"]}}},
            "business_time": [{"calendar": "office"}],
        }
    )
)
"In business time too."
SUBJECT_IDS = [f"{domain.name}-{subject.name}" for domain, subject in SUBJECTS]
WHOLE = [
    (domain, metric)
    for domain in MEASURED.domains
    for subject in domain.subjects
    if subject.whole
    for metric in MEASURED.of_subject(subject.name)
]


GROWN = {"tickets": {"labels"}}
"""Fields that only grow and are only looked up in: they need not be declared."""


class Recorder:
    """Stands for a state and remembers which of its fields were looked at, also by its own properties."""

    def __init__(self, state: State) -> None:
        self.__dict__.update(_state=state, _read=set())

    def __getattr__(self, name: str) -> Any:
        state = self.__dict__["_state"]
        member = getattr(type(state), name, None)
        if name in state.__struct_fields__:
            self.__dict__["_read"].add(name)
            return getattr(state, name)
        if isinstance(member, property):
            assert member.fget is not None
            return member.fget(self)
        return member.__get__(self) if callable(member) else getattr(state, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AssertionError(f"{name} of a state is assigned by a function that only reads")


@pytest.mark.parametrize(("domain", "subject"), DIFFERING, ids=lambda part: part.name)
@pytest.mark.parametrize("seed", range(4))
def test_what_differs_is_all_that_differs(domain: Domain, subject: Subject, seed: int) -> None:
    """Of a state and a later one, in whatever order events arrive: what is left out is of both."""
    assert subject.differing is not None
    dice, runner = random.Random(seed), EntityRunner(domain.state, domain.types, keep=6, largest=1 << 20)
    for events in lives(domain, seed, size=40).values():
        entity, late = runner.new(), sorted(events, key=lambda _: dice.random())
        for event in sorted(events) if seed % 2 else late:
            before = entity.state.__copy__()
            try:
                runner.apply(entity, event)
            except Refused:
                continue
            old, new = map(Counter, subject.differing(before, entity.state))
            every = Counter(subject.of(entity.state))
            every.subtract(subject.of(before))
            new.subtract(old)
            assert (+new, -new) == (+every, -every)


def told_states(domain: Domain) -> Iterator[State]:
    """States of a generated set in the end, with what entities know of each other."""
    batch = Batch(CATALOGUE)
    batch.take(map(msgspec.json.encode, stories(1, 60, 60, calls=60)))
    yield from (state for found, state in batch.states() if found is domain)


def states(domain: Domain) -> Iterator[State]:
    """States of generated lives: of each the whole, and of some every beginning."""
    yield from told_states(domain)
    for number, events in enumerate(lives(domain, seed=1, size=60).values()):
        yield folded(domain, events)
        if number % 4 == 0:
            yield from (folded(domain, sorted(events)[:length]) for length in range(len(events)))


@pytest.mark.parametrize(("domain", "metric"), WHOLE, ids=[metric.name for _, metric in WHOLE])
def test_a_metric_reads_only_what_it_declares(domain: Domain, metric: Metric) -> None:
    subject = next(subject for subject in domain.subjects if subject.name == metric.of)
    assert set(metric.reads) <= set(domain.state.__struct_fields__)
    seen, moved = set[str](), 0
    for state in states(domain):
        if subject.of(state):
            recorder = Recorder(state)
            moved += bool(metric.observe(recorder))
            seen |= recorder.__dict__["_read"]
    assert seen - GROWN.get(domain.name, set()) <= set(metric.reads)
    assert moved, "no generated life contributes to it"


@pytest.mark.parametrize(("domain", "subject"), SUBJECTS, ids=SUBJECT_IDS)
def test_a_subject_reads_only_what_it_declares(domain: Domain, subject: Subject) -> None:
    seen = set[str]()
    for state in states(domain):
        recorder = Recorder(state)
        subject.of(recorder)
        seen |= recorder.__dict__["_read"]
    assert seen - GROWN.get(domain.name, set()) <= set(subject.reads)


@pytest.mark.parametrize("domain", CATALOGUE.domains, ids=lambda domain: domain.name)
def test_what_is_forwarded_rests_only_on_what_is_declared(domain: Domain) -> None:
    seen, told = set[str](), 0
    for state in states(domain) if domain.forwards else ():
        recorder = Recorder(state)
        told += len(domain.forwards(recorder)) if domain.forwards else 0
        seen |= recorder.__dict__["_read"]
    assert seen - GROWN.get(domain.name, set()) <= set(domain.forwards_read)
    assert "registers" not in seen, "a fact that rests on facts would need the batch to forward again"
    assert told or not domain.forwards


def test_fields_that_need_not_be_declared_only_grow() -> None:
    grown = 0
    for name, fields in GROWN.items():
        for events in lives(DOMAINS[name], seed=3, size=60).values():
            state = DOMAINS[name].state()
            for event in sorted(events):
                before = {field: getattr(state, field) for field in fields}
                DOMAINS[name].types[event.rank].fold(state, event)
                for field, value in before.items():
                    assert getattr(state, field)[: len(value)] == value
                    grown += len(getattr(state, field)) > len(value)
    assert grown


def test_a_recorder_notices() -> None:
    """The tests above can fail."""
    state = next(states(DOMAINS["tickets"]))
    recorder: Any = Recorder(state)
    assert recorder.resolved is state.resolved  # type: ignore[attr-defined]
    assert recorder.__dict__["_read"] == {"status"}


def test_every_metric_is_moved_by_generated_sets() -> None:
    moved: Counter[str] = Counter()
    for domain in CATALOGUE.domains:
        for state in states(domain):
            for metric, found in observations(CATALOGUE, domain, state):
                moved[metric.name] += len(found)
    assert [metric.name for metric in CATALOGUE.metrics if not moved[metric.name]] == []


@pytest.mark.parametrize("metric", CATALOGUE.metrics, ids=lambda metric: metric.name)
def test_observations_have_the_dimensions_of_their_family(metric: Metric) -> None:
    checked = 0
    for domain in CATALOGUE.domains:
        for state in states(domain):
            for found, several in observations(CATALOGUE, domain, state):
                if found is metric:
                    for seen in several:
                        assert len(seen.dimensions) == len(metric.family.dimensions)
                        assert all(label is None or isinstance(label, str) for label in seen.dimensions)
                        assert seen.time >= 0
                        checked += 1
    assert checked


def test_folds_leave_values_as_they_were() -> None:
    """States are compared by the identity of their fields' values: a fold that mutates one would hide it."""
    for domain in CATALOGUE.domains:
        for events in lives(domain, seed=2, size=30).values():
            state = domain.state()
            for event in sorted(events):
                before = {name: getattr(state, name) for name in state.__struct_fields__}
                told = {name: repr(value) for name, value in before.items()}
                domain.types[event.rank].fold(state, event)
                assert {name: repr(value) for name, value in before.items()} == told


def test_every_set_of_a_family_is_of_its_dimensions() -> None:
    for family in CATALOGUE.families:
        assert () in family.sets or set.intersection(*map(set, family.sets)), "a total, or none that is whole"
        assert {name for names in family.sets for name in names} | family.coarse <= set(family.dimensions)
        assert len(set(map(frozenset, family.sets))) == len(family.sets)


def test_a_metric_is_told_in_words() -> None:
    for metric in CATALOGUE.metrics:
        assert metric.title
        assert metric.formula
        assert metric.unit
        assert bool(metric.windows) is not (metric.family.name in CATALOGUE.levels)
