"""Whatever comes as an event is folded, known already, skipped, or refused with a reason; nothing fails."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.catalogue import CATALOGUE, build_catalogue
from agents.definitions import Definitions
from streams.batch import Batch
from streams.state.entities import Limits
from streams.windows.panes import Retention
from tests.agents.fuzz.feed import LAST, NOW, Fed, rows_of
from tests.agents.fuzz.records import Put, events, histories
from tests.promise import is_over, unequal
from tests.simulated.histories import metrics_log

LONG = {"first_response": "1s", "next_response": "90y", "periodic_update": "8000y", "resolution": "5h"}
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
                    "targets": {
                        "default": {"first_response": "30m", "resolution": "2h", "total_resolution": "1d"}
                    },
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
NAMES = [domain.name for domain in CATALOGUE.domains]
OUTCOMES = {"folded", "duplicate", "conflicting_duplicate", "skipped", "of_another_application"}
REASONS = {
    *("invalid", "not_json", "not_utf8", "reserved", "unknown_type", "wrong_key", "in_future", "too_late"),
    *("too_large", "entity_too_large", "bad_scale", "score_out_of_scale"),
}
DEPENDING = {"wrong_key", "in_future", "too_late", "too_large", "entity_too_large", "unknown_type"}
"Reasons that are not in the record alone: the batch, which has no log and no bounds, has none of them."

UNREADABLE: dict[str | None, str] = dict.fromkeys(("invalid", "not_json", "not_utf8"), "unreadable")
"What is wrong with it first depends on where one looks for its type."

TIGHT = Limits(kept=3, largest_entity=4096)
SEEN: dict[tuple[str, str], set[str]] = {}


KEPT = Retention(hour=400 * 86_400)


def one_domain(world: str, name: str, size: int) -> Any:
    catalogue = WORLDS[world]
    return histories(events(catalogue, catalogue.domain(name), ours=True), size, damaged=True)


def all_domains(world: str, size: int) -> Any:
    catalogue = WORLDS[world]
    made = [events(catalogue, domain, ours=False) for domain in catalogue.domains]
    return histories(st.one_of(made), size, damaged=True)


def checked(fed: Fed) -> None:
    """Each record has become exactly one thing, and what is kept is read back as it was."""
    found: Counter[str] = Counter()
    for topic in fed.plan.inputs:
        found += fed.outcomes(topic)
    assert found.keys() <= OUTCOMES | REASONS
    assert 0 <= fed.records() - found.total() <= fed.deadlines()
    assert Counter(fed.refused().values()) == Counter({r: n for r, n in found.items() if r in REASONS})
    for number, partition in enumerate(fed.partitions):
        before = rows_of(partition)
        fed.restart(number)
        assert rows_of(fed.partitions[number]) == before


@pytest.mark.parametrize("limits", [Limits(), TIGHT], ids=["usual", "tight"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("world", WORLDS)
def test_each_record_becomes_one_thing_and_nothing_fails(world: str, name: str, limits: Limits) -> None:
    @given(one_domain(world, name, 30), st.sampled_from((NOW, LAST)))
    def fuzz(records: list[Put], now: int) -> None:
        fed = Fed(WORLDS[world], now, limits)
        fed.put(records)
        fed.consume(now * 1000)
        checked(fed)
        SEEN.setdefault((world, name), set()).update(fed.folded_types())

    fuzz()


@pytest.mark.parametrize("world", WORLDS)
def test_the_stream_equals_the_batch(world: str) -> None:
    @given(all_domains(world, 60), st.sampled_from((NOW, NOW, LAST)))
    def fuzz(records: list[Put], now: int) -> None:
        fed = Fed(WORLDS[world], now, Limits())
        fed.put(records)
        fed.consume(now * 1000)
        checked(fed)
        compare(fed, now * 1000)

    fuzz()


def compare(fed: Fed, now: int) -> None:
    """The batch equals it, and refuses the same, but for what depends on more than the record."""
    batch, taken = Batch(fed.plan.catalogue), []
    refused = fed.refused()
    for place, value in fed.inputs():
        if (reason := refused.get(place)) in DEPENDING:
            continue
        before = len(batch.refused)
        batch.take([value])
        said = batch.refused[-1][1].reason if len(batch.refused) > before else None
        assert UNREADABLE.get(said, said) == UNREADABLE.get(reason, reason), (place, value)
        taken += [value] if reason is None else []
    if not taken:
        return
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
