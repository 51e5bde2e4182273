"""One job, done by our engine and by others, one after the other on the same events.

    python -m bench.peers [--events 1000000] [--runs 3] [--only metricland,flink-heap] [--json]

The job is in bench/peers/job.py, the programs beside it. A run ends when all input is committed (of a program
that ends with its input: when that is read) and all windows that it told are right. How long a program takes
to start is told by a run over few events, and is no part of its rate.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections import defaultdict
from typing import Any

from bench.events import ticket_events
from bench.measure import machine, spread
from bench.peers.job import windows
from bench.peers.programs import PROGRAMS, Program, Unavailable
from bench.peers.race import Course, Input, Run, Wrong
from bench.workers import PARTITIONS
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.produce import publish
from streams.kafka.topics import TopicSpec, apply

Runs = dict[str, list[dict[str, float]]]

FEW = 1_000
"Events of a run that tells how long a program takes to start."


async def main() -> None:
    options = _options()
    programs = _there(options.only)
    async with EmbeddedBroker() as broker:
        few = await _fill(broker.bootstrap, FEW, "few.")
        inputs = {
            part: await _fill(broker.bootstrap, options.events // part, f"bench{part}.")
            for part in sorted({program.part for program in programs})
        }
        starts: defaultdict[str, list[float]] = defaultdict(list)
        found: defaultdict[str, list[Run]] = defaultdict(list)
        for number in range(1, options.runs + 1):
            for program in programs:
                try:
                    start = await Course(broker, program, f"start-{number}", few).run()
                    run = await Course(broker, program, f"run-{number}", inputs[program.part]).run()
                except Wrong as error:
                    _say(str(error))
                    continue
                starts[program.name].append(start.seconds)
                found[program.name].append(run)
                _say(f"{program.name}, run {number}: {run.seconds:.1f} s, {start.seconds:.1f} s to start")
    runs: Runs = {}
    for name, each in found.items():
        start_seconds = statistics.median(starts[name])
        try:
            runs[name] = [run.told(start_seconds) for run in each]
        except Wrong as error:
            _say(f"{name}: {error}")
    _tell(runs, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", metavar="NAMES")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _there(only: str) -> list[Program]:
    """The wanted programs, as far as they can run here."""
    wanted = [program for program in PROGRAMS if not only or program.name in only.split(",")]
    there = []
    for program in wanted:
        try:
            program.command()
            there.append(program)
        except Unavailable as reason:
            _say(f"{program.name} is skipped: {reason}")
    return there


async def _fill(bootstrap: str, events: int, prefix: str) -> Input:
    filled = Input(prefix, events, windows(ticket_events(events)))
    config = {"message.timestamp.type": "LogAppendTime"}
    await apply(bootstrap, [TopicSpec(filled.topic, PARTITIONS, config)])
    await publish(bootstrap, ((filled.topic, key, value) for key, value in ticket_events(events)))
    return filled


def _tell(runs: Runs, options: argparse.Namespace) -> None:
    if options.json:
        told: dict[str, Any] = {"events": options.events, "runs": runs, "machine": machine()}
        sys.stdout.write(json.dumps(told) + "\n")
        return
    sys.stdout.write("".join(f"{name:28} {_told(each)}\n" for name, each in runs.items()))
    sys.stdout.write(f"{options.events:,} events; {machine()}\n")


def _told(runs: list[dict[str, float]]) -> str:
    rate = spread((run["rate"] for run in runs), 0)
    cpu = spread((run["cpu_per_million"] for run in runs), 1)
    return f"{rate} events/s, {cpu} CPU s per million"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    asyncio.run(main())
