"""Whether Kafka answers."""

import asyncio
import os

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from streams.errors import BrokerAway

PATIENCE = 5.0
"Seconds for an answer."

CLIENT = "metricland-probe"


async def unanswered(bootstrap: str, patience: float = PATIENCE) -> str | None:
    """Why Kafka doesn't answer, in some words; None where a server of it does.

    A connection alone says nothing: the system accepts it for a process that stands still. So a server has to
    say which brokers there are.
    """
    asking = [asyncio.ensure_future(_unanswered(server, patience)) for server in bootstrap.split(",")]
    refusals = []
    try:
        for asked in asyncio.as_completed(asking):
            if (refusal := await asked) is None:
                return None
            refusals.append(refusal)
    finally:
        for each in asking:
            each.cancel()
    return ", ".join(dict.fromkeys(refusals))


async def reach(bootstrap: str) -> None:
    """Raises BrokerAway. For the time before a client is started: that would say less of each refusal."""
    if (refusal := await unanswered(bootstrap)) is not None:
        raise BrokerAway(f"Can't reach Kafka at {bootstrap}: {refusal}")


async def _unanswered(server: str, patience: float) -> str | None:
    host, _, port = server.rpartition(":")
    try:
        async with asyncio.timeout(patience):
            connection = await create_conn(
                host.strip("[]"), int(port), client_id=CLIENT, request_timeout_ms=int(patience * 1000)
            )
            try:
                found = await connection.send(MetadataRequest([]))
            finally:
                connection.close()
    except TimeoutError:
        return f"no answer within {patience:g} s"
    except OSError as error:
        return _words(error)
    except KafkaError as error:
        return str(error)
    return None if found.brokers else "it knows of no broker yet"


def _words(error: OSError) -> str:
    """Plain ones: asyncio's own repeat the address."""
    known = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    text = known or str(error) or type(error).__name__
    return text[0].lower() + text[1:]
