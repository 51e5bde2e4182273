"""The simulated support organisation: always the same, always valid, and as life is."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from agents.simulator import Imperfections, Record, Simulation
from streams import moments
from streams.batch import Batch
from streams.decoding import Decoder

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WEEK = timedelta(days=7)
NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
"A Sunday, at night: where it is simulated, a Tuesday morning."

Json = dict[str, Any]
Parts = tuple[list[Json], list[Json]]


def values(records: Iterable[Record]) -> list[bytes]:
    return [record.value for record in records]


def events(records: Iterable[Record]) -> list[Json]:
    return [msgspec.json.decode(record.value) for record in records]


def at(event: Json) -> int:
    return moments.parse(event["time"])


@pytest.fixture(scope="module")
def week() -> list[Record]:
    return list(Simulation(seed=11, start=MONDAY).until(MONDAY + WEEK))


@pytest.fixture(scope="module")
def figures(week: list[Record]) -> dict[str, Json]:
    batch = Batch(CATALOGUE)
    batch.take(values(week))
    assert not batch.refused
    return batch.figures()


@pytest.fixture(scope="module")
def parts() -> Parts:
    """A history, and the hour after it."""
    simulation = Simulation(seed=3, start=NOW - WEEK, rate=0.05, morning=NOW)
    simulation.go_live(rate=4, at=NOW)
    return events(simulation.until(NOW)), events(simulation.until(NOW + timedelta(hours=1)))


class TestSame:
    def test_same_arguments_same_bytes(self) -> None:
        one, other = (
            list(
                Simulation(seed=5, start=MONDAY, imperfections=Imperfections(0.05, 0.05)).until(MONDAY + WEEK)
            )
            for _ in range(2)
        )
        assert one == other

    @pytest.mark.parametrize(
        "other", [{"seed": 6}, {"start": MONDAY + timedelta(minutes=1)}], ids=["seed", "start"]
    )
    def test_other_arguments_other_sources(self, other: Json) -> None:
        arguments: Json = {"seed": 5, "start": MONDAY, "tickets": 20}
        one, two = (events(Simulation(**each)) for each in (arguments, {**arguments, **other}))
        assert {event["source"] for event in one}.isdisjoint(event["source"] for event in two)

    def test_however_it_is_cut(self) -> None:
        def simulation() -> Simulation:
            simulation = Simulation(seed=5, start=MONDAY)
            simulation.go_live(2.0, MONDAY + timedelta(hours=9))
            return simulation

        whole, cut = simulation(), simulation()
        pieces = [list(cut.until(MONDAY + timedelta(minutes=7 * n))) for n in range(100)]
        assert [record for piece in pieces for record in piece] == list(
            whole.until(MONDAY + timedelta(minutes=7 * 99))
        )

    def test_goes_on_where_a_reader_stopped(self) -> None:
        simulation = Simulation(seed=5, start=MONDAY, tickets=50)
        records = iter(simulation)
        first = [next(records) for _ in range(25)]
        assert [*first, *simulation] == list(Simulation(seed=5, start=MONDAY, tickets=50))

    def test_imperfect_or_not_it_is_the_same_story(self) -> None:
        def told(imperfections: Imperfections) -> list[bytes]:
            return values(Simulation(seed=5, start=MONDAY, tickets=200, imperfections=imperfections))

        perfect, imperfect = told(Imperfections()), told(Imperfections(duplicates=0.03, late=0.05))
        assert set(perfect) == set(imperfect)
        assert len(imperfect) > len(perfect)
        times = [moments.parse(msgspec.json.decode(value)["time"]) for value in imperfect]
        assert times != sorted(times)


class TestValid:
    def test_every_event(self, week: list[Record]) -> None:
        decoders = {domain.name: Decoder(domain.types) for domain in CATALOGUE.domains}
        for domain, subject, value in week:
            decoded, _ = decoders[domain].decode(value)
            assert decoded == subject

    def test_ids_are_unique_and_times_in_order(self, week: list[Record]) -> None:
        told = events(week)
        assert len({event["id"] for event in told}) == len(told)
        times = [at(event) for event in told]
        assert times == sorted(times)
        assert moments.of(MONDAY) <= times[0]
        assert times[-1] < moments.of(MONDAY + WEEK)

    def test_tickets_are_as_many_as_asked_for_and_come_to_an_end(self) -> None:
        told = events(Simulation(seed=2, start=MONDAY, tickets=100))
        types = Counter(event["type"] for event in told)
        assert types["ticket.created"] == 100
        ended = types["ticket.closed"] + types["ticket.merged"] + types["ticket.removed"]
        assert ended - types["ticket.restored"] == 100

    def test_a_customer_is_asked_before_answering(self, week: list[Record]) -> None:
        sent = set()
        for event in events(week):
            if event["type"] == "survey.sent":
                sent.add((event["subject"], event["data"]["survey"]))
            elif event["type"] == "survey.responded":
                assert (event["subject"], event["data"]["survey"]) in sent


class TestLifelike:
    def test_volume_is_about_the_rate(self, week: list[Record]) -> None:
        assert 36_000 < len(week) < 48_000

    def test_nights_and_weekends_are_quiet(self, week: list[Record]) -> None:
        created = [
            moments.to_datetime(at(event)) for event in events(week) if event["type"] == "ticket.created"
        ]
        workdays = [time.hour for time in created if time.weekday() < 5]
        office = sum(9 <= hour < 17 for hour in workdays) / 8
        night = sum(hour < 6 for hour in workdays) / 6
        assert office > 10 * night
        assert len(created) - len(workdays) < len(workdays) / 4

    def test_the_urgent_are_answered_first(self, figures: dict[str, Json]) -> None:
        def response(priority: str) -> float:
            value: float = figures[f"first_response_time|channel=email,priority={priority}|total|"]["p50"]
            return value

        assert response("urgent") < response("normal") < response("low")

    def test_those_who_are_there_are_answered_in_minutes(self, figures: dict[str, Json]) -> None:
        for channel in ("chat", "phone"):
            assert figures[f"first_response_time|channel={channel}|total|"]["p50"] < 300
        assert figures["first_response_time|channel=email|total|"]["p50"] > 1800

    def test_figures_are_those_of_a_support_organisation(self, figures: dict[str, Json]) -> None:
        assert 0.65 < figures["csat||total|"]["value"] < 0.92
        assert -10 < figures["nps||total|"]["value"] < 70
        assert 0.55 < figures["first_contact_resolution||total|"]["value"] < 0.85

    def test_who_was_treated_badly_says_so(self, week: list[Record]) -> None:
        created: dict[str, int] = {}
        seconds: dict[str, float] = {}
        reopened = set()
        scores: dict[str, int] = {}
        for event in events(week):
            subject, data = event["subject"], event.get("data", {})
            if event["type"] == "ticket.created" and data["channel"] in ("email", "web"):
                created[subject] = at(event)
            elif event["type"] == "ticket.resolved" and subject in created:
                seconds[subject] = (at(event) - created[subject]) / 1e6
            elif event["type"] == "ticket.reopened":
                reopened.add(subject)
            elif event["type"] == "survey.responded" and data["survey"] == "csat":
                scores[data["ticket_id"]] = data["score"]

        slow = [score for ticket, score in scores.items() if seconds.get(ticket, 0) > 12 * 3600]
        quick = [score for ticket, score in scores.items() if 0 < seconds.get(ticket, 0) < 2 * 3600]
        again = [score for ticket, score in scores.items() if ticket in reopened]
        usual = [score for ticket, score in scores.items() if ticket not in reopened]
        assert mean(slow) < mean(quick) - 0.3
        assert mean(again) < mean(usual) - 0.3

    def test_some_answer(self, week: list[Record]) -> None:
        sheets: dict[str, set[str]] = {"survey.sent": set(), "survey.responded": set()}
        for event in events(week):
            if event["type"] in sheets:
                sheets[event["type"]].add(event["subject"])
        assert 0.15 < len(sheets["survey.responded"]) / len(sheets["survey.sent"]) < 0.4

    def test_everything_happens(self, week: list[Record]) -> None:
        types = Counter(event["type"] for event in events(week))
        simulated = [domain for domain in CATALOGUE.domains if domain.name in ("tickets", "surveys")]
        assert set(types) == {type_.name for domain in simulated for type_ in domain.types if not type_.ours}
        assert types["ticket.reopened"] < types["ticket.created"] / 8
        assert types["ticket.merged"] + types["ticket.removed"] < types["ticket.created"] / 12

    def test_customers_come_back(self, week: list[Record]) -> None:
        customers = Counter(
            event["data"]["customer_id"] for event in events(week) if event["type"] == "ticket.created"
        )
        again = sum(count > 1 for count in customers.values())
        assert 0.15 < again / len(customers) < 0.6


class TestLive:
    def test_about_so_much_happens(self, parts: Parts) -> None:
        history, live = parts
        assert 25_000 < len(history) < 60_000
        assert 0.8 < len(live) / 3600 / 4 < 1.25

    def test_everything_goes_on_at_once(self, parts: Parts) -> None:
        first_minutes = Counter(
            event["type"] for event in parts[1] if at(event) < moments.of(NOW + timedelta(minutes=5))
        )
        assert {"ticket.created", "ticket.replied", "ticket.resolved", "survey.responded"} <= set(
            first_minutes
        )

    def test_tickets_live_across_the_boundary(self, parts: Parts) -> None:
        history, live = parts
        before = {event["subject"] for event in history if event["type"] == "ticket.created"}
        created = {event["subject"] for event in live if event["type"] == "ticket.created"}
        going_on = {event["subject"] for event in live if event["type"].startswith("ticket.")} - created
        assert len(going_on) > 100
        assert going_on <= before
        assert created.isdisjoint(before)


def mean(scores: list[int]) -> float:
    assert len(scores) > 15
    return sum(scores) / len(scores)
