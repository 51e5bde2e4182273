"""The job in Quix Streams."""

import os
from datetime import datetime, timedelta

from quixstreams import Application
from quixstreams.dataframe.windows import Count, Sum

LATENESS = timedelta(days=1)


def milliseconds(value, headers, timestamp, timestamp_type):
    return int(datetime.fromisoformat(value["time"]).timestamp() * 1000)


def fold(event, state):
    type_, data = event["type"], event["data"]
    time = milliseconds(event, None, 0, 0)
    ticket = state.get("ticket") or {"replies": 0}
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
    state.set("ticket", ticket)
    if metric is None:
        return None
    series = f"{metric}|{ticket['channel']}|{ticket['priority']}"
    return {"series": series, "duration": time - ticket["created"]}


def main():
    app = Application(
        broker_address=os.environ["PEER_BROKER"],
        consumer_group=os.environ["PEER_NAME"],
        auto_offset_reset="earliest",
        commit_interval=1.0,
        state_dir=os.environ["PEER_DIRECTORY"],
        loglevel="ERROR",
    )
    events = app.topic(os.environ["PEER_INPUT"], value_deserializer="json", timestamp_extractor=milliseconds)
    figures = app.topic(os.environ["PEER_OUTPUT"], key_serializer="str", value_serializer="json")
    frame = app.dataframe(events)
    frame = frame.apply(fold, stateful=True)
    frame = frame.filter(lambda observation: observation is not None)
    frame = frame.group_by("series")
    frame = frame.tumbling_window(timedelta(minutes=1), grace_ms=LATENESS)
    frame = frame.agg(count=Count(), total=Sum("duration")).current()
    frame = frame.apply(
        lambda value, key, timestamp, headers: [key, value["start"], value["count"], value["total"]],
        metadata=True,
    )
    frame.to_topic(figures, key=lambda told: f"{told[0]}|{told[1]}")
    app.run()


if __name__ == "__main__":
    main()
