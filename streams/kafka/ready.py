"""Whether a node serves clients."""

import asyncio

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.kafka.places import LOOPBACK, Place

PATIENCE_MS = 5_000


async def answers(place: Place, brokers: int) -> bool:
    """
    It answers as a member of a cluster of at least so many brokers: a broker is a member only when the
    controllers have a quorum and have let it in.
    """
    if not await _listens(place):
        return False
    admin = AIOKafkaAdminClient(bootstrap_servers=place.address, request_timeout_ms=PATIENCE_MS)
    try:
        await admin.start()
        members = (await admin.describe_cluster())["brokers"]
    except (KafkaError, TimeoutError, OSError):
        return False
    finally:
        await admin.close()
    return len(members) >= brokers and any(member["node_id"] == place.node for member in members)


async def _listens(place: Place) -> bool:
    """Asked first: the client would log each refusal as an error."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, place.port)
    except OSError:
        return False
    writer.close()
    return True
