"""Runs of faults mixed at random: what happens follows from a seed, when exactly is up to the machine."""

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from streams.kafka.broker import EmbeddedBroker
from streams.worker import wall_clock
from tests.faults.faults import FAULTS, OF_CLUSTERS, SKEW, TIMEOUT, Stage
from tests.faults.feed import ORDERS, ordered
from tests.faults.harness import Deployment

COLUMNS = (
    "date",
    "seed",
    "nodes",
    "workers",
    "order",
    "faults",
    "ends",
    "events",
    "figures",
    "differences",
    "seconds",
)


@dataclass(frozen=True)
class Scenario:
    """What a run does."""

    seed: int
    workers: int
    order: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return f"seed {self.seed}: {self.workers} workers, {self.order}, {', '.join(self.faults)}"


@dataclass(frozen=True)
class Outcome:
    scenario: Scenario
    nodes: int
    ends: int
    "Processes of workers that ended."
    events: int
    figures: int
    failure: str
    seconds: float

    def line(self, date: datetime) -> str:
        scenario = self.scenario
        values = (
            date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            scenario.seed,
            self.nodes,
            scenario.workers,
            scenario.order,
            "+".join(scenario.faults),
            self.ends,
            self.events,
            self.figures,
            self.failure.partition("\n")[0] or 0,
            round(self.seconds),
        )
        return "\t".join(map(str, values))


def scenario_of(seed: int, among: Sequence[str] = tuple(FAULTS)) -> Scenario:
    chance = random.Random(f"scenario {seed}")
    faults = tuple(chance.choice(among) for _ in range(chance.randint(2, 4)))
    return Scenario(seed, chance.randint(1, 3), chance.choice(ORDERS), faults)


async def play(
    broker: EmbeddedBroker, scenario: Scenario, directory: Path, say: Callable[[str], None] = print
) -> Outcome:
    """A failure is part of the outcome."""
    started, figures, failure = monotonic(), 0, ""
    events = ordered(scenario.seed, scenario.order)
    nodes = len(broker.pids)
    settings = {
        "topics.replication": nodes,
        "checkpoint.timeout": TIMEOUT,
        "checkpoint.transaction_timeout": 2 * TIMEOUT,
    }
    async with Deployment(broker.bootstrap, directory=directory, **settings) as deployment:
        stage = Stage(deployment, broker, random.Random(f"run {scenario.seed}"), events)
        try:
            figures = await _play(stage, scenario)
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told with its seed
            failure = f"{type(error).__name__}: {error}"
            say("".join(traceback.format_exception(error)))
        for worker in deployment.workers:
            for reason in worker.reasons:
                say(f"  a worker ended: {reason}")
    ends = sum(len(worker.exits) for worker in deployment.workers)
    return Outcome(scenario, nodes, ends, len(events), figures, failure, monotonic() - started)


async def _play(stage: Stage, scenario: Scenario) -> int:
    deployment = stage.deployment
    for _ in range(scenario.workers):
        await deployment.start(rigged=True, ready=False)
    async with deployment.feeding(stage.events, seconds=8):
        for name in scenario.faults:
            await deployment.progress(stage.chance.uniform(0, 1.5))
            await (FAULTS | OF_CLUSTERS)[name](stage)
        for worker in deployment.workers:
            worker.calm()
    await deployment.settled()
    deployment.check(stage.events, at=wall_clock() + int(SKEW * 1e6))
    deployment.check_letters()
    return deployment.compared
