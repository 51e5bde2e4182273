import uuid

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from streams.errors import BrokerError
from streams.kafka.admin import Admin
from streams.kafka.topics import (
    ConfigChange,
    Must,
    PartitionConflict,
    Plan,
    TopicInfo,
    TopicSpec,
    apply,
    compare,
    describe,
    plan,
)

ORDERS = TopicSpec("orders", 4, {"cleanup.policy": "delete", "retention.ms": "1000"})
PRICES = TopicSpec("prices", 2, {"cleanup.policy": "compact,delete"})


def info(partitions: int) -> TopicInfo:
    return TopicInfo(uuid.UUID(int=7), partitions, leaderless=())


def test_what_is_as_it_must_be_makes_an_empty_plan() -> None:
    found = {"orders": info(4), "prices": info(2)}
    configs = {
        "orders": {"cleanup.policy": "delete", "retention.ms": "1000", "max.message.bytes": "5"},
        "prices": {"cleanup.policy": "delete,compact"},
    }
    result = compare([ORDERS, PRICES], found, configs)
    assert result.is_empty
    assert result.render() == "All topics are as they must be."


def test_differences_are_told_apart() -> None:
    result = compare(
        [ORDERS, PRICES], {"orders": info(3)}, {"orders": {"cleanup.policy": "delete", "retention.ms": "9"}}
    )
    assert result == Plan(
        missing=(PRICES,),
        changes=(ConfigChange("orders", "retention.ms", has="9", wants="1000"),),
        conflicts=(PartitionConflict("orders", has=3, wants=4),),
    )
    assert result.render().splitlines() == [
        "+ prices  2 partitions, cleanup.policy=compact,delete",
        "~ orders  retention.ms: has 9, wants 1000",
        "! orders  partitions: has 3, wants 4",
    ]


LOG = TopicSpec(
    "log",
    1,
    {"cleanup.policy": "delete", "retention.ms": "1000", "retention.bytes": "-1", "max.message.bytes": "9"},
    essential={
        "cleanup.policy": Must.EXACTLY,
        "retention.ms": Must.AT_LEAST,
        "retention.bytes": Must.EXACTLY,
    },
)


@pytest.mark.parametrize(
    "key, has, losing",
    [
        ("cleanup.policy", "compact,delete", "expected delete"),
        ("cleanup.policy", "", "expected delete"),
        ("retention.ms", "999", "expected at least 1000"),
        ("retention.ms", "0", "expected at least 1000"),
        ("retention.ms", "1001", None),
        ("retention.ms", "-1", None),
        ("retention.bytes", "5000000000", "expected -1"),
        ("max.message.bytes", "8", None),
    ],
)
def test_what_loses_data_is_told_from_what_does_not(key: str, has: str, losing: str | None) -> None:
    result = compare([LOG], {"log": info(1)}, {"log": {**LOG.config, key: has}})
    (change,) = result.changes
    assert (change.key, change.has) == (key, has)
    assert result.losing == (() if losing is None else (change,))
    assert result.harmless == ((change,) if losing is None else ())
    assert losing is None or str(change) == f"topic log has {key} {has}, {losing}"
    assert result.render().startswith("~ log" if losing is None else "! log")


@pytest.mark.kafka
async def test_what_the_cluster_has_by_default_counts(broker: str) -> None:
    """Nothing is set on this topic by itself."""
    await apply(broker, [TopicSpec("topics-default", 1)])
    wanted = TopicSpec("topics-default", 1, LOG.config | {"retention.ms": "-1"}, essential=LOG.essential)
    (change,) = (await plan(broker, [wanted])).losing
    assert (change.key, change.has) == ("retention.ms", "604800000")


@pytest.mark.kafka
async def test_apply_makes_what_is_missing(broker: str) -> None:
    specs = [TopicSpec("topics-new", 3, {"message.timestamp.type": "LogAppendTime"})]
    assert (await plan(broker, specs)).missing == tuple(specs)
    await apply(broker, specs)
    assert (await plan(broker, specs)).is_empty
    assert (await describe(broker, ["topics-new"]))["topics-new"].partitions == 3


@pytest.mark.kafka
async def test_apply_alters_what_differs_and_nothing_else(broker: str) -> None:
    await apply(broker, [TopicSpec("topics-altered", 1, {"retention.ms": "1000", "segment.ms": "2000"})])
    done = await apply(broker, [TopicSpec("topics-altered", 1, {"retention.ms": "3000"})])
    assert done.changes == (ConfigChange("topics-altered", "retention.ms", has="1000", wants="3000"),)
    both = TopicSpec("topics-altered", 1, {"retention.ms": "3000", "segment.ms": "2000"})
    assert (await plan(broker, [both])).is_empty


@pytest.mark.kafka
async def test_what_was_changed_is_seen_at_once(broker: str) -> None:
    """Brokers get to know of a change a moment after the controller has taken it."""
    await apply(broker, [TopicSpec("topics-seen", 1)])
    async with Admin(broker) as admin:
        for kept in map(str, range(1_000, 1_020)):
            await admin.set_configs({"topics-seen": {"retention.ms": kept}})
            assert (await admin.configs(["topics-seen"]))["topics-seen"]["retention.ms"] == kept


@pytest.mark.kafka
@pytest.mark.parametrize("wanted", [1, 4])
async def test_another_number_of_partitions_is_an_error_and_nothing_is_done(broker: str, wanted: int) -> None:
    await apply(broker, [TopicSpec("topics-fixed", 2)])
    with pytest.raises(BrokerError, match=f"topic topics-fixed has 2 partitions, wants {wanted}"):
        await apply(broker, [TopicSpec("topics-fixed", wanted), TopicSpec("topics-not-made", 1)])
    assert not await describe(broker, ["topics-not-made"])


@pytest.mark.kafka
async def test_a_topic_made_anew_has_another_id(broker: str) -> None:
    spec = TopicSpec("topics-anew", 1)
    await apply(broker, [spec])
    before = await describe(broker, [spec.name])
    assert await describe(broker, [spec.name]) == before
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    await admin.delete_topics([spec.name])
    await admin.close()
    await apply(broker, [spec])
    assert (await describe(broker, [spec.name]))[spec.name].topic_id != before[spec.name].topic_id


@pytest.mark.kafka
async def test_kafkas_refusals_are_told_in_its_words(broker: str) -> None:
    with pytest.raises(BrokerError, match="won't create topics-bad: Unknown topic config name: colour"):
        await apply(broker, [TopicSpec("topics-bad", 1, {"colour": "blue"})])


@pytest.mark.kafka
async def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokerError, match=r"Can't reach Kafka at 127\.0\.0\.1:1"):
        await plan("127.0.0.1:1", [])
