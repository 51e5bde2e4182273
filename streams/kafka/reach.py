"""Whether anybody answers where Kafka is said to be."""

import asyncio

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
            refusals.append(error.strerror or str(error))
        else:
            writer.close()
            return
    raise BrokerError(f"Can't reach Kafka at {bootstrap}: {', '.join(dict.fromkeys(refusals))}")
