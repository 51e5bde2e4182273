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

SIMULATED = ("tickets", "calls", "surveys")
INCIDENT = (datetime(2026, 11, 4, 9, tzinfo=UTC), timedelta(hours=4))
"A Wednesday morning."

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
def bad_week() -> list[Record]:
    return list(Simulation(seed=11, start=MONDAY, incident=INCIDENT).until(MONDAY + WEEK))


@pytest.fixture(scope="module")
def figures(week: list[Record]) -> dict[str, Json]:
    return figures_of(week)


@pytest.fixture(scope="module")
def bad_figures(bad_week: list[Record]) -> dict[str, Json]:
    return figures_of(bad_week)


def figures_of(records: list[Record]) -> dict[str, Json]:
    batch = Batch(CATALOGUE)
    batch.take(values(records))
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
        "other",
        [{"seed": 6}, {"start": MONDAY + timedelta(minutes=1)}, {"incident": INCIDENT}],
        ids=["seed", "start", "incident"],
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
        assert figures["first_response_time|channel=email|total|"]["p50"] > 1200

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
            elif event["type"] == "survey.responded" and data["survey"] == "csat" and "ticket_id" in data:
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
        simulated = [domain for domain in CATALOGUE.domains if domain.name in SIMULATED]
        assert set(types) == {type_.name for domain in simulated for type_ in domain.types if not type_.ours}
        assert types["ticket.reopened"] < types["ticket.created"] / 8
        assert types["ticket.merged"] + types["ticket.removed"] < types["ticket.created"] / 12

    def test_customers_come_back(self, week: list[Record]) -> None:
        customers = Counter(
            event["data"]["customer_id"] for event in events(week) if event["type"] == "ticket.created"
        )
        again = sum(count > 1 for count in customers.values())
        assert 0.15 < again / len(customers) < 0.6


class TestAgents:
    def test_some_are_always_faster_than_others(self, figures: dict[str, Json]) -> None:
        """It is the people, not chance: in another history the same ones are."""
        one, other = (
            handle_times(figures),
            handle_times(figures_of([*Simulation(seed=12, start=MONDAY).until(MONDAY + WEEK)])),
        )
        known = sorted(one.keys() & other.keys(), key=lambda agent: one[agent])
        fast, slow = known[: len(known) // 3], known[-len(known) // 3 :]
        for seen in (one, other):
            assert sum(map(seen.__getitem__, fast)) < 0.8 * sum(map(seen.__getitem__, slow))

    def test_some_please_more_than_others(self, figures: dict[str, Json]) -> None:
        told = by("csat", "agent", figures)
        rated = [figure["value"] for figure in told.values() if figure["count"] > 15]
        assert max(rated) - min(rated) > 0.15

    def test_nobody_works_at_night(self, week: list[Record]) -> None:
        busy = [
            moments.to_datetime(at(event)).hour for event in events(week) if event["type"] == "ticket.handled"
        ]
        assert sum(hour < 6 for hour in busy) < len(busy) / 200


class TestCalls:
    def test_most_are_answered_soon_and_some_hang_up(self, figures: dict[str, Json]) -> None:
        assert 0.6 < figures["service_level||total|"]["value"] < 0.9
        assert 0.05 < figures["abandonment_rate||total|"]["value"] < 0.25
        assert 0.005 < figures["transfer_rate||total|"]["value"] < 0.1
        assert 0.6 < figures["first_call_resolution||total|"]["value"] < 0.95
        assert 180 < figures["call_handle_time||total|"]["p50"] < 900

    def test_many_bring_a_ticket_some_are_about_one_and_some_need_none(self, week: list[Record]) -> None:
        told = events(week)
        created = {event["subject"]: at(event) for event in told if event["type"] == "ticket.created"}
        about = [
            (at(event), event["data"].get("ticket_id")) for event in told if event["type"] == "call.offered"
        ]
        brings = sum(ticket is not None and time - created[ticket] < 1_000_000 for time, ticket in about)
        needs_none = sum(ticket is None for _, ticket in about)
        assert brings > len(about) / 2
        assert needs_none > len(about) / 10
        assert len(about) - brings - needs_none > len(about) / 50

    def test_each_comes_to_one_end(self, week: list[Record]) -> None:
        lives: dict[str, list[str]] = {}
        for event in events(week):
            if event["type"].startswith("call."):
                lives.setdefault(event["subject"], []).append(event["type"].removeprefix("call."))
        assert all(life[0] == "offered" for life in lives.values())
        assert all(("answered" in life) != ("abandoned" in life) for life in lives.values() if len(life) > 1)
        assert all(life[-1] == "wrapped" for life in lives.values() if "ended" in life)
        over = sum(life[-1] in ("wrapped", "abandoned") for life in lives.values())
        assert over > 0.99 * len(lives), "but for those under way when the week ends"


class TestIncident:
    """Against the same week without."""

    DAY = "|day|2026-11-04T00:00:00Z"

    def test_a_burst_of_tickets_on_one_topic(
        self, figures: dict[str, Json], bad_figures: dict[str, Json]
    ) -> None:
        def created(told: dict[str, Json]) -> int:
            count: int = told[f"tickets_created|topic=login{self.DAY}"]["count"]
            return count

        assert created(bad_figures) > 4 * created(figures)
        others = [
            told[f"tickets_created|{self.DAY}"]["count"] - created(told) for told in (figures, bad_figures)
        ]
        assert others[1] < 1.2 * others[0]

    def test_answers_are_slower(self, figures: dict[str, Json], bad_figures: dict[str, Json]) -> None:
        def waited(told: dict[str, Json]) -> float:
            value: float = told["first_response_time|team=technical|day|2026-11-05T00:00:00Z"]["mean"]
            return value

        assert waited(bad_figures) > 1.5 * waited(figures)
        answered = [told[f"service_level|{self.DAY}"]["value"] for told in (figures, bad_figures)]
        assert answered[1] < answered[0] - 0.15

    def test_nothing_is_solved_before_it_is_over(self, bad_week: list[Record]) -> None:
        told = events(bad_week)
        start, end = (moments.of(time) for time in (INCIDENT[0], sum(INCIDENT[1:], INCIDENT[0])))
        asked = {
            event["subject"]
            for event in told
            if event["type"] == "ticket.created"
            and event["data"]["topic"] == "login"
            and start <= at(event) < end
        }
        solved = [
            at(event) for event in told if event["type"] == "ticket.resolved" and event["subject"] in asked
        ]
        assert len(solved) > 100
        assert min(solved) >= end

    def test_satisfaction_falls_and_recovers(
        self, figures: dict[str, Json], bad_figures: dict[str, Json]
    ) -> None:
        def satisfied(told: dict[str, Json], day: int) -> float:
            value: float = told[f"csat||day|2026-11-{day:02}T00:00:00Z"]["value"]
            return value

        assert satisfied(bad_figures, 3) == pytest.approx(satisfied(figures, 3), abs=0.1)
        assert satisfied(bad_figures, 4) < satisfied(figures, 4) - 0.15
        assert satisfied(bad_figures, 6) > satisfied(bad_figures, 4)


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


def by(metric: str, dimension: str, figures: dict[str, Json]) -> dict[str, Json]:
    """The totals by the value of a dimension."""
    found = {}
    for key, figure in figures.items():
        name, label, pane = key.split("|")[:3]
        if name == metric and pane == "total" and label.startswith(f"{dimension}=") and "," not in label:
            found[label.removeprefix(f"{dimension}=")] = figure
    return found


def handle_times(figures: dict[str, Json]) -> dict[str, float]:
    """Of those who do the same kind of work."""
    team = (
        "lars",
        "maya",
        "nadia",
        "omar",
        "lena",
        "paula",
        "quentin",
        "nils",
        "wim",
        "aylin",
        "xenia",
        "yusuf",
        "oya",
        "zoe",
    )
    return {
        agent: figure["mean"]
        for agent, figure in by("handle_time", "agent", figures).items()
        if agent in team
    }
