"""`metricland tail` and `metricland topics`, on Kafka."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from agents.catalogue import CATALOGUE
from streams.settings import load
from streams.topics import specs
from tests.cli.conftest import GIVES_UP, NOBODY, Metricland

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def settings(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Topics of this test alone, with its own prefix."""
    monkeypatch.setenv("METRICLAND_BROKER", broker)
    monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", f"tail-{os.urandom(4).hex()}.")
    monkeypatch.setenv("METRICLAND_APPLICATION", f"tail-{os.urandom(4).hex()}")


async def produce(topic: str) -> None:
    name = load().topics.prefix + topic
    async with AIOKafkaProducer(bootstrap_servers=load().bootstrap, transactional_id=name) as producer:
        for value, commits in ((b'{"n": 1}', True), (b'{"n": 2}', False), (None, True)):
            await producer.begin_transaction()
            await producer.send_and_wait(name, value, b"k", partition=1)
            await (producer.commit_transaction() if commits else producer.abort_transaction())


def test_topics_are_made_once(metricland: Metricland) -> None:
    names = [spec.name for spec in specs(CATALOGUE, load())]
    planned = json.loads(metricland("topics", "plan", "--json").stdout)
    assert [spec["name"] for spec in planned["missing"]] == names
    assert "+ " + names[0] in metricland("topics", "apply").stdout
    again = metricland("topics", "plan")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "All topics are as they must be.\n", "")


def test_committed_records_only(metricland: Metricland) -> None:
    assert metricland("topics", "apply").exit_code == 0
    asyncio.run(produce("tickets"))
    told = metricland("tail", "tickets", "--from-beginning", "--until-idle", "1", "--json")
    assert told.exit_code == 0
    records = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(each["key"], each["value"]) for each in records] == [("k", {"n": 1}), ("k", None)]
    assert [(each["partition"], each["offset"]) for each in records] == [(1, 0), (1, 4)]
    readable = metricland("tail", load().topics.prefix + "tickets", "--from-beginning", "--until-idle", "1")
    assert readable.stdout.splitlines()[1].endswith(" 1:4 k (tombstone)")


def test_only_what_comes_unless_asked_for_more(metricland: Metricland) -> None:
    assert metricland("topics", "apply").exit_code == 0
    asyncio.run(produce("tickets"))
    told = metricland("tail", "tickets", "--until-idle", "1")
    assert (told.exit_code, told.stdout, told.stderr) == (0, "", "")


def test_an_unknown_topic_is_said_and_not_made(metricland: Metricland) -> None:
    for _ in range(2):
        told = metricland("tail", "nowhere")
        assert (told.exit_code, told.stdout) == (1, "")
        assert told.stderr.startswith("metricland: ")
        assert f"no topic nowhere or {load().topics.prefix}nowhere" in told.stderr


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "command",
    [
        ("tail", "tickets", "--until-idle", "0.1"),
        ("topics", "plan"),
        ("topics", "apply"),
        ("dead-letters", "list"),
        ("simulate", "--tickets", "1"),
    ],
)
def test_an_unreachable_broker_is_waited_for_and_given_up(
    metricland: Metricland, command: tuple[str, ...]
) -> None:
    told = metricland(*command, "--broker", f"kafka://{NOBODY}")
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", GIVES_UP)


def test_ctrl_c_ends_it_well(metricland: Metricland, tmp_path: Path) -> None:
    assert metricland("topics", "apply").exit_code == 0
    asyncio.run(produce("tickets"))
    process = subprocess.Popen(
        [sys.executable, "-m", "agents", "tail", "tickets", "--from-beginning"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background has them, and all that they start, ignore it.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert '{"n":1}' in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=120)
    assert (process.returncode, messages) == (0, "")
