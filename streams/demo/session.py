"""The demo from the broker's start to its verdict."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from streams.asked import Asked
from streams.catalogue import Metric
from streams.cli.output import note
from streams.cli.product import Product
from streams.cli.simulate import incident_of, simulation_of
from streams.cli.worker import supervisor_of
from streams.demo.board import Board
from streams.demo.feed import Feed, producer_of
from streams.demo.freshness import Freshness
from streams.demo.ledger import Ledger
from streams.demo.reading import Figures, read_figures, read_progress
from streams.demo.screen import show
from streams.demo.state import State
from streams.demo.verdict import Verdict, compare
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.topics import apply
from streams.settings import Settings
from streams.topics import input_topic, specs

HISTORY = timedelta(days=7)
SEED = 1

PATIENCE = 60.0
"Seconds for what is left to be processed when the time is up."

LOOK = 0.25

T = TypeVar("T")


class Session:
    """A demo at a rate of events in a second; with `seconds` it comes to an end, and to a verdict."""

    def __init__(
        self, product: Product, rate: float, port: int, seconds: float | None, incident: str | None = None
    ) -> None:
        self._product = product
        self._settings = _settings(product, port)
        self._rate = rate
        self._seconds = seconds
        self._incident = incident
        self._kept: list[bytes] | None = None if seconds is None else []
        metrics = _headline(product)
        self._watched = metrics[0].family
        freshness = Freshness(self._settings.topics.partitions, self._settings.events.disorder)
        watched = frozenset(metric.name for metric in product.catalogue.of_family(self._watched))
        figures = Figures([metric.name for metric in metrics], watched, freshness, time.time)
        self.state = State(Board(metrics, figures.totals), figures, Ledger(), freshness)

    async def run(self, asked: Asked, told: Callable[[Settings], None]) -> Verdict | None:
        """Until the time is up, or an end is asked for. `told` gets the settings when it can be looked at."""
        async with EmbeddedBroker(progress=note) as broker:
            settings = self._settings.model_copy(update={"broker": f"kafka://{broker.bootstrap}"})
            await apply(settings.bootstrap, specs(self._product.catalogue, settings))
            told(settings)
            supervisor = supervisor_of(self._product.module, settings, lambda line: None)
            working = asyncio.create_task(supervisor.run(asked))
            try:
                return await _with(
                    self._play(settings),
                    asyncio.shield(working),
                    broker.crashed(),
                    read_figures(settings, self.state.figures),
                    read_progress(settings, self.state.ledger),
                    show(self.state, settings),
                    asked.wait(),
                )
            finally:
                if asked.times:
                    note("Stopping")
                else:
                    asked()
                await working

    async def _play(self, settings: Settings) -> Verdict | None:
        state = self.state
        async with producer_of(settings) as producer:
            feed = self._feed(settings, producer)
            state.phase = f"a week of history, then live at {self._rate:g} events a second"
            await feed.catch_up()
            state.phase = f"live at {self._rate:g} events a second"
            await feed.live(self._seconds)
        if self._kept is None:
            return None
        state.phase = "processing the rest"
        await self._processed()
        state.phase = "comparing with a batch over the same events"
        return await compare(self._product.catalogue, settings, self._kept, state.figures)

    def _feed(self, settings: Settings, producer: Any) -> Feed:
        now = _now()
        incident = incident_of(self._incident, now)
        simulation = simulation_of(
            self._product, seed=SEED, start=now - HISTORY, incident=incident, morning=now
        )
        simulation.go_live(self._rate, now)
        (domain,) = self._product.catalogue.sources(self._watched)
        return Feed(
            simulation,
            settings,
            producer,
            _now,
            self.state.ledger,
            self.state.freshness,
            input_topic(settings, domain),
            self._product.counted,
            self._kept,
        )

    async def _processed(self) -> None:
        for _ in range(int(PATIENCE / LOOK)):
            if self.state.ledger.settled:
                return
            await asyncio.sleep(LOOK)


async def _with(main: Coroutine[Any, Any, T], *others: Awaitable[Any]) -> T | None:
    """The outcome of `main`, unless another ends first: by an error, or because an end is asked for."""
    playing = asyncio.create_task(main)
    beside = [asyncio.ensure_future(other) for other in others]
    try:
        await asyncio.wait([playing, *beside], return_when=asyncio.FIRST_COMPLETED)
        if ended := [task for task in beside if task.done()]:
            ended[0].result()
            return None
        return playing.result()
    finally:
        for task in (playing, *beside):
            task.cancel()
        await asyncio.gather(playing, *beside, return_exceptions=True)


def _headline(product: Product) -> tuple[Metric, ...]:
    metrics = product.catalogue.metrics
    by_name = {metric.name: metric for metric in metrics}
    return tuple(by_name[name] for name in product.headline) or metrics


def _settings(product: Product, port: int) -> Settings:
    """The defaults, whatever is configured: this is nobody's cluster."""
    return product.settings.model_validate({"web": {"port": port}, "log": {"level": "warning"}})


def _now() -> datetime:
    return datetime.now(UTC)
