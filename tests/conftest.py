"""Fixtures of all tests."""

import asyncio
import os
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import settings

from streams.kafka.broker import EmbeddedBroker

# A run tells of the change that it checks: it tries the same cases each time. HYPOTHESIS_PROFILE=search tries
# others, as `make histories` does.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


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
