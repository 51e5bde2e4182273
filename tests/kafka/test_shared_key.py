"""A secret that workers share without being given one."""

import asyncio
import secrets

import pytest

from streams.kafka.produce import publish
from streams.kafka.shared_key import shared_key
from streams.kafka.topics import TopicSpec, apply

pytestmark = pytest.mark.kafka


async def topic(broker: str) -> str:
    name = f"keys-{secrets.token_hex(4)}"
    await apply(broker, [TopicSpec(name, 1, {"cleanup.policy": "compact"})])
    return name


async def test_all_who_start_at_once_have_the_same(broker: str) -> None:
    name = await topic(broker)
    keys = await asyncio.gather(*(shared_key(broker, name) for _ in range(4)))
    assert len({*keys, await shared_key(broker, name)}) == 1
    assert len(keys[0]) == 32


async def test_what_somebody_else_writes_there_is_no_key(broker: str) -> None:
    name = await topic(broker)
    for junk in (b"{", b'{"key":"00"}', b'{"key":5}'):
        await publish(broker, [(name, b"x", junk)])
    key = await shared_key(broker, name)
    await publish(broker, [(name, b"y", b'{"key":"%b"}' % (b"00" * 32))])
    assert await shared_key(broker, name) == key != bytes(32)
