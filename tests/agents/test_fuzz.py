"""Whatever comes as an event is folded, known already, skipped, or refused with a reason; nothing fails."""

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from agents.catalogue import CATALOGUE, build_catalogue, under_preset
from agents.definitions import Definitions
from agents.sla.presets import SYSTEMS
from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.events import OURS, source_of
from streams.state.screening import Limits
from tests.agents.fuzz.feed import LAST, NOW, Fed, rows_of, scraped
from tests.agents.fuzz.records import Put, events, histories
from tests.promise import is_over, unequal
from tests.simulated.histories import metrics_log

LONG = {"first_response": "1s", "next_response": "90y", "periodic_update": "8000y", "resolution": "5h"}
SHORT = {"first_response": "30m", "resolution": "2h", "total_resolution": "1d"}
DEFINITIONS = Definitions.model_validate(
    {
        "calendars": {
            "office": {"zone": "Europe/Berlin", "hours": {"mon-fri": ["09:00-17:00"]}, "holidays": ["DE-BY"]},
            "nights": {"zone": "Pacific/Auckland", "hours": {"sun-thu": ["22:00-06:00"]}},
            "once": {"zone": "UTC", "hours": {}, "dates": {"2026-11-02": ["10:00-11:00"]}},
        },
        "business_time": [
            {"calendar": "nights", "channel": ["email", "unknown"]},
            {"calendar": "once", "tier": ["gold"]},
            {"calendar": "office"},
        ],
        "sla": {
            "policies": [
                {
                    "name": "once",
                    "when": {"tier": ["gold"]},
                    "calendar": "once",
                    "warn_at": ["50%", "30m"],
                    "targets": {"default": SHORT},
                },
                {
                    "name": "office",
                    "when": {"channel": ["email", "chat"], "tags": ["email", "1"]},
                    "calendar": "office",
                    "targets": {
                        "urgent": LONG,
                        "default": {**LONG, "agent_work": "1h", "requester_wait": "300y"},
                    },
                    "resolve_fulfils_replies": False,
                },
                {
                    "name": "all",
                    "targets": {"default": {**LONG, "speed_of_answer": "20s", "total_resolution": "8000y"}},
                },
            ]
        },
    }
)
WORLDS = {"plain": CATALOGUE, "promised": build_catalogue(DEFINITIONS)}
DOMAINS = [
    (world, domain.name)
    for world, catalogue in WORLDS.items()
    for domain in catalogue.domains
    if world == "promised" or domain is not WORLDS["promised"].domain(domain.name)
]
"Those of which definitions change nothing are the same in both."

LIMITS = (Limits(), Limits(kept=3, largest_entity=4096))
"Where little is kept, events are folded away and facts condensed."

OUTCOMES = {
    *("folded", "duplicate", "conflicting_duplicate", "old", "erased", "skipped", "of_another_application"),
}
REASONS = {
    *("invalid", "not_json", "not_utf8", "reserved", "unknown_type", "wrong_key", "in_future", "too_late"),
    *("too_large", "entity_too_large", "bad_scale", "score_out_of_scale"),
}
"That there is no `fault` among them is the point."

DEPENDING = {"wrong_key", "in_future", "too_late", "too_large", "entity_too_large", "unknown_type"}
"Reasons that are not in the value alone: the batch, which has no log and no bounds, has none of them."

UNREADABLE: dict[str | None, str] = dict.fromkeys(("invalid", "not_json", "not_utf8"), "unreadable")
"What is wrong with it first depends on where one looks for its type."

SEARCHING = os.environ.get("HYPOTHESIS_PROFILE") == "search"


def tries(number: int) -> settings:
    """Many more where it is searched."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(max_examples=number * (25 if SEARCHING else 1), suppress_health_check=slow)


def of_one_domain(catalogue: Catalogue, name: str) -> SearchStrategy[list[Put]]:
    return histories(events(catalogue, catalogue.domain(name), ours=True), 20)


def of_all_domains(catalogue: Catalogue) -> SearchStrategy[list[Put]]:
    made = [event for domain in catalogue.domains for event in events(catalogue, domain, ours=False)]
    return histories(made, 30)


@pytest.mark.parametrize(("world", "name"), DOMAINS)
def test_each_record_becomes_one_thing_and_nothing_fails(world: str, name: str) -> None:
    catalogue = WORLDS[world]
    folded: set[str] = set()
    types = {type_.name for type_ in catalogue.domain(name).types}

    @tries(max(60, 4 * len(types)))
    @given(of_one_domain(catalogue, name), st.sampled_from((NOW, LAST)), st.sampled_from(LIMITS))
    def fuzz(records: list[Put], now: int, limits: Limits) -> None:
        fed = Fed(catalogue, now, limits)
        fed.put(records)
        fed.consume()
        folded.update(fed.folded_types())
        check(fed)

    fuzz()
    assert folded >= types


@pytest.mark.parametrize("world", WORLDS)
def test_the_stream_equals_the_batch(world: str) -> None:
    compared = 0

    @tries(50)
    @given(of_all_domains(WORLDS[world]), st.sampled_from((NOW, NOW, LAST)))
    def fuzz(records: list[Put], now: int) -> None:
        nonlocal compared
        fed = Fed(WORLDS[world], now, LIMITS[0])
        fed.put(records)
        fed.consume()
        check(fed)
        compared += compare(fed)

    fuzz()
    assert compared > 5_000


def test_the_rules_of_other_systems_fail_for_nothing() -> None:
    catalogues = [under_preset(name, DEFINITIONS) for name in SYSTEMS]
    found: Counter[str] = Counter()

    @tries(15)
    @given(of_all_domains(WORLDS["promised"]), st.sampled_from((NOW, LAST)))
    def fuzz(records: list[Put], now: int) -> None:
        for catalogue in catalogues:
            batch = Batch(catalogue)
            batch.take(record.value for record in records)
            found.update(figure["metric"] for figure in batch.figures(now * 1000).values())

    fuzz()
    assert found["sla_compliance"]


def check(fed: Fed) -> None:
    """Each record has become exactly one thing, Prometheus can be shown it, and what is kept is read back."""
    found: Counter[str] = Counter()
    for topic in fed.plan.inputs:
        found += fed.outcomes(topic)
    assert found.keys() <= OUTCOMES | REASONS
    assert found.total() == fed.records()
    assert Counter(fed.refused().values()) == {why: n for why, n in found.items() if why in REASONS}
    shown = scraped(fed)
    for number, partition in enumerate(fed.partitions):
        before = rows_of(partition)
        fed.restart(number)
        assert rows_of(fed.partitions[number]) == before
    assert scraped(fed) == shown


def compare(fed: Fed) -> int:
    """The batch refuses what the stream did, but for what the value alone doesn't say, and equals it.

    Not where others' time has come so far that an entity was forgotten before all about it had come.
    """
    batch, now = Batch(fed.plan.catalogue), fed.clock
    refused, inputs = fed.refused(), list(fed.inputs())
    places = {place for place, _ in inputs}
    if facts := {reason for place, reason in refused.items() if place not in places}:
        assert facts == {"too_late"}
        return 0
    for place, value in inputs:
        if (reason := refused.get(place)) in DEPENDING:
            continue
        before = len(batch.refused)
        batch.take([value])
        said = batch.refused[-1][1].reason if len(batch.refused) > before else None
        if source_of(value) == OURS:
            assert (reason, said) == ("reserved", None), "the batch passes over what the processor wrote"
            continue
        assert UNREADABLE.get(said, said) == UNREADABLE.get(reason, reason), (place, value)
    if batch.latest is None:
        return 0
    log = metrics_log(fed)
    assert log.breaches == []
    figures = batch.figures(now)
    told = {
        key: figure
        for key, figure in log.figures.items()
        if key in figures or not is_over(figure, now, fed.plan.retention)
    }
    if figures or told:
        assert unequal(figures, told) == []
    return len(figures)
