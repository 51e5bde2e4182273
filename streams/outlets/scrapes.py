"""Scrapes: what is to be shown is taken at once, and told in a thread, so that events go on meanwhile."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

Tell = Callable[[], Iterable[Metric]]


class Takes(Protocol):
    def take(self) -> Tell:
        """Take what is there; what comes of it looks at nothing else that changes."""


class Scrapes:
    """One after the other: `many` are told in a thread, `few` where they are."""

    def __init__(self, many: Sequence[Takes], few: CollectorRegistry) -> None:
        self._many = many
        self._few = few
        self._alone = asyncio.Lock()

    async def page(self, before: Callable[[], None]) -> bytes:
        """What Prometheus reads; `before` readies what is taken."""
        async with self._alone:
            before()
            tells = [each.take() for each in self._many]
            few = list(self._few.collect())
            return await asyncio.to_thread(generate_latest, _Told([*tells, lambda: few]))


class _Told(CollectorRegistry):
    """As `generate_latest` wants it."""

    def __init__(self, tells: Sequence[Tell]) -> None:
        super().__init__(auto_describe=False)
        self._tells = tells

    def collect(self) -> Iterator[Metric]:
        for tell in self._tells:
            yield from tell()
