"""What several workers show beside each other, when partitions have gone from one to another."""

import asyncio

import pytest

from tests.faults.feed import recent
from tests.faults.harness import PARTITIONS, Deployment
from tests.faults.workers import PATIENCE, POLL, Worker, owned

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

OF_PARTITIONS = (
    "cx_consumer_lag",
    "cx_event_time_lag_seconds",
    "cx_table_rows",
    "cx_watermark_timestamp_seconds",
)

READ = 5
"""Topics that each partition reads: four of events, and the contributions."""


async def test_each_figure_is_shown_by_one_worker_and_all_of_them_by_all(broker: str) -> None:
    async with Deployment(broker) as deployment:
        first = await deployment.started_with(recent(13, 80))
        await first.caught_up()
        before = await shown(first)
        second = await deployment.start()
        await first.owns(PARTITIONS - len(owned(second)))
        assert 0 < len(owned(second)) < PARTITIONS
        parts = [await shown(first), await shown(second)]
        places = [await told_of_partitions(first), await told_of_partitions(second)]
        await second.stop()
        await first.owns(PARTITIONS)
        after = await shown(first)
        assert all(parts)
        assert not parts[0].keys() & parts[1].keys()
        # An hour may have ended between two looks, but hardly twice.
        assert parts[0] | parts[1] in (before, after)
        assert len(before) > 500
        assert not places[0] & places[1]
        assert places[0] | places[1] == await told_of_partitions(first)


async def shown(worker: Worker) -> dict[str, float]:
    """The figures of windows, and the backlog; not ages, which grow between two looks."""
    told = await worker.metrics()
    return {
        series: value for series, value in told if "window=" in series or series.startswith("cx_backlog{")
    }


async def told_of_partitions(worker: Worker) -> set[str]:
    """Once the worker knows how much there is to read, which the broker tells with the first records."""
    async with asyncio.timeout(PATIENCE):
        while True:
            told = {series for series, _ in await worker.metrics() if series.startswith(OF_PARTITIONS)}
            lags = sum(series.startswith("cx_consumer_lag") for series in told)
            if lags == READ * len(owned(worker)):
                return told
            await asyncio.sleep(POLL)
