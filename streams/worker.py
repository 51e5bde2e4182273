"""One process of the processor: topics, Faust app, web, until it is told to stop."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faust
import structlog
import uvloop

from streams import logs
from streams.app import App
from streams.catalogue import Catalogue
from streams.crash import REFUSES, UNAVAILABLE, crash
from streams.errors import BrokerAway
from streams.kafka.conf import check_effective
from streams.kafka.shared_key import shared_key
from streams.kafka.steps import At, pass_by
from streams.kafka.topics import Plan as TopicsPlan
from streams.kafka.topics import apply, describe, plan
from streams.kafka.watch import wall_clock
from streams.outlets import web
from streams.settings import Settings
from streams.state.plan import Plan
from streams.state.refusals import Bounds
from streams.state.screening import Limits
from streams.topics import KEYS, specs
from streams.windows.panes import KINDS, PUBLISHED

if TYPE_CHECKING:
    from streams.state.disk import Disk

log = structlog.get_logger()

MISSING_EXTRA = "State in RocksDB (setting state.store) needs its extra: pip install 'metricland[rocksdb]'."


class Worker(faust.Worker):
    """Faust's worker: signals, the loop's end; logging is ours."""

    def _setup_logging(self) -> None:
        self.spinner = None


def plan_of(
    catalogue: Catalogue, settings: Settings, topic_ids: Mapping[str, str], signing_key: bytes
) -> Plan:
    events, retention = settings.events, settings.pane_retention()
    catalogue = settings.adjusted(catalogue)
    return Plan(
        catalogue=catalogue,
        version=catalogue.version(settings.defining()),
        partitions=settings.topics.partitions,
        application=settings.application,
        prefix=settings.topics.prefix,
        calendar=settings.calendar(),
        retention=retention,
        limits=Limits(
            in_future=int(events.in_future * 1e6),
            disorder=int(events.disorder * 1e6),
            horizon=events.horizon,
            remembered=max(2 * events.horizon, retention.longest * 1_000_000),
            kept=events.kept,
            largest_entity=events.largest_entity,
            largest=events.largest,
        ),
        refusals=Bounds(settings.dead_letters.run, settings.dead_letters.share),
        admitted=settings.dimensions.admitted,
        pseudonyms=settings.pseudonyms(),
        hidden=frozenset(settings.dimensions.hidden),
        published=KINDS if settings.metrics.publish_minutes else PUBLISHED,
        signing_key=signing_key,
        topic_ids=topic_ids,
    )


async def _prepare_topics(catalogue: Catalogue, settings: Settings) -> dict[str, str]:
    """Make what is missing, where that is wanted; the ids of all topics.

    Ends the process where what is there loses data. What else differs is for a person to decide.
    """
    wanted = specs(catalogue, settings)
    found = await plan(settings.bootstrap, wanted)
    if (why := unsafe(found)) is not None:
        crash(f"Kafka at {settings.bootstrap}: {why}", code=REFUSES)
    if found.harmless:
        log.warning("topics differ from what `metricland topics plan` wants", differ=_listed(found.harmless))
    if found.missing and not settings.topics.create:
        names = ", ".join(spec.name for spec in found.missing)
        crash(f"Kafka at {settings.bootstrap} lacks {names}: run `metricland topics apply`", code=REFUSES)
    await apply(settings.bootstrap, found.missing)
    topics = await describe(settings.bootstrap, [spec.name for spec in wanted])
    return {name: str(topic.topic_id) for name, topic in topics.items()}


async def _signing_key(settings: Settings) -> bytes:
    """What is set, of any length, or what workers share."""
    if settings.signing_key is not None:
        return sha256(settings.signing_key.get_secret_value().encode()).digest()
    return await shared_key(settings.bootstrap, settings.topics.prefix + KEYS)


def unsafe(found: TopicsPlan) -> str | None:
    """Why nothing may be taken from these topics or written to them, and how to mend it."""
    why = [_listed(found.conflicts)] if found.conflicts else []
    if found.losing:
        why.append(
            f"{_listed(found.losing)}: data is lost with that. Mend it by `metricland topics apply`; what is "
            "lost already comes back by a rebuild under a new application name alone (METRICLAND_APPLICATION)"
        )
    return "; ".join(why) or None


def _listed(each: Iterable[object]) -> str:
    return "; ".join(map(str, each))


def tame_garbage_collector() -> None:
    """Rows are bytes or free of cycles: looking at them again and again would find nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000_000, 20, 1000)


def disk_of(settings: Settings) -> "Disk | None":
    """Where rows are at rest, unless it is in memory."""
    if settings.state.store == "memory":
        return None
    try:
        from streams.state.disk import Disk
    except ImportError:
        crash(MISSING_EXTRA, code=REFUSES)
    try:
        return Disk(Path(settings.state.path), settings.state.cache)
    except OSError as error:
        crash(f"State can't be kept in {settings.state.path!r} (setting state.path): {error}", code=REFUSES)


def run(
    catalogue: Catalogue, settings: Settings, now: Callable[[], int] = wall_clock, at: At = pass_by
) -> None:
    """Run until SIGTERM or Ctrl-C; exits the process."""
    logs.configure(settings)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        topic_ids = loop.run_until_complete(_prepare_topics(catalogue, settings))
        signing_key = loop.run_until_complete(_signing_key(settings))
    except BrokerAway as error:
        crash(str(error), code=UNAVAILABLE)
    disk = disk_of(settings)
    app = App(plan_of(catalogue, settings, topic_ids, signing_key), settings, now, at, disk)
    web.serve(app)
    app.finalize()
    check_effective(app.conf, settings)
    tame_garbage_collector()
    worker: Any = Worker(app, loop=loop, quiet=True, redirect_stdouts=False)
    try:
        worker.execute_from_commandline()
    finally:
        if disk is not None:
            disk.close()
