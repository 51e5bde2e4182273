"""`worker`: the processor, one process or several, kept running."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Annotated

import structlog
import typer

from streams import child, logs
from streams.asked import Asked
from streams.cli.options import Broker, Config, product_of, settings_of
from streams.cli.output import note
from streams.cli.product import Product
from streams.errors import MetricLandError
from streams.kafka.reach import reach
from streams.settings import Settings
from streams.supervisor import PAUSES, Supervisor

LAST_PORT = 65_535

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
    """Run the processor, and start again what fails, until Ctrl-C or SIGTERM.

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
    asyncio.run(supervise(product.module, settings))


def work(product: Product, number: int) -> None:
    """In a process of the worker."""
    from streams.worker import run  # Faust, which no other command needs

    settings = child.begin(product.settings)
    check_ports(settings.web.host, settings.web.port)
    if settings.processes > 1:
        structlog.contextvars.bind_contextvars(process=number)
    run(product.catalogue_of(settings), settings)


async def supervise(module: str, settings: Settings) -> None:
    await reach(settings.bootstrap)
    asked = Asked()
    asked.by_signals()
    await supervisor_of(module, settings).run(asked)


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

    return Supervisor(start, settings.processes, pauses=pauses)


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
