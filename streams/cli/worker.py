"""`worker`: the processor, one process or several, kept running."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Annotated

import structlog
import typer

from streams import child, compiled, logs, moments
from streams.asked import Asked
from streams.cli.options import Broker, Config, product_of, settings_of
from streams.cli.output import note
from streams.cli.product import Product
from streams.crash import FATAL, UNAVAILABLE, crash
from streams.errors import BrokerAway, MetricLandError
from streams.kafka.watch import News, Outage, Watch, sentence
from streams.outlets.substitute import Substitutes
from streams.settings import Settings
from streams.supervisor import PAUSES, Supervisor
from streams.version import version

LAST_PORT = 65_535

log = structlog.get_logger()

Port = Annotated[
    int | None,
    typer.Option(metavar="P", help="/metrics and /health of the first process, the next ones take the next."),
]
Processes = Annotated[int | None, typer.Option(metavar="N", help="One core each.")]
Number = Annotated[int | None, typer.Option("--process", hidden=True)]


def worker(
    context: typer.Context,
    config: Config = None,
    broker: Broker = None,
    port: Port = None,
    processes: Processes = None,
    number: Number = None,
) -> None:
    """Run the processor, and start again what fails, until Ctrl-C or SIGTERM. Kafka is waited for.

    \b
    metricland worker --broker kafka://k:9092
    metricland worker --processes 4 --port 6066    on the ports 6066 to 6069
    """
    product = product_of(context)
    if number is not None:
        work(product, number)
        return
    options = {"broker": broker, "web.port": port, "processes": processes}
    settings = settings_of(context, config, options)
    check_ports(settings.web.host, settings.web.port, settings.processes)
    logs.configure(settings)
    log.info("worker starts", **described(product, settings))
    asyncio.run(supervise(product.module, settings))


def work(product: Product, number: int) -> None:
    """In a process of the worker."""
    from streams.worker import run  # Faust, which no other command needs

    settings = child.begin(product.settings)
    logs.configure(settings)
    if settings.processes > 1:
        structlog.contextvars.bind_contextvars(process=number)
    try:
        check_ports(settings.web.host, settings.web.port)
        run(product.catalogue_of(settings), settings)
    except MetricLandError as error:
        crash(str(error), code=UNAVAILABLE if isinstance(error, BrokerAway) else FATAL)


def described(product: Product, settings: Settings) -> dict[str, object]:
    """What a worker is, for its log."""
    first, count = settings.web.port, settings.processes
    return {
        "version": version(),
        "application": settings.application,
        "broker": settings.broker,
        "definitions": product.catalogue_of(settings).version(settings.defining()),
        "processes": count,
        "ports": f"{first}-{first + count - 1}" if count > 1 else str(first),
        "engine": "compiled" if compiled.active() else "pure Python",
    }


async def supervise(module: str, settings: Settings) -> None:
    asked = Asked()
    asked.by_signals()
    supervisor = supervisor_of(module, settings)
    try:
        await supervisor.run(asked)
    except MetricLandError as error:
        log.error("worker ends", reason=str(error))
        raise
    log.info("worker ends", reason=asked.by)


def supervisor_of(
    module: str,
    settings: Settings,
    heard: Callable[[str], None] = note,
    pauses: tuple[float, ...] = PAUSES,
) -> Supervisor:
    """Not yet running. `heard` gets what the processes say."""

    def start(number: int) -> child.Child:
        command, environment = child.module_command(module, "worker", "--process", str(number))
        return child.Child(command, of_process(settings, number), heard, environment)

    watch = Watch(settings.bootstrap, log_outage)
    desk = Substitutes(settings.web.host, settings.web.port)
    return Supervisor(start, settings.processes, watch, desk=desk, pauses=pauses)


def log_outage(news: News, outage: Outage) -> None:
    write = log.info if news is News.BACK else log.warning
    write(sentence(news, outage), since=moments.text(outage.since))


def of_process(settings: Settings, number: int) -> Settings:
    """Each process has a port of its own."""
    web = settings.web.model_copy(update={"port": settings.web.port + number})
    return settings.model_copy(update={"web": web})


def check_ports(host: str, first: int, count: int = 1) -> None:
    """Whether so many processes can listen: the web server itself would say it in fifty lines."""
    last = first + count - 1
    if last > LAST_PORT:
        raise MetricLandError(f"{count} processes as of port {first} need ports up to {last}")
    for port in range(first, last + 1):
        try:
            socket.create_server((host, port)).close()
        except OSError as error:
            told = f"Can't listen on port {port} of {host}: {os.strerror(error.errno or 0)}"
            raise MetricLandError(told) from None
