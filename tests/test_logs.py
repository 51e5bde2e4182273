"""What is logged of what libraries say."""

import logging
import subprocess
import sys
from pathlib import Path

import aiokafka
import pytest
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaConnectionError,
    NodeNotReadyError,
    TopicAuthorizationFailedError,
)

from streams.logs import AGAIN, EVERYDAY, Quiet


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.filter = Quiet(lambda: self.now)

    def passes(
        self,
        message: str,
        *args: object,
        name: str = "aiokafka.client",
        level: int = logging.ERROR,
        error: Exception | None = None,
    ) -> bool:
        info = (type(error), error, None) if error else None
        return self.filter.filter(logging.LogRecord(name, level, "", 0, message, args, info))


@pytest.mark.parametrize(
    "message, args",
    [
        ("Unable connect to node with id %s: %s", (1, ConnectionRefusedError(111, "Connection refused"))),
        ("Unable to update metadata from %s", ([1],)),
        ("Failed fetch messages from %s: %s", (1, NodeNotReadyError())),
        ("Group Coordinator Request failed: %s", (GroupCoordinatorNotAvailableError(),)),
        ("Error fetching metadata for topic %s: %s", ("t", GroupCoordinatorNotAvailableError)),
        ("Heartbeat session expired - marking coordinator dead", ()),
    ],
)
def test_what_clients_say_of_connections_is_not_logged(message: str, args: tuple[object, ...]) -> None:
    assert not World().passes(message, *args)
    assert World().passes(message, *args, name="streams.kafka.watch"), "we do, where we say it"


def test_a_connection_error_of_a_service_is_not_logged() -> None:
    error = KafkaConnectionError("closed")
    assert not World().passes("[^Worker]: Error: %r", error, name="mode.worker", error=error)
    assert not World().passes("[^--Consumer]: Crashed", name="streams.kafka.transport", error=error)


def test_everyday_messages_are_not_logged() -> None:
    assert not World().passes("[^Worker]: Ready", name="mode.worker", level=logging.INFO)
    assert not World().passes("[^--Consumer]: Starting...", name="streams.app", level=logging.INFO)
    assert World().passes("ready", name="streams.kafka.recovery", level=logging.INFO)


def test_what_nobody_else_says_is_logged_now_and_then() -> None:
    world = World()
    told = "Topic %s is not authorized for this client"
    assert world.passes(told, "t")
    assert not world.passes(told, "u")
    assert world.passes("Unexpected exception", error=ValueError())
    assert world.passes("Unexpected error: %s", TopicAuthorizationFailedError())
    world.now = AGAIN
    assert world.passes(told, "u")


def test_each_message_is_still_one_of_the_client() -> None:
    """Else it would be logged anew, or the list says more than there is."""
    sources = Path(aiokafka.__file__).parent.rglob("*.py")
    text = "".join(path.read_text() for path in sources)
    assert [message for message in EVERYDAY if message not in text] == []


SCRIPT = """
import logging
from streams import logs, settings
logs.configure(settings.Settings.model_validate({"log": {"level": %r, "json": %s}}))
logging.getLogger("aiokafka.client").error("Unable to update metadata from %%s", [1])
logging.getLogger("aiokafka.conn").error("Something %%s", "strange")
"""


def said(level: str, *, as_json: bool = False) -> list[str]:
    script = SCRIPT % (level, as_json)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_lines_of_libraries_have_our_shape() -> None:
    (line,) = said("info")
    assert line.endswith("Z [error    ] Something strange")
    (line,) = said("info", as_json=True)
    assert line.startswith('{"event": "Something strange", "level": "error", "timestamp": "')


def test_at_level_debug_all_is_said() -> None:
    assert len(said("debug")) == 2
