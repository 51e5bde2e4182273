"""Whether the stream equals the batch: over the same events, when all is said and done."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streams import moments
from streams.batch import Batch
from streams.catalogue import Catalogue
from streams.demo.reading import Figures
from streams.equality import differences
from streams.settings import Settings
from streams.windows.levels import Level

SETTLED = 5.0
"Seconds without a new figure after which one that differs counts as different."

LOOK = 0.25


@dataclass(frozen=True)
class Verdict:
    compared: int
    different: tuple[str, ...]
    "The keys of figures."


async def compare(
    catalogue: Catalogue, settings: Settings, events: Sequence[bytes], figures: Figures
) -> Verdict:
    """`figures` may still be coming in."""
    batch, latest = await asyncio.to_thread(_batch, catalogue, settings, events)
    levels = frozenset(metric.name for metric in catalogue.metrics if isinstance(metric.kind, Level))
    read, since = -1, 0.0
    while different := differences(batch, _until(latest, levels, figures.decoded())):
        if figures.read != read:
            read, since = figures.read, time.monotonic()
        elif time.monotonic() - since > SETTLED:
            break
        await asyncio.sleep(LOOK)
    return Verdict(len(batch), tuple(different))


def _batch(
    catalogue: Catalogue, settings: Settings, events: Sequence[bytes]
) -> tuple[dict[str, dict[str, Any]], int]:
    """The figures, and the time that they are of."""
    batch = Batch(
        settings.adjusted(catalogue),
        settings.calendar(),
        settings.pane_retention(),
        horizon=settings.events.horizon,
    )
    batch.take(events)
    return batch.figures(), batch.latest or 0


def _until(latest: int, levels: frozenset[str], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Without levels of panes that have ended since: time has gone on while there were no more events."""
    return {
        key: figure
        for key, figure in figures.items()
        if figure["metric"] not in levels or moments.parse(figure["window"]["end"]) <= latest
    }
