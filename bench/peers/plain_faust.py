"""The job in plain Faust: two agents with a table each, and a topic between them."""

import os
from datetime import datetime

import faust

NAME = os.environ["PEER_NAME"]
PARTITIONS = 4

app = faust.App(
    NAME,
    broker=f"kafka://{os.environ['PEER_BROKER']}",
    store="memory://",
    datadir=os.environ["PEER_DIRECTORY"],
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    broker_commit_interval=1.0,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
)
events = app.topic(os.environ["PEER_INPUT"], key_type=str, value_serializer="json")
observations = app.topic(
    f"{NAME}-observations", key_type=str, key_serializer="raw", value_serializer="json", internal=True
)
tickets = app.Table("tickets")
windows = app.Table("windows")


@app.agent(events)
async def fold(stream):
    async for event in stream:
        type_, data = event["type"], event["data"]
        time = int(datetime.fromisoformat(event["time"]).timestamp() * 1000)
        ticket = tickets.get(event["subject"]) or {"replies": 0}
        metric = None
        if type_ == "ticket.created":
            ticket.update(created=time, channel=data["channel"], priority=data["priority"])
        elif type_ == "ticket.replied":
            ticket["replies"] += 1
            ticket["agent"] = data["agent_id"]
            if "first_reply" not in ticket and data["author"] == "agent":
                ticket["first_reply"], metric = time, "first_response"
        elif type_ == "ticket.resolved":
            ticket["resolved"], metric = time, "resolution"
        tickets[event["subject"]] = ticket
        if metric is not None:
            series = f"{metric}|{ticket['channel']}|{ticket['priority']}"
            await observations.send(key=series, value=[time, time - ticket["created"]])


@app.agent(observations)
async def add(stream):
    async for series, (time, duration) in stream.items():
        window = f"{series}|{time // 60_000 * 60_000}"
        count, total = windows.get(window, (0, 0))
        windows[window] = [count + 1, total + duration]


if __name__ == "__main__":
    app.worker_init()
    faust.Worker(app, loglevel="error", redirect_stdouts=False).execute_from_commandline()
