"""A secret that all workers of a cluster share without being given one: the first that was written counts."""

import secrets

import msgspec

from streams.errors import BrokerError
from streams.kafka.produce import publish
from streams.kafka.read import read_all

SIZE = 32
"Bytes."


class Candidate(msgspec.Struct):
    key: str
    "In hexadecimal digits."


async def shared_key(bootstrap: str, topic: str) -> bytes:
    """The key in a compacted topic of one partition; where there is none, one that is made now.

    Each candidate has a record key of its own, so compaction keeps all of them, and of several that were
    written at once every worker takes the first. Raises BrokerError.
    """
    if (key := await _first(bootstrap, topic)) is None:
        candidate = Candidate(secrets.token_hex(SIZE))
        record = topic, secrets.token_hex(8).encode(), msgspec.json.encode(candidate)
        await publish(bootstrap, [record])
        key = await _first(bootstrap, topic)
    if key is None:
        raise BrokerError(f"Kafka at {bootstrap} has lost the key that was just written to {topic}.")
    return key


async def _first(bootstrap: str, topic: str) -> bytes | None:
    async for record in read_all(bootstrap, topic):
        try:
            key = bytes.fromhex(msgspec.json.decode(record.value or b"", type=Candidate).key)
        except (msgspec.MsgspecError, ValueError):
            continue
        if len(key) == SIZE:
            return key
    return None
