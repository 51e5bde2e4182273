"""The kept mappings, on the data sets that they are for: what is expected is computed from the raw files."""

import csv
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import pytest

from agents.catalogue import CATALOGUE, build_catalogue
from agents.definitions import Definitions
from streams.batch import Batch
from streams.mapping import Converter, Mapped, Report, load
from streams.mapping.load import find

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TEST_DATA") or ROOT.parent / "shared" / "data")
KEPT = ROOT / "agents" / "mappings"

HOUR, DAY = 3600, 86400
WITHIN = 0.01
"Relative error that quantiles may have."

Figures = dict[str, dict[str, Any]]


class Import(NamedTuple):
    events: list[Mapped]
    report: Report
    figures: Figures

    def rejected(self) -> dict[tuple[str, str], int]:
        return {place: kind.count for place, kind in self.report.kinds.items()}


def rows(name: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@cache
def imported(name: str) -> Import:
    report = Report()
    converter = Converter(load(find(name, KEPT)), CATALOGUE)
    with (DATA / f"{name}.csv").open("rb") as stream:
        events = list(converter.convert(stream, report))
    batch = Batch(CATALOGUE)
    batch.take(event.value for event in events)
    assert not batch.refused
    return Import(events, report, batch.figures())


def check_durations(figure: dict[str, Any], expected: list[timedelta]) -> None:
    seconds = [duration / timedelta(seconds=1) for duration in expected]
    assert figure["count"] == len(expected)
    assert figure["sum"] == sum(expected, timedelta()) / timedelta(seconds=1)
    assert figure["mean"] == pytest.approx(sum(seconds) / len(seconds), rel=0, abs=1e-6)
    assert figure["p50"] == pytest.approx(median(seconds), rel=WITHIN)


def days(figures: Figures, metric: str) -> dict[str, int]:
    keys = (key.split("|") for key in figures)
    return {key[3][:10]: figures["|".join(key)]["count"] for key in keys if key[:3] == [metric, "", "day"]}


def kept_days(counted: Iterable[date], latest: date) -> Iterator[tuple[str, int]]:
    """Day panes are kept for 400 days."""
    for day, count in Counter(counted).items():
        if day + timedelta(days=401) > latest:
            yield day.isoformat(), count


@pytest.mark.parametrize("path", sorted(KEPT.glob("*.toml")), ids=lambda path: path.stem)
def test_every_kept_mapping_is_valid(path: Path) -> None:
    Converter(load(path), CATALOGUE)


needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there")


@needs_data
@pytest.mark.data
@pytest.mark.parametrize(
    "name", ["helpdesk", "csat_2000", "nps_airport_2017", "incidents_2000", "calls_5000"]
)
def test_a_second_import_changes_nothing(name: str) -> None:
    events = imported(name).events
    with (DATA / f"{name}.csv").open("rb") as stream:
        again = list(Converter(load(find(name, KEPT)), CATALOGUE).convert(stream, Report()))
    assert again == events
    assert len({event.event["id"] + event.subject for event in events}) == len(events)
    assert [event.time for event in events] == sorted(event.time for event in events)


class Step(NamedTuple):
    at: datetime
    line: int
    did: str


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Step]]:
    """The steps of each case of the help desk's log, in their order."""
    cases = defaultdict(list)
    for line, row in enumerate(rows("helpdesk"), 2):
        step = Step(datetime.fromisoformat(row["time:timestamp"]), line, row["Activity"])
        cases[row["case:concept:name"]].append(step)
    return {case: sorted(steps) for case, steps in cases.items()}


@needs_data
@pytest.mark.data
class TestHelpdesk:
    def first(self, cases: dict[str, list[Step]], activity: str) -> list[timedelta]:
        """From the start of each case to the first step of a kind."""
        firsts = (
            (steps[0].at, next((step.at for step in steps if step.did == activity), None))
            for steps in cases.values()
        )
        return [at - start for start, at in firsts if at is not None]

    def test_all_rows_are_taken(self, cases: dict[str, list[Step]]) -> None:
        found = imported("helpdesk")
        assert found.report.rows == sum(map(len, cases.values())) == 21_348
        assert not found.rejected()
        assert found.figures["tickets_created||total|"]["value"] == len(cases) == 4_580

    def test_first_response_time(self, cases: dict[str, list[Step]]) -> None:
        expected = self.first(cases, "Take in charge ticket")
        figure = imported("helpdesk").figures["first_response_time||total|"]
        check_durations(figure, expected)
        assert figure["count"] == 4_285
        assert figure["mean"] / HOUR == pytest.approx(97.594, abs=5e-4)
        assert figure["p50"] / HOUR == pytest.approx(16.390, rel=WITHIN)

    def test_resolution_time(self, cases: dict[str, list[Step]]) -> None:
        expected = self.first(cases, "Resolve ticket")
        figure = imported("helpdesk").figures["resolution_time||total|"]
        check_durations(figure, expected)
        assert figure["count"] == 4_569
        assert figure["mean"] / DAY == pytest.approx(11.1225, abs=5e-5)
        assert figure["p50"] / DAY == pytest.approx(5.9831, rel=WITHIN)

    def test_several_resolves_can_be_counted_from_the_events(self) -> None:
        resolves = Counter(
            event.subject for event in imported("helpdesk").events if b"ticket.resolved" in event.value
        )
        closes = Counter(row["case:concept:name"] for row in rows("helpdesk") if row["Activity"] == "Closed")
        assert sum(count - closes[case] > 1 for case, count in resolves.items()) == 386

    def test_days(self, cases: dict[str, list[Step]]) -> None:
        latest = max(steps[-1].at for steps in cases.values()).date()
        created = (steps[0].at.date() for steps in cases.values())
        assert days(imported("helpdesk").figures, "tickets_created") == dict(kept_days(created, latest))


@needs_data
@pytest.mark.data
class TestCsat:
    @staticmethod
    def moment(text: str) -> datetime:
        return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)

    def test_answers(self) -> None:
        scores = [int(row["CSAT Score"]) for row in rows("csat_2000")]
        figure = imported("csat_2000").figures["csat||total|"]
        assert (figure["numerator"], figure["denominator"]) == (sum(score >= 4 for score in scores), 2_000)
        assert figure["value"] == 0.835

    def test_answers_by_day(self) -> None:
        expected = Counter(
            datetime.strptime(row["Survey_response_Date"], "%d-%b-%y").replace(tzinfo=UTC).date().isoformat()
            for row in rows("csat_2000")
        )
        assert days(imported("csat_2000").figures, "csat") == expected

    @pytest.mark.parametrize(("dimension", "column"), [("agent", "Agent_name"), ("team", "Supervisor")])
    def test_answers_by_what_they_take_from_their_ticket(self, dimension: str, column: str) -> None:
        figures = imported("csat_2000").figures
        answers, satisfied = Counter[str](), Counter[str]()
        for row in rows("csat_2000"):
            answers[row[column]] += 1
            satisfied[row[column]] += int(row["CSAT Score"]) >= 4
        found = {
            figure["dimensions"][dimension]: (figure["numerator"], figure["denominator"])
            for figure in figures.values()
            if figure["metric"] == "csat"
            and figure["window"]["pane"] == "total"
            and list(figure["dimensions"]) == [dimension]
        }
        assert found == {name: (satisfied[name], count) for name, count in answers.items()}

    def test_first_response_time(self) -> None:
        pairs = [
            (self.moment(row["Issue_reported at"]), self.moment(row["issue_responded"]))
            for row in rows("csat_2000")
        ]
        expected = [responded - reported for reported, responded in pairs if responded >= reported]
        found = imported("csat_2000")
        check_durations(found.figures["first_response_time||total|"], expected)
        place = ("ticket.replied", "issue_responded is before Issue_reported at")
        assert found.rejected() == {place: 2_000 - len(expected)} == {place: 81}
        assert found.figures["tickets_created||total|"]["value"] == 2_000


@needs_data
@pytest.mark.data
class TestNps:
    def test_promoters_less_detractors(self) -> None:
        codes = [row["NETPRO"] for row in rows("nps_airport_2017", "latin-1")]
        scores = [int(code) for code in codes if code not in ("", "11")]
        figure = imported("nps_airport_2017").figures["nps||total|"]
        assert figure["counts"] == {
            "promoters": sum(score >= 9 for score in scores),
            "passives": sum(7 <= score <= 8 for score in scores),
            "detractors": sum(score <= 6 for score in scores),
        }
        assert figure["counts"] == {"promoters": 1_436, "passives": 968, "detractors": 342}
        assert figure["denominator"] == len(scores) == 2_746
        assert figure["value"] == pytest.approx(39.840, abs=5e-4)

    def test_blanks_are_rejected_and_counted(self) -> None:
        found = imported("nps_airport_2017")
        assert found.report.rows == 2_831
        assert found.rejected() == {("survey.responded", "score: NETPRO is missing"): 85}

    def test_days(self) -> None:
        found = rows("nps_airport_2017", "latin-1")
        expected = Counter(
            f"2017-05-{int(row['INTDATE']):02}" for row in found if row["NETPRO"] not in ("", "11")
        )
        assert days(imported("nps_airport_2017").figures, "nps") == expected


@needs_data
@pytest.mark.data
class TestIncidents:
    def test_resolution_time(self) -> None:
        def moment(text: str) -> datetime:
            return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)

        last = {row["number"]: row for row in rows("incidents_2000")}.values()
        expected = [
            moment(row["resolved_at"]) - moment(row["opened_at"]) for row in last if row["resolved_at"] != "?"
        ]
        found = imported("incidents_2000")
        figure = found.figures["resolution_time||total|"]
        check_durations(figure, expected)
        assert figure["count"] == 1_936
        assert figure["mean"] / HOUR == pytest.approx(314.978, abs=5e-4)
        assert figure["p50"] / HOUR == pytest.approx(90.808, rel=WITHIN)
        assert found.report.rows == 14_041
        assert not found.rejected()

    def test_what_the_log_itself_says_of_incidents(self) -> None:
        """Of each by its last row; most rows were written while nothing was late yet.

        No metric of tickets is made of these columns: whether a target was met, MetricLand finds by itself.
        """
        last = {row["number"]: row for row in rows("incidents_2000")}.values()
        by_rows = [row["made_sla"] == "true" for row in rows("incidents_2000")]
        met = [row["made_sla"] == "true" for row in last]
        smooth = [(row["reassignment_count"], row["reopen_count"]) == ("0", "0") for row in last]
        assert (sum(met), len(met)) == (833, 2_000)
        assert sum(met) / len(met) == 0.4165
        assert sum(by_rows) / len(by_rows) == pytest.approx(0.9159, abs=5e-5)
        assert sum(smooth) / len(smooth) == 0.5035

    def test_nothing_is_known_before_its_time(self) -> None:
        """A resolve stands by the first update since it, not by the first row that already names it."""
        resolved = {
            event.subject: event.sequence
            for event in imported("incidents_2000").events
            if b'"ticket.resolved"' in event.value
        }
        assert len(resolved) == 1_936
        first: dict[str, int] = {}
        for line, row in enumerate(rows("incidents_2000"), 2):
            first.setdefault(row["number"], line)
        assert sum(resolved[number] > line for number, line in first.items() if number in resolved) > 1_500


@needs_data
@pytest.mark.data
class TestCalls:
    @staticmethod
    def answered() -> list[dict[str, str]]:
        return [row for row in rows("calls_5000") if row["Answered (Y/N)"] == "Y"]

    def test_volumes(self) -> None:
        found = imported("calls_5000")
        assert found.report.rows == 5_000
        assert not found.rejected()
        assert found.figures["call_volume||total|"]["value"] == 5_000
        assert found.figures["calls_answered||total|"]["value"] == len(self.answered()) == 4_054
        abandoned = found.figures["abandonment_rate||total|"]
        assert (abandoned["numerator"], abandoned["denominator"]) == (946, 5_000)

    def test_first_call_resolution(self) -> None:
        figure = imported("calls_5000").figures["first_call_resolution||total|"]
        assert figure["numerator"] == sum(row["Resolved"] == "Y" for row in self.answered()) == 3_646
        assert figure["denominator"] == 4_054
        assert figure["value"] == pytest.approx(0.8994, abs=5e-5)

    def test_durations(self) -> None:
        figures = imported("calls_5000").figures
        waited = [timedelta(seconds=float(row["Speed of answer in seconds"])) for row in self.answered()]
        check_durations(figures["speed_of_answer||total|"], waited)
        assert figures["speed_of_answer|medium=call|total|"]["sum"] == 273_729
        assert figures["speed_of_answer||total|"]["mean"] == pytest.approx(67.5207, abs=5e-5)
        assert figures["speed_of_answer||total|"]["p50"] == pytest.approx(68, rel=WITHIN)
        assert figures["call_handle_time||total|"]["mean"] == pytest.approx(224.9228, abs=5e-5)

    def test_service_level_of_a_minute(self) -> None:
        definitions = Definitions.model_validate({"calls": {"answered_within": "1m"}})
        batch = Batch(build_catalogue(definitions))
        batch.take(event.value for event in imported("calls_5000").events)
        figure = batch.figures()["service_level_negative||total|"]
        assert figure["value"] == pytest.approx(0.3592, abs=5e-5)
        assert figure["numerator"] / len(self.answered()) == pytest.approx(0.4430, abs=5e-5)

    def test_answers(self) -> None:
        figure = imported("calls_5000").figures["csat||total|"]
        scores = [float(row["Satisfaction rating"]) for row in self.answered()]
        assert (figure["numerator"], figure["denominator"]) == (sum(score >= 4 for score in scores), 4_054)
        assert figure["value"] == pytest.approx(0.4990, abs=5e-5)

    @pytest.mark.parametrize(("dimension", "column"), [("queue", "Topic"), ("agent", "Agent")])
    def test_by_queue_and_agent(self, dimension: str, column: str) -> None:
        found = {
            figure["dimensions"][dimension]: figure["value"]
            for figure in imported("calls_5000").figures.values()
            if figure["metric"] == "calls_answered"
            and figure["window"]["pane"] == "total"
            and list(figure["dimensions"]) == [dimension]
        }
        assert found == Counter(row[column] for row in self.answered())
