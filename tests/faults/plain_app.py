"""What a Faust user would write: tickets counted by channel in a table, at least once.

Where and as whom, the environment says, and at which write of its table a stall begins, if at any.
"""

import asyncio
import os
from typing import Any

import faust
from aiokafka import AIOKafkaProducer

PARTITIONS = int(os.environ["PLAIN_PARTITIONS"])

app = faust.App(
    os.environ["PLAIN_APPLICATION"],
    broker=f"kafka://{os.environ['PLAIN_BROKER']}",
    store="memory://",
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    broker_session_timeout=float(os.environ["PLAIN_SESSION"]),
    broker_heartbeat_interval=0.5,
    broker_rebalance_timeout=10.0,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
)
tickets = app.topic(
    os.environ["PLAIN_TOPIC"], key_serializer="raw", value_serializer="json", partitions=PARTITIONS
)
created: Any = app.Table("created", default=int, partitions=PARTITIONS)


@app.agent(tickets)  # type: ignore[untyped-decorator]
async def count(stream: Any) -> None:
    """The topic is keyed by channel."""
    async for event in stream:
        created[str(event["data"]["channel"])] += 1


def stall(at: int) -> None:
    """From this write on the changelog's broker is slow: a leader that has moved, a full buffer."""
    send, written = AIOKafkaProducer.send, 0

    async def slow(self: Any, topic: str, *arguments: Any, **options: Any) -> Any:
        nonlocal written
        if topic.endswith("-changelog"):
            written += 1
            if written >= at:
                await asyncio.sleep(3600)
        return await send(self, topic, *arguments, **options)

    AIOKafkaProducer.send = slow


if __name__ == "__main__":
    if at := os.environ.get("PLAIN_STALL"):
        stall(int(at))
    app.main()
