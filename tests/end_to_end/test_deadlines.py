"""A silent ticket's breach, live: real Kafka, a real worker, the wall clock."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams import moments
from streams.moments import SECOND
from tests.cli.test_worker import health, running, until
from tests.ports import free_ports

POLICY = """
[[definitions.sla.policies]]
name = "quick"
warn_at = ["50%"]
targets = { default = { first_response = "3s" } }
"""
NAME = "silent"
PATIENCE = 30.0
FOUND_WITHIN = 2 * SECOND


def event(id_: str, kind: str, at: int, **data: Any) -> bytes:
    told = {"specversion": "1.0", "id": id_, "source": "/desk", "type": kind, "subject": "T1", "data": data}
    return json.dumps({**told, "time": moments.text(at)}).encode()


async def told(consumer: AIOKafkaConsumer, last: str) -> list[dict[str, Any]]:
    """The records of the topic up to the first of a type."""
    found: list[dict[str, Any]] = []
    end = time.monotonic() + PATIENCE
    while not found or found[-1]["type"] != last:
        assert time.monotonic() < end, found
        for records in (await consumer.getmany(timeout_ms=200)).values():
            found += (json.loads(record.value) for record in records)
    return found


@pytest.mark.kafka
async def test_a_breach_is_found_within_two_seconds_and_taken_back_by_a_late_reply(
    broker: str, tmp_path: Path
) -> None:
    config = tmp_path / "metricland.toml"
    config.write_text(POLICY)
    port = free_ports(1)
    with running(broker, NAME, "--port", str(port), "--config", str(config)) as process:
        until(lambda: health(port)[0], process)
        consumer = AIOKafkaConsumer(
            f"{NAME}.sla",
            bootstrap_servers=broker,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        producer = AIOKafkaProducer(bootstrap_servers=broker)
        await producer.start()
        await consumer.start()
        try:
            created = time.time_ns() // 1000
            await producer.send_and_wait(f"{NAME}.tickets", event("1", "ticket.created", created), b"T1")
            found = await told(consumer, "sla.overdue")
            deadline = moments.parse(found[-1]["data"]["deadline"])
            assert [record["type"] for record in found] == ["sla.activated", "sla.at_risk", "sla.overdue"]
            assert deadline == moments.parse(found[-1]["time"]) == created + 3 * SECOND
            assert 0 <= moments.parse(found[-1]["data"]["detected_at"]) - deadline < FOUND_WITHIN
            reply = event("2", "ticket.replied", created + SECOND, author="agent", agent_id="ann")
            await producer.send_and_wait(f"{NAME}.tickets", reply, b"T1")
            retracted = {record["id"]: record for record in await told(consumer, "sla.met")}
            assert retracted[found[-1]["id"]]["type"] == "sla.retracted"
        finally:
            await consumer.stop()
            await producer.stop()
