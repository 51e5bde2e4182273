"""Random faults on real Kafka: `python -m tests.faults --runs 10 --seed 1`.

Each run's scenario follows from its seed; `--fault NAME` (again and again) limits it to some faults. Each run
adds a line to docs/fault-runs.tsv, or to the file that `--record` names. The exit code is 1 if what a run
told differed from the batch, or if none of its faults struck.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import structlog

from streams.kafka.broker import EmbeddedBroker
from tests.faults.faults import FAULTS, LONG, OF_CLUSTERS
from tests.faults.runs import COLUMNS, Outcome, Scenario, play, scenario_of

RECORD = Path(__file__).parents[2] / "docs" / "fault-runs.tsv"

SHARED = 10
"Runs that share a Kafka: their topics and groups are their own."


def main() -> None:
    parser = argparse.ArgumentParser(prog="make faults", description="Random faults on real Kafka.")
    parser.add_argument("--runs", type=int, default=10, metavar="N")
    parser.add_argument("--seed", type=int, metavar="S", help="of the first run, the next ones follow")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="each with a Kafka of its own")
    parser.add_argument("--nodes", type=int, default=1, metavar="N", help="of the cluster")
    parser.add_argument(
        "--fault", action="append", choices=sorted(FAULTS | OF_CLUSTERS | LONG), help="only this, or these"
    )
    parser.add_argument("--record", type=Path, default=RECORD, metavar="FILE", help="for a line of each run")
    asked = parser.parse_args()
    first = random.SystemRandom().randrange(1_000_000) if asked.seed is None else asked.seed
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    among = tuple(FAULTS if asked.nodes == 1 else FAULTS | OF_CLUSTERS)
    scenarios = [scenario_of(seed, asked.fault or among) for seed in range(first, first + asked.runs)]
    failed = asyncio.run(_run(scenarios, asked.at_once, asked.nodes, asked.record))
    _say(f"{asked.runs} runs from seed {first}: {f'failed: {failed}' if failed else 'all equal'}")
    sys.exit(bool(failed))


async def _run(scenarios: Sequence[Scenario], lanes: int, nodes: int, record: Path) -> list[int]:
    """The seeds of the runs that failed."""
    waiting = deque(scenarios)
    failed = await asyncio.gather(*(_lane(waiting, nodes, record) for _ in range(lanes)))
    return sorted(chain(*failed))


async def _lane(waiting: deque[Scenario], nodes: int, record: Path) -> list[int]:
    """One after the other, until none waits."""
    failed = []
    while waiting:
        async with EmbeddedBroker(nodes=nodes) as broker:
            for _ in range(SHARED):
                if not waiting:
                    break
                outcome = await _play(broker, waiting.popleft())
                _keep(outcome, record)
                if outcome.failure:
                    failed.append(outcome.scenario.seed)
    return failed


async def _play(broker: EmbeddedBroker, scenario: Scenario) -> Outcome:
    _say(str(scenario))
    name = f"  {scenario.seed}:"
    with tempfile.TemporaryDirectory(prefix="faults-") as directory:
        outcome = await play(broker, scenario, Path(directory), lambda text: _say(f"{name} {text}"))
    missed = f", without effect: {', '.join(outcome.missed)}" if outcome.missed else ""
    _say(f"{name} {outcome.compared} in {outcome.seconds:.0f} s{missed}: {outcome.failure or 'equal'}")
    return outcome


def _keep(outcome: Outcome, record: Path) -> None:
    new = not record.exists()
    with record.open("a") as file:
        if new:
            file.write("\t".join(COLUMNS) + "\n")
        file.write(outcome.line(datetime.now(UTC)) + "\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
