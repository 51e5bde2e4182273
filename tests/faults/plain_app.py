"""What a Faust user would write: tickets counted by channel in a table, at least once.

Where and as whom, the environment says.
"""

import os
from typing import Any

import faust

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
tickets = app.topic(os.environ["PLAIN_TOPIC"], value_serializer="json", partitions=PARTITIONS)
created: Any = app.Table("created", default=int, partitions=PARTITIONS)


def channel(event: dict[str, Any]) -> str:
    return str(event["data"]["channel"])


@app.agent(tickets)  # type: ignore[untyped-decorator]
async def count(stream: Any) -> None:
    """By channel: Faust has the events sent on to the partition of their channel first."""
    async for event in stream.group_by(channel, name="channel", partitions=PARTITIONS):
        created[channel(event)] += 1


if __name__ == "__main__":
    app.main()
