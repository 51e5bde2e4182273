"""The demo from the broker's start to its verdict."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from streams.batch import Batch
from streams.catalogue import Metric
from streams.cli.output import note
from streams.cli.product import Product
from streams.cli.simulate import simulation_of
from streams.cli.worker import supervisor_of
from streams.demo.board import Board
from streams.demo.feed import Feed, producer_of
from streams.demo.freshness import Freshness
from streams.demo.ledger import Ledger
from streams.demo.reading import Figures, read_figures, read_progress
from streams.demo.screen import show
from streams.demo.state import State
from streams.equality import differences
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.topics import apply
from streams.settings import Settings
from streams.supervisor import Asked
from streams.topics import input_topic, specs

HISTORY = timedelta(days=7)
SEED = 1

PATIENCE = 60.0
"Seconds for what is left to be processed when the time is up."

SETTLED = 5.0
"Seconds without a new figure after which one that differs counts as different."

LOOK = 0.25


@dataclass(frozen=True)
class Verdict:
    compared: int
    different: tuple[str, ...]
    "The keys of figures."


class Session:
    """A demo at a rate of events in a second; with `seconds` it comes to an end, and to a verdict."""

    def __init__(self, product: Product, rate: float, port: int, seconds: float | None) -> None:
        self._product = product
        self._rate = rate
        self._port = port
        self._seconds = seconds
        self._kept: list[bytes] | None = None if seconds is None else []
        metrics = _headline(product)
        self._watched = metrics[0].family
        defaults = _settings("127.0.0.1:1", port)
        freshness = Freshness(defaults.topics.partitions, defaults.events.disorder)
        watched = frozenset(metric.name for metric in product.catalogue.of_family(self._watched))
        figures = Figures([metric.name for metric in metrics], watched, freshness, time.time)
        self.state = State(Board(metrics, figures.totals), figures, Ledger(), freshness)

    async def run(self, asked: Asked, told: Any) -> Verdict | None:
        """Until the time is up, or an end is asked for. `told` gets the settings when it can be looked at."""
        async with EmbeddedBroker(progress=note) as broker:
            settings = _settings(broker.bootstrap, self._port)
            await apply(settings.bootstrap, specs(self._product.catalogue, settings))
            told(settings)
            supervisor = supervisor_of(self._product.module, settings, lambda line: None)
            working = asyncio.create_task(supervisor.run(asked))
            try:
                return await _with(
                    self._play(settings),
                    working,
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
        return await self._compare(settings, self._kept)

    def _feed(self, settings: Settings, producer: Any) -> Feed:
        now = _now()
        simulation = simulation_of(self._product, seed=SEED, start=now - HISTORY, morning=now)
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

    async def _compare(self, settings: Settings, events: list[bytes]) -> Verdict:
        batch = await asyncio.to_thread(self._batch, settings, events)
        read, since = -1, 0.0
        while different := differences(batch, self.state.figures.decoded()):
            if self.state.figures.read != read:
                read, since = self.state.figures.read, time.monotonic()
            elif time.monotonic() - since > SETTLED:
                break
            await asyncio.sleep(LOOK)
        return Verdict(len(batch), tuple(different))

    def _batch(self, settings: Settings, events: list[bytes]) -> dict[str, dict[str, Any]]:
        catalogue = settings.adjusted(self._product.catalogue)
        batch = Batch(catalogue, settings.calendar(), settings.pane_retention())
        batch.take(events)
        return batch.figures()


async def _with(main: Coroutine[Any, Any, Any], *others: Any) -> Any:
    """The outcome of what ends first: of the others that is an error, or None where an end is asked for."""
    playing = asyncio.create_task(main)
    beside = [asyncio.ensure_future(other) for other in others]
    try:
        done, _ = await asyncio.wait([playing, *beside], return_when=asyncio.FIRST_COMPLETED)
        for task in (*beside, playing):
            if task in done:
                return task.result()
    finally:
        for task in (playing, *beside[1:]):
            task.cancel()
        await asyncio.gather(playing, *beside[1:], return_exceptions=True)


def _headline(product: Product) -> tuple[Metric, ...]:
    metrics = product.catalogue.metrics
    by_name = {metric.name: metric for metric in metrics}
    return tuple(by_name[name] for name in product.headline) or metrics


def _settings(bootstrap: str, port: int) -> Settings:
    """The defaults, whatever is configured: this is nobody's cluster."""
    return Settings.model_validate(
        {"broker": f"kafka://{bootstrap}", "web": {"port": port}, "log": {"level": "warning"}}
    )


def _now() -> datetime:
    return datetime.now(UTC)
