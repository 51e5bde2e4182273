"""Durations in business time: the stream equals the batch, and both a count of minutes."""

from datetime import UTC, date, datetime
from functools import cached_property

import pytest

from agents.catalogue import build_catalogue
from agents.definitions import Definitions
from streams.catalogue import Catalogue
from tests.oracle.business import SPANS, SUFFIX, Business, Version
from tests.oracle.figures import figures as oracle_figures
from tests.oracle.stories import START
from tests.promise import Json, by_parts, differences, unequal
from tests.simulated.histories import METRICS, MINUTES, History, metrics_log, without_levels

TURN = datetime(2026, 10, 28, 12, tzinfo=UTC)
OFFICE = {"mon-thu": ["08:00-12:00", "13:00-17:30"], "fri": ["08:00-14:00"]}
NIGHTS = {"sun-thu": ["22:00-06:00"]}

DEFINITIONS = Definitions.model_validate(
    {
        "calendars": {
            "office": {"zone": "Europe/Berlin", "hours": OFFICE, "dates": {"2026-10-27": ["10:00-11:00"]}},
            "nights": [
                {"zone": "Pacific/Auckland", "hours": NIGHTS, "holidays": ["NZ"]},
                {"zone": "Pacific/Auckland", "hours": "24x7", "valid_from": TURN},
            ],
            "later": {"zone": "America/New_York", "hours": OFFICE, "valid_from": TURN},
        },
        "business_time": [
            {"calendar": "nights", "channel": ["email", "unknown"]},
            {"calendar": "later", "priority": ["high", "urgent"], "channel": ["chat"]},
            {"calendar": "office"},
        ],
    }
)

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
IN_OFFICE = {**dict.fromkeys(DAYS[1:5], OFFICE["mon-thu"]), "fri": OFFICE["fri"]}
AT_NIGHT = dict.fromkeys(DAYS[:5], NIGHTS["sun-thu"])
ALWAYS = {day: ["00:00-24:00"] for day in DAYS}
LABOUR_DAY = date(2026, 10, 26)
TURNED = int(TURN.timestamp()) * 1_000_000

BUSINESS = Business(
    calendars={
        "office": [Version("Europe/Berlin", IN_OFFICE, {date(2026, 10, 27): ["10:00-11:00"]})],
        "nights": [
            Version("Pacific/Auckland", AT_NIGHT, {LABOUR_DAY: []}),
            Version("Pacific/Auckland", ALWAYS, valid_from=TURNED),
        ],
        "later": [Version("America/New_York", IN_OFFICE, valid_from=TURNED)],
    },
    rules=[
        ({"channel": ["email", "unknown"]}, "nights"),
        ({"priority": ["high", "urgent"], "channel": ["chat"]}, "later"),
        ({}, "office"),
    ],
)
MEASURED = {name + SUFFIX for name in (*SPANS, "requester_wait_time", "agent_work_time", "agent_wait_time")}


class InBusinessTime(History):
    @cached_property
    def catalogue(self) -> Catalogue:
        return without_levels(build_catalogue(DEFINITIONS)).adjusted(self.hidden, MINUTES)

    def oracle(self) -> dict[tuple[str, str, str, str], Json]:
        return oracle_figures(self.events, time_zone=self.zone, metrics=METRICS, business=BUSINESS)


@pytest.mark.parametrize("seed", range(12))
def test_the_stream_equals_the_batch_and_the_count_of_minutes(seed: int) -> None:
    history = InBusinessTime(seed, partitions=seed % 3 + 1, zone="Europe/Berlin", start=START)
    log, batch = metrics_log(history.play()), history.batch()
    assert log.breaches == []
    assert unequal(batch, log.figures) == []
    assert differences(history.oracle(), by_parts(batch)) == []


def test_all_of_it_is_compared_and_differs_from_calendar_time() -> None:
    batch = {}
    for seed in range(4):
        batch |= InBusinessTime(seed).batch()
    assert {key.split("|")[0] for key in batch if SUFFIX in key.split("|")[0]} == MEASURED
    pairs = [(figure, batch[key.replace(SUFFIX, "", 1)]) for key, figure in batch.items() if SUFFIX in key]
    assert all(business["count"] == calendar["count"] for business, calendar in pairs)
    assert all(business["sum"] <= calendar["sum"] for business, calendar in pairs if business["count"])
    assert sum(business["sum"] < calendar["sum"] for business, calendar in pairs if business["count"]) > 100


def test_without_a_calendar_nothing_of_it_is_declared() -> None:
    assert not [metric.name for metric in build_catalogue(Definitions()).metrics if SUFFIX in metric.name]
    assert len(MEASURED) == len(without_levels(build_catalogue(DEFINITIONS)).metrics) - len(METRICS)
