"""Whether anybody answers where Kafka is said to be."""

import asyncio
import os

from streams.errors import BrokerError

PATIENCE = 10.0


async def reach(bootstrap: str, patience: float = PATIENCE) -> None:
    """Asked before a client is started: that would log each refusal, and say less of it."""
    refusals = []
    for server in bootstrap.split(","):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(patience):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except TimeoutError:
            refusals.append(f"no answer within {patience:.0f} s")
        except OSError as error:
            refusals.append(_words(error))
        else:
            writer.close()
            return
    raise BrokerError(f"Can't reach Kafka at {bootstrap}: {', '.join(dict.fromkeys(refusals))}")


def _words(error: OSError) -> str:
    """Plain ones: asyncio's own repeat the address."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
