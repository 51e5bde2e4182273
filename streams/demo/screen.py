"""Shows the state of the demo for as long as it lasts: a table that moves on a terminal, lines elsewhere."""

import asyncio
import logging
import sys
import time

from rich.console import Console, RenderableType
from rich.live import Live

from streams import logs
from streams.cli.output import tell
from streams.demo.state import State
from streams.settings import Settings

REFRESH = 0.25
PAUSE = 5.0
"Seconds between lines."


def _log(settings: Settings) -> None:
    """The clients tell of each attempt that fails, and a cluster that has just begun fails some."""
    logs.configure(settings)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


async def show(state: State, settings: Settings) -> None:
    """For ever. What is logged meanwhile appears above the table."""
    console = Console(highlight=False)
    if console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            _log(settings)
            try:
                while True:
                    live.update(_rendered(state, console.width), refresh=True)
                    await asyncio.sleep(REFRESH)
            finally:
                live.update(_rendered(state, console.width), refresh=True)
    _log(settings)
    while True:
        await asyncio.sleep(PAUSE)
        tell(f"{state.phase}: {state.counts}; {state.fresh}; {state.board.line()}")
        sys.stdout.flush()


def _rendered(state: State, width: int) -> RenderableType:
    head, foot = state.phase.capitalize(), f"{state.counts}\n{state.fresh}"
    return state.board.render(time.monotonic(), width, head, foot, moves=state.freshness.caught_up)
