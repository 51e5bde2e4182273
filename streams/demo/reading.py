"""Reads what a worker has written: figures, dead letters, and how far it has come."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError, NotCoordinatorForGroupError

from streams import moments
from streams.demo.freshness import Freshness
from streams.demo.ledger import Ledger
from streams.errors import BrokerError
from streams.settings import Settings

PAUSE_MS = 200
LOOK = 0.25
"Seconds between looks at what is committed."

Figure = dict[str, Any]


@dataclass
class Figures:
    """The latest of each figure, as it came; the totals of the metrics shown are kept decoded."""

    shown: Iterable[str]
    watched: frozenset[str]
    "Those whose watermarks are of interest."
    freshness: Freshness
    clock: Callable[[], float]
    "Seconds since 1970."
    read: int = 0
    letters: int = 0
    latest: dict[bytes, bytes] = field(default_factory=dict)
    totals: dict[str, dict[str, dict[str, Figure]]] = field(init=False)
    "By metric, pane and start, of all dimensions together."

    def __post_init__(self) -> None:
        self.totals = {metric: defaultdict(dict) for metric in self.shown}
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode

    def take(self, key: bytes, value: bytes | None) -> None:
        self.read += 1
        if value is None:
            self.latest.pop(key, None)
            return
        self.latest[key] = value
        name, _, pane = key.decode().partition("||")
        if pane and (of_pane := self.totals.get(name)) is not None:
            kind, _, start = pane.partition("|")
            of_pane[kind][start] = figure = self._decode(value)["data"]
            if name in self.watched and figure["watermark"]:
                self.freshness.seen(moments.parse(figure["watermark"]) / moments.SECOND, self.clock())

    def decoded(self) -> dict[str, Figure]:
        """Every figure by its key."""
        return {key.decode(): self._decode(value)["data"] for key, value in self.latest.items()}


async def read_figures(settings: Settings, figures: Figures) -> None:
    """Take figures and count dead letters, those of committed transactions, for ever."""
    metrics, letters = (settings.topics.prefix + name for name in ("metrics", "dead-letters"))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    numbers = range(settings.topics.partitions)
    consumer.assign([TopicPartition(topic, number) for topic in (metrics, letters) for number in numbers])
    try:
        await consumer.start()
        while True:
            for place, records in (await consumer.getmany(timeout_ms=PAUSE_MS)).items():
                if place.topic == letters:
                    figures.letters += len(records)
                    continue
                for record in records:
                    figures.take(record.key, record.value)
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't read from Kafka at {settings.bootstrap}: {error}") from error
    finally:
        await consumer.stop()


async def read_progress(settings: Settings, ledger: Ledger) -> None:
    """See what the worker has committed, for ever."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap)
    try:
        await admin.start()
        while True:
            with suppress(GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError):
                await _look(admin, settings.application, ledger)
            await asyncio.sleep(LOOK)
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Can't read from Kafka at {settings.bootstrap}: {error}") from error
    finally:
        await admin.close()


async def _look(admin: AIOKafkaAdminClient, group: str, ledger: Ledger) -> None:
    """A new cluster has no coordinator before a group has asked for one."""
    if places := ledger.topics:
        found = await admin.list_consumer_group_offsets(group, partitions=places)
        ledger.committed({place: at.offset for place, at in found.items()})
