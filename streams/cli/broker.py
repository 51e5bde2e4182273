"""`metricland broker`: the embedded Kafka alone."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from streams.cli.output import note
from streams.kafka.broker import EmbeddedBroker
from streams.kafka.jars import KAFKA_VERSION

PORT = 9092


def broker(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where on 127.0.0.1 it listens; 0 for any free port.")
    ] = PORT,
    data_dir: Annotated[
        Path | None, typer.Option(file_okay=False, help="Keeps the data here, else it is thrown away.")
    ] = None,
) -> None:
    """Start Apache Kafka, on this machine only, until Ctrl-C.

    \b
    metricland broker                          on port 9092, data thrown away
    metricland broker --data-dir kafka-data    data kept
    """
    asyncio.run(_run(EmbeddedBroker(port=port, data_dir=data_dir, progress=note), data_dir))


async def _run(embedded: EmbeddedBroker, data_dir: Path | None) -> None:
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    serving = asyncio.create_task(_serve(embedded, data_dir))
    stopping = asyncio.create_task(asked_to_stop.wait())
    try:
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()  # it only ever ends with an error
    finally:
        await _cancel(serving, stopping)


async def _serve(embedded: EmbeddedBroker, data_dir: Path | None) -> None:
    async with embedded:
        typer.echo(f"Apache Kafka {KAFKA_VERSION} listens on kafka://{embedded.bootstrap}")
        typer.echo(f"Data: {data_dir or 'thrown away at the end, --data-dir keeps it'}. Ctrl-C stops it.")
        await embedded.crashed()


async def _cancel(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
