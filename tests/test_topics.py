"""The topics of the product."""

from agents.catalogue import CATALOGUE
from agents.page import DOCUMENTED
from streams.kafka.topics import Must
from streams.settings import load
from streams.topics import specs

TABLES = ("tickets", "calls", "surveys", "customers", "cells", "marks", "labels", "levels", "forgotten")


def test_every_topic_is_there_once_and_co_partitioned() -> None:
    found = specs(CATALOGUE, load(overrides={"topics.partitions": 8, "application": "app"}))
    assert {spec.name for spec in found} == {
        *(
            "cx.tickets",
            "cx.calls",
            "cx.surveys",
            "cx.customers",
            "cx.metrics",
            "cx.contributions",
            "cx.dead-letters",
            "cx.signing-keys",
        ),
        *(f"app-{table}-changelog" for table in TABLES),
    }
    assert len(found) == 17
    assert {spec.name: spec.partitions for spec in found if spec.partitions != 8} == {"cx.signing-keys": 1}


def test_domains_may_share_a_topic_of_signals() -> None:
    names = [spec.name for spec in specs(DOCUMENTED, load())]
    assert names.count("cx.sla") == 1
    assert len({*names}) == len(names)


def test_inputs_stay_and_carry_the_time_of_the_broker() -> None:
    settings = load(
        overrides={"topics.prefix": "eu.", "topics.largest_record": "2MiB", "topics.replication": 3}
    )
    tickets = next(spec for spec in specs(CATALOGUE, settings) if spec.name == "eu.tickets")
    assert tickets.replication == 3
    assert tickets.config == {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": "2097152",
        "retention.bytes": "-1",
    }
    assert tickets.essential == {
        "cleanup.policy": Must.EXACTLY,
        "retention.ms": Must.EXACTLY,
        "retention.bytes": Must.EXACTLY,
        "message.timestamp.type": Must.EXACTLY,
    }


def test_what_loses_data_is_said_of_all_that_is_read_again() -> None:
    """Outputs may be kept as their readers like."""
    essential = {
        spec.name: spec.essential for spec in specs(CATALOGUE, load(overrides={"application": "app"}))
    }
    assert {name for name, keys in essential.items() if not keys} == {"cx.metrics", "cx.dead-letters"}
    assert all(essential[f"app-{table}-changelog"] == {"cleanup.policy": Must.EXACTLY} for table in TABLES)
    assert essential["cx.contributions"]["retention.ms"] is Must.AT_LEAST


def test_what_can_be_read_can_be_dead_lettered() -> None:
    settings = load(overrides={"topics.largest_record": "32MiB"})
    found = {spec.name: spec for spec in specs(CATALOGUE, settings)}
    assert int(found["cx.dead-letters"].config["max.message.bytes"]) >= 2 * 32 * 2**20
