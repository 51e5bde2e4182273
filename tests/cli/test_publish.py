"""`metricland publish`."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.cli.publish import Lines
from tests.cli.conftest import GIVES_UP, NOBODY, Metricland


def event(**more: Any) -> str:
    head = {"specversion": "1.0", "id": "1", "source": "/x", "time": "2026-01-01T00:00:00Z"}
    return json.dumps({**head, "type": "ticket.created", "subject": "T1", **more})


SURVEY = event(type="survey.responded", subject="R1", data={"survey": "nps", "score": 9})
LINES = [event(), "{not json", "", SURVEY, event(type="ticket.viewed"), event(type="weather.changed")]


@pytest.fixture(autouse=True)
def file(metricland: Metricland) -> None:
    Path("events.jsonl").write_text("\ufeff" + "\n".join(LINES))


def test_each_event_goes_into_the_topic_of_its_type(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(CATALOGUE, "cx.", 1000)
    with Path("events.jsonl").open("rb") as stream:
        records = list(lines.records(stream))
    assert records == [
        ("cx.tickets", b"T1", LINES[0].encode()),
        ("cx.surveys", b"R1", LINES[3].encode()),
        ("cx.tickets", b"T1", LINES[4].encode()),
    ]
    assert lines.bad == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in told] == ["events.jsonl:2", "events.jsonl:6"]
    assert "'weather.changed', expected one of" in told[1]


def test_an_event_too_large_for_its_topic(capsys: pytest.CaptureFixture[str]) -> None:
    Path("events.jsonl").write_text(event(data={"comment": "x" * 1000}) + "\n" + LINES[0])
    lines = Lines(CATALOGUE, "cx.", 1000)
    with Path("events.jsonl").open("rb") as stream:
        assert len(list(lines.records(stream))) == 1
    assert "bytes, expected at most 1,000" in capsys.readouterr().err


@pytest.mark.usefixtures("impatient")
def test_a_broker_that_is_away_is_waited_for_and_given_up(metricland: Metricland) -> None:
    told = metricland("publish", "events.jsonl", "--broker", f"kafka://{NOBODY}")
    assert (told.exit_code, told.stderr) == (1, GIVES_UP)


@pytest.fixture
def url(metricland: Metricland, broker: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kafka, with topics of this test alone."""
    monkeypatch.setenv("METRICLAND_BROKER", f"kafka://{broker}")
    monkeypatch.setenv("METRICLAND_TOPICS__PREFIX", f"publish-{os.urandom(4).hex()}.")
    assert metricland("topics", "apply").exit_code == 0
    return f"kafka://{broker}"


@pytest.mark.kafka
def test_publishing(metricland: Metricland, url: str) -> None:
    told = metricland("publish", "events.jsonl", "-", given=event(subject="T2"))
    assert told.exit_code == 1
    assert told.stderr.splitlines()[-1] == f"4 events published to {url}, 2 bad lines left out"
    shown = metricland("tail", "tickets", "--from-beginning", "--until-idle", "1", "--json").stdout
    values = [json.loads(line)["value"] for line in shown.splitlines()]
    assert sorted(map(json.dumps, values)) == sorted([LINES[0], LINES[4], event(subject="T2")])
    assert metricland("publish", "-", given=event()).exit_code == 0
