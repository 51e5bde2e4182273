"""Public data sets through import, broker and worker: the figures that their files give by themselves."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.catalogue import CATALOGUE
from streams.mapping import Converter, Report, load
from streams.mapping.load import find
from tests.faults.harness import Deployment

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("TEST_DATA") or ROOT.parent / "shared" / "data")
MAPPINGS = ROOT / "agents" / "mappings"
HOUR, DAY = 3600, 86400

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there"),
]


@asynccontextmanager
async def imported(broker: str, name: str, **settings: str) -> AsyncIterator[Deployment]:
    """What a worker makes of a file, when it has taken all of it."""
    file = DATA / f"{name}.csv"
    async with Deployment(broker, **settings) as deployment:
        await deployment.start()
        settings = deployment.settings
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agents", "import", str(file), "--mapping", name),
            cwd=ROOT,
            env={
                **os.environ,
                "METRICLAND_BROKER": settings.broker,
                "METRICLAND_TOPICS__PREFIX": settings.topics.prefix,
                "METRICLAND_TOPICS__PARTITIONS": str(settings.topics.partitions),
            },
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        await deployment.settled()
        yield deployment
        with file.open("rb") as stream:
            converted = Converter(load(find(name, MAPPINGS)), CATALOGUE).convert(stream, Report())
            deployment.check(event.value for event in converted)
        assert deployment.observer.letters == []


@pytest.mark.slow
async def test_a_help_desk_of_four_years(broker: str) -> None:
    async with imported(broker, "helpdesk") as deployment:
        figures = deployment.figures
    assert figures["tickets_created||total|"]["value"] == 4_580
    response, resolution = figures["first_response_time||total|"], figures["resolution_time||total|"]
    assert response["count"] == 4_285
    assert response["mean"] / HOUR == pytest.approx(97.594, abs=5e-4)
    assert response["p50"] / HOUR == pytest.approx(16.390, rel=0.01)
    assert resolution["count"] == 4_569
    assert resolution["mean"] / DAY == pytest.approx(11.1225, abs=5e-5)
    assert resolution["p50"] / DAY == pytest.approx(5.9831, rel=0.01)


@pytest.mark.slow
async def test_satisfaction_with_a_shop(broker: str) -> None:
    async with imported(broker, "csat_2000") as deployment:
        figures = deployment.figures
    satisfied, score = figures["csat||total|"], figures["csat_score||total|"]
    assert (satisfied["value"], satisfied["numerator"], satisfied["denominator"]) == (0.835, 1_670, 2_000)
    assert score["value"] == pytest.approx(4.2630, abs=5e-5)


async def test_how_an_airport_is_recommended(broker: str) -> None:
    async with imported(broker, "nps_airport_2017") as deployment:
        figure = deployment.figures["nps||total|"]
    assert figure["counts"] == {"promoters": 1_436, "passives": 968, "detractors": 342}
    assert figure["denominator"] == 2_746
    assert figure["value"] == pytest.approx(39.840, abs=5e-4)


@pytest.mark.slow
async def test_the_calls_of_a_quarter(broker: str) -> None:
    async with imported(broker, "calls_5000", **{"definitions.calls.answered_within": "1m"}) as deployment:
        figures = deployment.figures
    assert figures["call_volume||total|"]["value"] == 5_000
    assert figures["calls_answered||total|"]["value"] == 4_054
    assert figures["abandonment_rate||total|"]["numerator"] == 946
    assert figures["first_call_resolution||total|"]["numerator"] == 3_646
    assert figures["first_call_resolution||total|"]["value"] == pytest.approx(0.8994, abs=5e-5)
    assert figures["speed_of_answer||total|"]["mean"] == pytest.approx(67.5207, abs=5e-5)
    assert figures["speed_of_answer||total|"]["p50"] == pytest.approx(68, rel=0.01)
    within = figures["service_level_negative||total|"]
    assert within["value"] == pytest.approx(0.3592, abs=5e-5)
    assert within["numerator"] / 4_054 == pytest.approx(0.4430, abs=5e-5)
    assert figures["call_handle_time||total|"]["mean"] == pytest.approx(224.9228, abs=5e-5)
    assert figures["csat||total|"]["value"] == pytest.approx(0.4990, abs=5e-5)
    assert figures["csat_score||total|"]["value"] == pytest.approx(3.40355, abs=5e-6)
    assert figures["csat_score||total|"]["counts"] == {"1": 417, "2": 396, "3": 1_218, "4": 1_180, "5": 843}


@pytest.mark.slow
async def test_the_incidents_of_an_it_department(broker: str) -> None:
    async with imported(broker, "incidents_2000") as deployment:
        figure = deployment.figures["resolution_time||total|"]
    assert figure["count"] == 1_936
    assert figure["mean"] / HOUR == pytest.approx(314.978, abs=5e-4)
    assert figure["p50"] / HOUR == pytest.approx(90.808, rel=0.01)
