"""Topics as they are and as they must be."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from aiokafka.admin import NewTopic

from streams.errors import BrokerError
from streams.kafka.admin import Admin
from streams.kafka.admin import TopicInfo as TopicInfo

SETTLE_SECONDS = 30.0
SETTLE_POLL_SECONDS = 0.05

# Whose value is a set of words.
SETS = frozenset({"cleanup.policy"})

UNLIMITED = "-1"


class Must(Enum):
    """What must hold of a setting, where another value loses data."""

    EXACTLY = "exactly"
    AT_LEAST = "at least"

    def holds(self, key: str, has: str | None, wants: str) -> bool:
        if _same(key, has, wants):
            return True
        return self is Must.AT_LEAST and has is not None and _size(has) >= _size(wants)


@dataclass(frozen=True, slots=True)
class TopicSpec:
    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    replication: int = 1
    "for its creation only: a cluster's owner may well have chosen another"
    essential: Mapping[str, Must] = field(default_factory=dict)
    "the keys of `config` with which data is lost where they have another value"


@dataclass(frozen=True, slots=True)
class ConfigChange:
    topic: str
    key: str
    has: str | None
    wants: str
    must: Must | None = None
    "what does not hold, where the value that it has loses data"

    def __str__(self) -> str:
        expected = self.wants if self.must in (None, Must.EXACTLY) else f"{self.must.value} {self.wants}"
        return f"topic {self.topic} has {self.key} {self.has}, expected {expected}"


@dataclass(frozen=True, slots=True)
class PartitionConflict:
    """
    For a person to solve: a topic can't lose partitions, and as soon as it gains some the records of one
    key are in two of them.
    """

    topic: str
    has: int
    wants: int

    def __str__(self) -> str:
        return f"topic {self.topic} has {self.has} partitions, wants {self.wants}"


@dataclass(frozen=True, slots=True)
class Plan:
    missing: tuple[TopicSpec, ...] = ()
    changes: tuple[ConfigChange, ...] = ()
    conflicts: tuple[PartitionConflict, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.missing or self.changes or self.conflicts)

    @property
    def losing(self) -> tuple[ConfigChange, ...]:
        """What loses data as it is."""
        return tuple(each for each in self.changes if each.must is not None)

    @property
    def harmless(self) -> tuple[ConfigChange, ...]:
        return tuple(each for each in self.changes if each.must is None)

    def render(self) -> str:
        """A line for each difference: + to make, ~ to change, ! with which no worker starts."""
        if self.is_empty:
            return "All topics are as they must be."
        lines = [
            *(f"+ {spec.name}  {_described(spec)}" for spec in self.missing),
            *(f"~ {each.topic}  {_changed(each)}" for each in self.harmless),
            *(f"! {each.topic}  {_changed(each)}" for each in self.losing),
            *(f"! {each.topic}  partitions: has {each.has}, wants {each.wants}" for each in self.conflicts),
        ]
        return "\n".join(lines)


def compare(
    specs: Collection[TopicSpec],
    topics: Mapping[str, TopicInfo],
    configs: Mapping[str, Mapping[str, str]],
) -> Plan:
    there = [spec for spec in specs if spec.name in topics]
    return Plan(
        missing=tuple(spec for spec in specs if spec.name not in topics),
        changes=tuple(
            ConfigChange(spec.name, key, has, wants, _broken(spec, key, has))
            for spec in there
            for key, wants in spec.config.items()
            if not _same(key, has := configs.get(spec.name, {}).get(key), wants)
        ),
        conflicts=tuple(
            PartitionConflict(spec.name, topics[spec.name].partitions, spec.partitions)
            for spec in there
            if topics[spec.name].partitions != spec.partitions
        ),
    )


async def plan(bootstrap: str, specs: Collection[TopicSpec], **options: Any) -> Plan:
    """`options` as `Admin`'s."""
    async with Admin(bootstrap, **options) as admin:
        return await _plan(admin, specs)


async def apply(bootstrap: str, specs: Collection[TopicSpec], **options: Any) -> Plan:
    """What was done. A partition count that differs is an error, and then nothing is."""
    async with Admin(bootstrap, **options) as admin:
        todo = await _plan(admin, specs)
        if todo.conflicts:
            raise BrokerError(f"Kafka at {bootstrap}: {'; '.join(map(str, todo.conflicts))}.")
        if todo.missing:
            await admin.create(_new(spec) for spec in todo.missing)
            await _settled(admin, [spec.name for spec in todo.missing])
        if todo.changes:
            await admin.set_configs(_by_topic(todo.changes))
        return todo


async def describe(bootstrap: str, names: Sequence[str], **options: Any) -> dict[str, TopicInfo]:
    """Those that exist."""
    async with Admin(bootstrap, **options) as admin:
        return await admin.topics(names)


async def _plan(admin: Admin, specs: Collection[TopicSpec]) -> Plan:
    topics = await admin.topics([spec.name for spec in specs])
    return compare(specs, topics, await admin.configs(list(topics)))


async def _settled(admin: Admin, names: Sequence[str]) -> None:
    """A topic is made a moment before its partitions have leaders."""
    loop = asyncio.get_running_loop()
    end = loop.time() + SETTLE_SECONDS
    while waiting := await _unsettled(admin, names):
        if loop.time() > end:
            raise BrokerError(f"No leaders after {SETTLE_SECONDS:.0f} s for {', '.join(waiting)}.")
        await asyncio.sleep(SETTLE_POLL_SECONDS)


async def _unsettled(admin: Admin, names: Sequence[str]) -> list[str]:
    topics = await admin.topics(names)
    return [name for name in names if name not in topics or topics[name].leaderless]


def _same(key: str, has: str | None, wants: str) -> bool:
    if key in SETS and has is not None:
        return set(has.split(",")) == set(wants.split(","))
    return has == wants


def _broken(spec: TopicSpec, key: str, has: str | None) -> Must | None:
    must = spec.essential.get(key)
    return None if must is None or must.holds(key, has, spec.config[key]) else must


def _size(value: str) -> float:
    return float("inf") if value == UNLIMITED else float(value)


def _by_topic(changes: Collection[ConfigChange]) -> dict[str, dict[str, str]]:
    configs: dict[str, dict[str, str]] = {}
    for change in changes:
        configs.setdefault(change.topic, {})[change.key] = change.wants
    return configs


def _new(spec: TopicSpec) -> NewTopic:
    return NewTopic(spec.name, spec.partitions, spec.replication, topic_configs=dict(spec.config))


def _changed(change: ConfigChange) -> str:
    return f"{change.key}: has {change.has}, wants {change.wants}"


def _described(spec: TopicSpec) -> str:
    config = (f"{key}={value}" for key, value in spec.config.items())
    return ", ".join([f"{spec.partitions} partitions", *config])
