"""`simulate`: events that look like the product's own, into a file or into Kafka."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Annotated, Protocol

import typer

from streams import moments
from streams.cli.options import Broker, Config, product_of, settings_of
from streams.cli.output import note
from streams.cli.product import Product
from streams.cli.progress import Advance, progress
from streams.cli.publish import sent
from streams.cli.waiting import PARTING
from streams.errors import BrokerAway, MetricLandError
from streams.settings import Settings
from streams.settings.values import duration

Record = tuple[str, str, bytes]
"Domain, subject, value."
Incident = tuple[datetime, timedelta]

FROM = datetime(2026, 11, 2, tzinfo=UTC)
"A Monday. Not now: the same seed gives the same events."
WEEK = timedelta(days=7)
LIVE_RATE = 5.0
LEAD = timedelta(hours=1)
"Of simulated time before it is live, so that not everything only begins."
TICK = 0.05
HASTE = 2.0
"A simulated moment may have more than the mean, and be published as fast."
CHUNK = 5_000
USUAL_INCIDENT = "3h"


class Simulation(Protocol):
    """What a product's simulator makes of `seed`, `start`, and perhaps others of its arguments.

    These are `rate`, `tickets`, `morning`, and `incident`: when it begins, and for how long.
    """

    def until(self, end: datetime | None = None) -> Iterator[Record]: ...

    def go_live(self, rate: float, at: datetime) -> None: ...


Rate = Annotated[
    float | None,
    typer.Option(
        metavar="R",
        min=0.001,
        max=10_000,
        help=f"Events a second: on average over a week, live as of a morning (default: live {LIVE_RATE:g}).",
    ),
]
Tickets = Annotated[int | None, typer.Option(metavar="N", min=1, help="End when so many are done with.")]
Seed = Annotated[int, typer.Option(metavar="S", help="The same seed gives the same events.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help=f"Default: {FROM:%Y-%m-%d}, a Monday.")
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Default: in a week, or all of N tickets.")]
When = Annotated[
    str | None,
    typer.Option(
        "--incident",
        metavar="WHEN[/SPAN]",
        help="Something breaks: from a time or, as +10m, so long after the start; for 3h unless said.",
    ),
]
To = Annotated[
    typer.FileBinaryWrite | None, typer.Option(metavar="FILE", help="JSON lines; - for output. Else Kafka.")
]


def simulate(
    context: typer.Context,
    rate: Rate = None,
    tickets: Tickets = None,
    seed: Seed = 1,
    from_: From = None,
    until: Until = None,
    incident: When = None,
    to: To = None,
    config: Config = None,
    broker: Broker = None,
) -> None:
    """Simulate a support organisation: live into Kafka, or as fast as possible where an end is given.

    \b
    metricland simulate --rate 20                             live, until Ctrl-C
    metricland simulate --to week.jsonl                       a week, into a file
    metricland simulate --tickets 500 --to - | metricland report -
    metricland simulate --until 2026-11-16T00:00:00Z          the week before, into Kafka
    metricland simulate --incident +57h/4h --to week.jsonl    with a bad Wednesday, from nine to one
    """
    settings = settings_of(context, config, {"broker": broker})
    product = product_of(context)
    if to is None and tickets is None and from_ is None and until is None:
        _live(product, settings, rate or LIVE_RATE, seed, incident)
        return
    start, end = _span(tickets, _moment(from_, "--from"), _moment(until, "--until"))
    records = simulation_of(
        product, seed=seed, start=start, rate=rate, incident=incident_of(incident, start), tickets=tickets
    ).until(end)
    if to is None:
        with progress("publishing") as advance:
            written = asyncio.run(publish(settings, records, progress=advance))
        note(f"{written:,} events published to {settings.broker}")
    else:
        with progress("simulating") as advance:
            written = _write(to, records, advance)
        note(f"{written:,} events")


def simulation_of(
    product: Product,
    *,
    seed: int,
    start: datetime,
    rate: float | None = None,
    incident: Incident | None = None,
    **more: object,
) -> Simulation:
    if product.simulator is None:
        raise MetricLandError("There is nothing to simulate with.")
    asked = {"rate": rate, "incident": incident}
    given = {name: value for name, value in asked.items() if value is not None}
    simulation: Simulation = product.simulator(seed=seed, start=start, **given, **more)
    return simulation


def incident_of(text: str | None, start: datetime) -> Incident | None:
    """What `--incident` says of a simulation that begins, or is live, at `start`."""
    if text is None:
        return None
    when, _, span = text.partition("/")
    try:
        length = _span_of(span or USUAL_INCIDENT)
        begin = start + _span_of(when[1:]) if when.startswith("+") else _time(when)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: {error}", param_hint="--incident") from None
    return begin, length


async def publish(
    settings: Settings,
    records: Iterator[Record],
    *,
    rate: float | None = None,
    progress: Advance = lambda more: None,
    endless: bool = False,
) -> int:
    """What was written. Kafka is waited for; if it is `endless`, for as long as it takes."""
    prefix = settings.topics.prefix
    placed = ((prefix + domain, subject.encode(), value) for domain, subject, value in records)
    return await sent(settings, placed, rate=rate, progress=progress, endless=endless)


def happening(simulation: Simulation, clock: Callable[[], datetime], stop: Event) -> Iterator[Record]:
    """Events as the clock comes to them. It blocks in between: not for an event loop of others."""
    while not stop.is_set():
        yield from simulation.until(clock())
        stop.wait(TICK)


def _span(
    tickets: int | None, start: datetime | None, end: datetime | None
) -> tuple[datetime, datetime | None]:
    start = start or (FROM if end is None else end - WEEK)
    if end is not None and end <= start:
        raise typer.BadParameter("not after --from", param_hint="--until")
    if end is None and tickets is None:
        end = start + WEEK
    return start, end


def _live(product: Product, settings: Settings, rate: float, seed: int, incident: str | None) -> None:
    now, stop = _now(), Event()
    simulation = simulation_of(
        product, seed=seed, start=now - LEAD, incident=incident_of(incident, now), morning=now
    )
    simulation.go_live(rate, now)
    with progress("publishing") as advance, ThreadPoolExecutor(1) as thread:
        publishing = thread.submit(asyncio.run, _publish_live(settings, simulation, rate, stop, advance))
        try:
            written = publishing.result()
        except KeyboardInterrupt:
            stop.set()
            written = publishing.result()
    note(f"{written:,} events published to {settings.broker}")


async def _publish_live(
    settings: Settings, simulation: Simulation, rate: float, stop: Event, advance: Advance
) -> int:
    async def all_of_it() -> int:
        lead = await publish(settings, simulation.until(_now()), progress=advance, endless=True)
        events = happening(simulation, _now, stop)
        return lead + await publish(settings, events, rate=rate * HASTE, progress=advance, endless=True)

    publishing = asyncio.create_task(all_of_it())
    while not publishing.done():
        await asyncio.wait([publishing], timeout=PARTING)
        if stop.is_set() and not publishing.done():  # Kafka is away
            await asyncio.wait([publishing], timeout=PARTING)
            publishing.cancel()
            await asyncio.wait([publishing], timeout=PARTING)
            raise BrokerAway(f"stopped while waiting for Kafka at {settings.bootstrap}")
    return publishing.result()


def _write(to: typer.FileBinaryWrite, records: Iterator[Record], advance: Advance) -> int:
    written = 0
    for _, _, value in records:
        to.write(value + b"\n")
        written += 1
        if written % CHUNK == 0:
            advance(CHUNK)
    return written


def _now() -> datetime:
    return datetime.now(UTC)


def _moment(text: str | None, option: str) -> datetime | None:
    try:
        return None if text is None else _time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _time(text: str) -> datetime:
    return moments.to_datetime(moments.parse(text))


def _span_of(text: str) -> timedelta:
    span = timedelta(seconds=duration(text))
    if not span:
        raise ValueError("not a span of time")
    return span
