"""`metricland import`."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import GIVES_UP, NOBODY, Metricland

MAPPING = """
source = "/shop"
subject = "id"
time = "at"
[[event]]
type = "ticket.created"
data.channel = "channel"
"""
FILE = "id,at,channel\nB,2026-01-02T00:00:00Z,chat\nA,2026-01-01T00:00:00Z,email\nC,soon,chat\n"


@pytest.fixture(autouse=True)
def files(metricland: Metricland) -> None:
    Path("shop.toml").write_text(MAPPING)
    Path("shop.csv").write_text(FILE)


def subjects(text: str) -> list[str]:
    return [json.loads(line)["subject"] for line in text.splitlines()]


def test_to_a_file_by_time(metricland: Metricland) -> None:
    told = metricland("import", "shop.csv", "--mapping", "shop.toml", "--to", "events.jsonl")
    assert told.exit_code == 0, told.output
    assert subjects(Path("events.jsonl").read_text()) == ["A", "B"]
    assert told.stderr.splitlines() == [
        "3 rows, 2 events: 2 ticket.created",
        "1 rejected:",
        "  1 x ticket.created: at is not a time as iso, such as 'soon' (line 4)",
    ]


def test_to_output_as_it_stands_in_the_file(metricland: Metricland) -> None:
    told = metricland("import", "shop.csv", "--mapping", "shop.toml", "--to", "-", "--unsorted")
    assert (told.exit_code, subjects(told.stdout)) == (0, ["B", "A"])


def test_a_file_of_which_nothing_is_taken_is_written_too(metricland: Metricland) -> None:
    Path("shop.csv").write_text("id,at,channel\n")
    assert metricland("import", "shop.csv", "--mapping", "shop.toml", "--to", "events.jsonl").exit_code == 0
    assert Path("events.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("shop.csv", "--mapping", "nobody-keeps-this"), "mapping is 'nobody-keeps-this', expected one of"),
        (("shop.csv", "--mapping", "none.toml"), "none.toml: the mapping can't be read"),
        (("shop.toml", "--mapping", "shop.toml"), "subject names column 'id', which the file lacks"),
        (("latin.csv", "--mapping", "shop.toml"), "latin.csv is not utf-8"),
    ],
)
def test_what_goes_wrong_is_one_line(metricland: Metricland, arguments: tuple[str, ...], told: str) -> None:
    Path("latin.csv").write_bytes(FILE.replace("chat", "Gespräch").encode("latin-1"))
    result = metricland("import", *arguments, "--broker", "kafka://127.0.0.1:1")
    assert result.exit_code == 1
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_is_away_is_waited_for_and_given_up(metricland: Metricland) -> None:
    told = metricland("import", "shop.csv", "--mapping", "shop.toml", "--broker", f"kafka://{NOBODY}")
    assert told.exit_code == 1
    assert told.stderr.startswith(GIVES_UP)


def test_a_file_that_is_not_there_is_wrong_usage(metricland: Metricland) -> None:
    assert metricland("import", "none.csv", "--mapping", "shop.toml").exit_code == 2


@pytest.fixture
def url(metricland: Metricland, broker: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kafka, with topics of this test alone."""
    monkeypatch.setenv("METRICLAND_BROKER", f"kafka://{broker}")
    monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", f"import-{os.urandom(4).hex()}.")
    assert metricland("topics", "apply").exit_code == 0
    return f"kafka://{broker}"


@pytest.mark.kafka
def test_publishing(metricland: Metricland, url: str) -> None:
    told = metricland("import", "shop.csv", "--mapping", "shop.toml")
    assert told.exit_code == 0, told.output
    assert told.stderr.startswith(f"2 events published to {url}\n3 rows, 2 events")
    shown = metricland("tail", "tickets", "--from-beginning", "--until-idle", "1", "--json").stdout
    assert {json.loads(line)["key"] for line in shown.splitlines()} == {"A", "B"}
