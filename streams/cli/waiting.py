"""Work that needs Kafka: it is waited for, and that is said on standard error."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from streams.cli.output import note
from streams.errors import BrokerAway
from streams.kafka.watch import News, Outage, Watch, sentence

PATIENCE = 15.0
"Seconds that a command which comes to an end by itself waits for a Kafka that is away."

PARTING = 2.0
"Seconds that work has to clear up when it is given up."

T = TypeVar("T")


async def reached(bootstrap: str, *, endless: bool = False) -> None:
    """Wait until Kafka answers. Raises BrokerAway where that takes too long, unless it may."""

    async def nothing(watch: Watch) -> None:
        pass

    await with_kafka(bootstrap, nothing, endless=endless)


def run(bootstrap: str, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The outcome of work that comes to an end by itself. Raises BrokerAway where Kafka is away too long."""
    return asyncio.run(with_kafka(bootstrap, lambda watch: work()))


async def with_kafka(
    bootstrap: str, work: Callable[[Watch], Coroutine[Any, Any, T]], *, endless: bool = False
) -> T:
    """Begin when Kafka answers, and say so when it is away, then and later.

    Raises BrokerAway when it has been away for too long, unless work is `endless` too.
    """
    watch = Watch(bootstrap, _say)
    watching = asyncio.create_task(watch.run(None if endless else PATIENCE))
    try:
        await _unless(watching, watch.until_there())
        return await _unless(watching, work(watch))
    except TimeoutError:
        if watch.away is None:
            raise
        told = f"Kafka at {bootstrap} has not answered for {watch.away.seconds:.0f} s: {watch.away.reason}"
        raise BrokerAway(told) from None
    finally:
        watching.cancel()


def _say(news: News, outage: Outage) -> None:
    note(sentence(news, outage))


async def _unless(watching: "asyncio.Task[Any]", work: Coroutine[Any, Any, T]) -> T:
    """The outcome of some work, unless the watch ends before."""
    working = asyncio.create_task(work)
    try:
        await asyncio.wait([watching, working], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            watching.result()
        return working.result()
    finally:
        if not working.done():
            working.cancel()
            await asyncio.wait([working], timeout=PARTING)
