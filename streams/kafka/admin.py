"""A cluster's topics, read and changed."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from streams.errors import BrokerAway, BrokerError
from streams.kafka.protocol import SetConfigsRequest, TopicsRequest

ATTEMPTS = 10
RETRY_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class TopicInfo:
    topic_id: uuid.UUID
    "another one under the same name means: deleted and made anew, its offsets begin again"

    partitions: int
    leaderless: tuple[int, ...]
    "partitions that nobody can read or write at the moment"


class Admin:
    """`options` are the client's connection options: `security_protocol`, `ssl_context`, `sasl_...`."""

    def __init__(self, bootstrap: str, **options: Any) -> None:
        self._bootstrap = bootstrap
        self._options = options

    async def __aenter__(self) -> Self:
        self._client = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap.split(","), **self._options)
        try:
            await self._client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            await self._client.close()
            raise BrokerAway(f"Can't reach Kafka at {self._bootstrap}: {error}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def topics(self, names: Sequence[str]) -> dict[str, TopicInfo]:
        """Those that exist; asking doesn't create the others, whatever the cluster's settings."""
        if not names:
            return {}
        response = await self._send(lambda: self._client._send_request(TopicsRequest(names)))
        found = [topic for topic in response.to_object()["topics"] if not _is_unknown(topic)]
        return {topic["topic"]: _info(topic) for topic in found}

    async def configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        """What is in force, the cluster's defaults included."""
        if not names:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        (response,) = await self._send(lambda: self._client.describe_configs(resources))
        found = response.to_object()["resources"]
        for resource in found:
            _check(resource["error_code"], f"read the settings of {resource['resource_name']}")
        return {
            resource["resource_name"]: {
                entry["config_names"]: entry["config_value"] for entry in resource["config_entries"]
            }
            for resource in found
        }

    async def create(self, topics: Iterable[NewTopic]) -> None:
        """One that another process has made meanwhile is left as it is."""
        response = await self._send(lambda: self._client.create_topics(list(topics)))
        for topic, code, message in response.topic_errors:
            if code != TopicAlreadyExistsError.errno:
                _check(code, f"create {topic}", message)

    async def set_configs(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        """Others than these keep their values.

        The controller takes a change at once, and brokers get to know of it a moment later: that is waited
        for, a few seconds at most.
        """
        response = await self._send(lambda: self._client._send_request(SetConfigsRequest(configs)))
        for code, message, _, topic in response.resources:
            _check(code, f"change the settings of {topic}", message)
        for _ in range(ATTEMPTS):
            found = await self.configs(list(configs))
            if all(found[topic].items() >= wanted.items() for topic, wanted in configs.items()):
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _send(self, request: Callable[[], Awaitable[Any]]) -> Any:
        """The client asks a broker at random, which may just have gone."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await request()
            except (KafkaError, OSError, TimeoutError) as error:
                if attempt == ATTEMPTS:
                    raise BrokerAway(f"Kafka at {self._bootstrap} doesn't answer: {error}") from error
                await asyncio.sleep(RETRY_SECONDS)
        raise AssertionError("unreachable")


def _is_unknown(topic: Mapping[str, Any]) -> bool:
    code = topic["error_code"]
    if code != UnknownTopicOrPartitionError.errno:
        _check(code, f"describe {topic['topic']}")
    return bool(code)


def _info(topic: Mapping[str, Any]) -> TopicInfo:
    partitions = topic["partitions"]
    leaderless = sorted(each["partition"] for each in partitions if each["leader"] < 0)
    return TopicInfo(topic["topic_id"], len(partitions), tuple(leaderless))


def _check(code: int, what: str, message: str | None = None) -> None:
    if code:
        error = for_code(code)
        raise BrokerError(f"Kafka won't {what}: {message or error.description or error.__name__}")
