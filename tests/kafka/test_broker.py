import pytest
from aiokafka import AIOKafkaProducer

pytestmark = pytest.mark.kafka

def test_sync(broker: str) -> None:
    assert broker

async def test_async(broker: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker):
        pass
