"""Fixtures of all tests."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from streams.kafka.broker import EmbeddedBroker


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """`127.0.0.1:port` of one embedded Kafka for the whole session: use topic and group names of your own."""
    embedded = EmbeddedBroker()
    _run(embedded.start())
    yield embedded.bootstrap
    _run(embedded.stop())


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """In a thread: this one may have an event loop, pytest-asyncio's."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()
