"""The job in Bytewax; it ends with its input. Its state is in the recovery store."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bytewax.operators as op
import bytewax.operators.windowing as win
import orjson
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, TumblingWindower
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATENESS = timedelta(days=1)


def decoded(message):
    event = orjson.loads(message.value)
    return event["subject"], event


def fold(ticket, event):
    type_, data = event["type"], event["data"]
    time = datetime.fromisoformat(event["time"])
    ticket = ticket or {"replies": 0}
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
    if metric is None:
        return ticket, ()
    series = f"{metric}|{ticket['channel']}|{ticket['priority']}"
    return ticket, ((series, time, (time - ticket["created"]) // timedelta(milliseconds=1)),)


def add(total, observation):
    return total[0] + 1, total[1] + observation[1]


def merge(one, other):
    return one[0] + other[0], one[1] + other[1]


def told(figure):
    series, (window, (count, total)) = figure
    key = f"{series}|{window * 60_000}"
    return KafkaSinkMessage(key.encode(), orjson.dumps([count, total]))


brokers = [os.environ["PEER_BROKER"]]
flow = Dataflow("peer")
messages = op.input("tickets", flow, KafkaSource(brokers, [os.environ["PEER_INPUT"]], tail=False))
events = op.map("decode", messages, decoded)
found = op.stateful_flat_map("fold", events, fold)
observations = op.map("by_series", found, lambda item: (item[1][0], item[1][1:]))
clock = EventClock(lambda observation: observation[0], wait_for_system_duration=LATENESS)
windows = win.fold_window(
    "minute",
    observations,
    clock,
    TumblingWindower(length=MINUTE, align_to=EPOCH),
    lambda: (0, 0),
    add,
    merge,
)
op.output("figures", op.map("tell", windows.down, told), KafkaSink(brokers, os.environ["PEER_OUTPUT"]))

if __name__ == "__main__":
    directory = Path(os.environ["PEER_DIRECTORY"])
    init_db_dir(directory, 1)
    recovery = RecoveryConfig(directory, backup_interval=timedelta(0))
    cli_main(flow, epoch_interval=timedelta(seconds=1), recovery_config=recovery)
