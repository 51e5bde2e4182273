"""Recovery: fence the number, read back what its last owner wrote, go on where it stopped."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from faust.tables.manager import TableManager as FaustTableManager
from faust.tables.recovery import Recovery as FaustRecovery
from mode import Service

from streams.crash import crash
from streams.errors import BrokerError

log = structlog.get_logger()

PAGE = 2 << 20
"""Bytes that a read of the state brings at most, of all partitions together. A client that decodes them holds
them several times over, and what it lets go lies between the rows that stay: larger reads are no faster, and
leave the worker larger by a fifth."""

RECORDS = 2000
"Rows that are taken at once."


class Recovery(FaustRecovery):
    """Faust tells it of an assignment; it has the app open the partitions, then lets the inputs go."""

    opening: asyncio.Future[None] | None = None

    def on_partitions_revoked(self, revoked: Any) -> None:
        """The first step of a revoke and of a stop."""
        if self.opening is not None:
            self.opening.cancel()

    @Service.task
    async def _restart_recovery(self) -> None:
        app = self.app
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start):
                return
            self.signal_recovery_start.clear()
            rebalance, started = app.rebalancing_count, time.monotonic()
            self._set_recovery_started()
            if not await self._open() or rebalance != app.rebalancing_count:
                continue  # revoked meanwhile: the next assignment follows
            await app.on_rebalance_complete.send()
            if rebalance != app.rebalancing_count:
                continue
            await self._let_go()
            log.info(
                "ready",
                partitions=sorted(app.owners),
                rows={table.name: len(table) for table in self.tables.values()},
                seconds=round(time.monotonic() - started, 3),
            )

    async def _open(self) -> bool:
        self.opening = asyncio.ensure_future(self.app.open_partitions())
        await asyncio.wait([self.opening])
        if self.opening.cancelled():
            return False
        if (error := self.opening.exception()) is not None:
            late = "Kafka did not answer in time (setting checkpoint.timeout)"
            crash(
                f"Opening the partitions failed: {late if isinstance(error, TimeoutError) else repr(error)}",
                code=self.app.exit_code(),
            )
        self.opening = None
        return True

    async def _let_go(self) -> None:
        app = self.app
        self._set_recovery_ended()
        inputs = {tp for tp in app.consumer.assignment() if tp.topic not in self.tables.changelog_topics}
        app.consumer.resume_partitions(inputs)
        # A late write of the former assignment would make Faust drop messages as already seen.
        app.consumer._read_offset.clear()
        self.completed.set()
        app.flow_control.resume()
        app.consumer.resume_flow()
        await app._fetcher.maybe_start()
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()
        app.start_owners()

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Changelogs are read when partitions are opened."""

    @Service.task
    async def _publish_stats(self) -> None:
        """Nothing is recovered here that could be told of."""


class TableManager(FaustTableManager):
    @property
    def recovery(self) -> Recovery:
        if self._recovery is None:
            self._recovery: Recovery | None = Recovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery


Take = Callable[[dict[str, bytes | None]], None]
"What takes the next rows of a changelog: the last of each key, None for a deletion."


async def read_state(bootstrap: str, takers: Mapping[TopicPartition, Take], patience: float) -> None:
    """Read changelogs up to the end of what is committed.

    Raises BrokerError where nothing comes for `patience` seconds.
    """
    reader = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=PAGE,
        fetch_max_bytes=PAGE,
        max_poll_records=RECORDS,
    )
    await reader.start()
    try:
        reader.assign(list(takers))
        for tp, first in (await reader.beginning_offsets(list(takers))).items():
            reader.seek(tp, first)
        await _read_to_end(reader, takers, patience)
    except OffsetOutOfRangeError as error:
        raise BrokerError(f"A changelog was cut off while it was read: {error}") from error
    finally:
        await reader.stop()


async def _read_to_end(
    reader: AIOKafkaConsumer, takers: Mapping[TopicPartition, Take], patience: float
) -> None:
    todo: dict[TopicPartition, int] = await reader.end_offsets(list(takers))
    last = time.monotonic()
    while todo := {tp: end for tp, end in todo.items() if await reader.position(tp) < end}:
        for tp, records in (await reader.getmany(*todo, timeout_ms=200)).items():
            takers[tp]({record.key.decode(): record.value for record in records})
            last = time.monotonic()
        if time.monotonic() - last > patience:
            raise BrokerError(f"No state could be read for {patience} s: {todo}")
