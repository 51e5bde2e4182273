"""What a process said last of its end, in whatever form it said it."""

import subprocess
import sys

import pytest

from streams.last_words import LastWords

WHY = "Topic 'cx.tickets' has 4 partitions, it's said [critical] reason=none"

SCRIPT = f"""
import structlog
from streams import crash, logs, settings
logs.configure(settings.Settings.model_validate({{"log": {{"json": %s}}}}))
structlog.get_logger().info("ready", partitions=[1])
crash.crash({WHY!r})
"""


def told(*lines: str) -> str:
    words = LastWords()
    for line in lines:
        words.hear(line)
    return words.told


@pytest.mark.parametrize("as_json", [True, False])
def test_the_reason_of_a_crash(as_json: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % as_json], capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert told(*done.stderr.splitlines()) == WHY


def test_the_line_of_a_command() -> None:
    assert told("metricland: Can't reach Kafka at k:9092", "") == "Can't reach Kafka at k:9092"


def test_the_reason_of_one_process_of_several() -> None:
    assert told("2026-11-23T02:14:00Z [critical ] giving up      process=1 reason='no disk'") == "no disk"


def test_what_follows_a_fatal_line_does_not_count() -> None:
    fatal = "2026-11-23T02:14:00Z [critical ] giving up                      reason='no disk'"
    assert told(fatal, "2026-11-23T02:14:00Z [error    ] closing failed", "bye") == "no disk"


def test_an_error_counts_more_than_a_line() -> None:
    error = "2026-11-23T02:14:00Z [error    ] no room"
    assert told(error, "2026-11-23T02:14:00Z [info     ] stopping") == "no room"


@pytest.mark.parametrize("line", ["Out of memory!", "{not json}", '{"level": 3}', "[critical"])
def test_anything_else_is_told_as_it_is(line: str) -> None:
    assert told("before", line, "") == line


def test_nothing_said() -> None:
    assert told() == ""
