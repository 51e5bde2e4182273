"""`demo`: all of it in one go, on nothing but Python."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from streams.asked import Asked
from streams.cli.options import product_of
from streams.cli.output import note, tell
from streams.cli.simulate import LIVE_RATE, When, incident_of
from streams.cli.worker import check_ports
from streams.demo.board import figure_text, overall, rests_on
from streams.demo.session import Session
from streams.demo.state import State
from streams.demo.verdict import Verdict
from streams.kafka.jars import kafka_classpath
from streams.settings import Settings

PORT = 6066
SHOWN = 10
"Differences."

WHERE = """
Figures   http://{web}/metrics
Health    http://{web}/health/ready
Kafka     metricland tail metrics --broker {broker}

Ctrl-C stops it all; the data is thrown away.
"""

Seconds = Annotated[
    float | None, typer.Option(metavar="N", min=1.0, help="End after so long, with a summary.")
]
Rate = Annotated[float, typer.Option(metavar="R", min=0.1, max=10_000.0, help="Live events a second.")]
Port = Annotated[int, typer.Option(metavar="P", min=1, max=65_535, help="Of /metrics and /health.")]


def demo(
    context: typer.Context,
    seconds: Seconds = None,
    rate: Rate = LIVE_RATE,
    port: Port = PORT,
    incident: When = None,
) -> None:
    """Try it: Kafka, a worker, a simulated stream and its figures, on nothing but Python.

    \b
    metricland demo                            until Ctrl-C
    metricland demo --seconds 60 --rate 100    with a summary at the end
    metricland demo --incident +1m/30m         where everything is fine for a minute
    """
    incident_of(incident, datetime.now(UTC))  # wrong, it is told before anything begins
    check_ports("127.0.0.1", port)
    try:
        kafka_classpath(note)  # fetched the first time; before all else, so that a Ctrl-C ends it at once
        session = Session(product_of(context), rate, port, seconds, incident)
        verdict = asyncio.run(_until_asked(session))
    except KeyboardInterrupt:
        return
    if verdict is not None:
        _summarise(session.state, verdict)
        raise typer.Exit(1 if verdict.different else 0)


async def _until_asked(session: Session) -> Verdict | None:
    """None where somebody wanted an end before there was one."""
    asked = Asked()
    asked.by_signals()
    return await session.run(asked, _tell_where)


def _tell_where(settings: Settings) -> None:
    web = f"{settings.web.host}:{settings.web.port}"
    tell(WHERE.format(web=web, broker=settings.broker))
    sys.stdout.flush()


def _summarise(state: State, verdict: Verdict) -> None:
    tell("")
    for line in (state.counts, state.fresh):
        tell(line[0].upper() + line[1:])
    for metric in state.board.metrics:
        if figure := overall(state.board.totals, metric):
            behind = rests_on(figure, metric)
            of = f" of {behind}" if behind else ""
            tell(f"{metric.title}: {figure_text(figure, metric)}{of}")
    if not verdict.different:
        tell(f"The stream equals the batch: {verdict.compared:,} figures, no difference")
        return
    tell(f"The stream differs from the batch in {len(verdict.different):,} of {verdict.compared:,} figures:")
    for key in verdict.different[:SHOWN]:
        tell(f"  {key}")
