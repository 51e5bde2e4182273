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
    batch = Batch(
        settings.adjusted(catalogue),
        settings.calendar(),
        settings.pane_retention(),
        horizon=settings.events.horizon,
    )
    await asyncio.to_thread(batch.take, events)
    levels = frozenset(metric.name for metric in catalogue.metrics if isinstance(metric.kind, Level))
    expected: dict[str, Any] = {}
    known: set[str] = set()
    read, since = -1, 0.0
    while True:
        told = _until(batch.latest or 0, levels, figures.decoded())
        if not expected or told.keys() - expected.keys() - known:
            known.update(told)
            found = await asyncio.to_thread(batch.figures, None, known)
            expected = _until(batch.latest or 0, levels, found)
        different = differences(expected, told, levels)
        if figures.read != read:
            read, since = figures.read, time.monotonic()
        if not different or time.monotonic() - since > SETTLED:
            return Verdict(len(expected), tuple(different))
        await asyncio.sleep(LOOK)


def _until(latest: int, levels: frozenset[str], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Without levels of panes that run or have ended since: time has gone on while there were no events."""
    return {
        key: figure
        for key, figure in figures.items()
        if figure["metric"] not in levels or moments.parse(figure["window"]["end"]) <= latest
    }
