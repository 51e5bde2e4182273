"""Runs of faults mixed at random: what happens follows from a seed, when exactly is up to the machine."""

import asyncio
import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from streams.kafka.broker import EmbeddedBroker
from tests.faults.faults import FAULTS, LONG, OF_CLUSTERS, TIMEOUT, Stage
from tests.faults.feed import ORDERS, ordered
from tests.faults.harness import Deployment
from tests.faults.verdict import Compared

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
    "levels",
    "signals",
    "missed",
)

POLICIES = [
    {
        "name": "gold",
        "calendar": "shop",
        "when": {"tier": ["gold", "enterprise"]},
        "warn_at": ["50%", "10m"],
        "targets": {
            "urgent": {"first_response": "15m", "resolution": "3h", "agent_work": "2h"},
            "default": {"first_response": "1h", "next_response": "2h", "resolution": "6h"},
        },
    },
    {
        "name": "all",
        "pauses": {"resolution": ["held"]},
        "resolve_fulfils_replies": False,
        "targets": {
            "urgent": {"first_response": "30m", "resolution": "4h"},
            "default": {
                "first_response": "4h",
                "next_response": "5h",
                "periodic_update": "12h",
                "resolution": "8h",
                "total_resolution": "20h",
                "requester_wait": "10h",
            },
        },
    },
]
"""No deadline is more than a day away: those of all events have passed when they are fed."""

BEAT = 0.5

STARVED = TIMEOUT / 2
"""Seconds for which the harness itself got no processor: its workers give up then without any fault."""

PROMISES = {
    "definitions.calendars": {"shop": {"zone": "Europe/Berlin", "hours": {"mon-sun": ["08:00-20:00"]}}},
    "definitions.sla.policies": POLICIES,
}


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
    compared: Compared
    missed: tuple[str, ...]
    "Faults that found nothing to harm."
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
            self.compared.sums,
            self.failure.partition("\n")[0] or 0,
            round(self.seconds),
            self.compared.levels,
            self.compared.signals,
            "+".join(self.missed) or 0,
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
    started, failure = monotonic(), ""
    events = ordered(scenario.seed, scenario.order)
    nodes = len(broker.pids)
    settings = {
        "topics.replication": nodes,
        "checkpoint.timeout": TIMEOUT,
        "checkpoint.transaction_timeout": 2 * TIMEOUT,
        **PROMISES,
    }
    async with Deployment(broker.bootstrap, directory=directory, **settings) as deployment:
        stage = Stage(deployment, broker, random.Random(f"run {scenario.seed}"), events)
        run, pulse = Run(stage, scenario), Pulse()
        try:
            async with pulse:
                await run.play()
        except Exception as error:  # noqa: BLE001 - whatever it was, it is told with its seed
            failure = f"{type(error).__name__}: {error}"
            say("".join(traceback.format_exception(error)))
            if pulse.longest > STARVED:
                failure = f"starved for {pulse.longest:.0f} s, to be repeated: {failure}"
        for worker in deployment.workers:
            for reason in worker.reasons:
                say(f"a worker ended: {reason}")
    ends = sum(len(worker.exits) for worker in deployment.workers)
    missed, seconds = tuple(run.missed), monotonic() - started
    return Outcome(scenario, nodes, ends, len(events), run.compared, missed, failure, seconds)


class Pulse:
    """How long the processor was away."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._beat())

    async def __aexit__(self, *exception: object) -> None:
        self._task.cancel()

    async def _beat(self) -> None:
        while True:
            started = monotonic()
            await asyncio.sleep(BEAT)
            self.longest = max(self.longest, monotonic() - started - BEAT)


class Run:
    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self._stage = stage
        self._scenario = scenario
        self.missed: list[str] = []
        self.compared = Compared(0, 0, 0)

    async def play(self) -> None:
        stage, deployment = self._stage, self._stage.deployment
        for _ in range(self._scenario.workers):
            await deployment.start(rigged=True, ready=False)
        async with deployment.feeding(stage.events, seconds=8):
            for name in self._scenario.faults:
                await deployment.progress(stage.chance.uniform(0, 1.5))
                if not await (FAULTS | OF_CLUSTERS | LONG)[name](stage):
                    self.missed.append(name)
            for worker in deployment.workers:
                worker.calm()
        self.compared = await deployment.agreed(stage.events)
        deployment.check_letters()
        await deployment.accounted()
        assert len(self.missed) < len(self._scenario.faults), "no fault struck"
