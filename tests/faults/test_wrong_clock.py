"""A worker whose clock is wrong by an hour: deadlines pass by Kafka's, none is lost, and it says so."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from streams import moments
from streams.kafka.read import read_all
from tests.faults.harness import Deployment
from tests.faults.workers import PATIENCE, Worker

pytestmark = pytest.mark.kafka

TICKETS = 8
POLICY = {"name": "quick", "targets": {"default": {"first_response": "4s"}}}


def ticket(number: int) -> dict[str, Any]:
    at = time.time_ns() // 1000
    return {
        "specversion": "1.0",
        "id": f"created {number}",
        "source": "/desk",
        "type": "ticket.created",
        "time": moments.text(at),
        "subject": f"T{number}",
        "data": {},
    }


def readiness(worker: Worker) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{worker.port}/health/ready", timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(("skew", "side"), [(3600.0, "ahead of"), (-3600.0, "behind")])
async def test_deadlines_pass_by_the_broker_s_clock(
    broker: str, tmp_path: Path, skew: float, side: str
) -> None:
    async with Deployment(broker, tmp_path, **{"definitions.sla.policies": [POLICY]}) as deployment:
        worker = await deployment.start(rigged=True, clock=skew)
        await deployment.feed([ticket(number) for number in range(TICKETS)])
        overdue: dict[str, Any] = {}
        end = time.monotonic() + PATIENCE
        while len(overdue) < TICKETS:
            assert time.monotonic() < end, f"{len(overdue)} breaches were found:\n{worker.words()}"
            await asyncio.sleep(0.5)
            async for record in read_all(broker, f"{deployment.prefix}sla"):
                found = json.loads(record.value)
                if found["type"] == "sla.overdue":
                    overdue[found["subject"]] = record
        for record in overdue.values():
            assert record.timestamp * 1000 >= moments.parse(json.loads(record.value)["time"])
        await deployment.observer.read()
        assert deployment.observer.letters == []
        status, reason = await asyncio.to_thread(readiness, worker)
        assert status == 503
        assert f"this machine's clock is 3600 s {side} Kafka's" in reason
        assert any("this machine's clock is wrong" in line for line in worker.said)
