"""Which node of a cluster does what."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient, CoordinationType

from tests.faults.harness import Deployment

GROUP, TRANSACTION = CoordinationType.GROUP, CoordinationType.TRANSACTION


async def coordinator(kind: int, deployment: Deployment) -> int:
    """Of the workers' group, or of the transactions of partition 0."""
    name = deployment.settings.application
    client = AIOKafkaClient(bootstrap_servers=deployment.settings.bootstrap)
    await client.bootstrap()
    try:
        node: int = await client.coordinator_lookup(kind, name if kind == GROUP else f"{name}-0")
    finally:
        await client.close()
    return node


async def leader(bootstrap: str, topic: str, partition: int) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (found,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    return next(int(each["leader"]) for each in found["partitions"] if each["partition"] == partition)
