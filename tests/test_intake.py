"""Where an event belongs, and what is wrong with one that belongs nowhere."""

import json
from typing import Any

import pytest

from agents.catalogue import CATALOGUE
from streams.errors import Refused
from streams.intake import Intake

INTAKE = Intake(CATALOGUE)


def event(**more: Any) -> bytes:
    head = {"specversion": "1.0", "id": "1", "source": "/x", "time": "2026-01-01T00:00:00Z"}
    return json.dumps({**head, "type": "ticket.created", "subject": "T1", **more}).encode()


def test_a_known_type() -> None:
    placed = INTAKE.place(event())
    assert (placed.domain, placed.subject) == ("tickets", "T1")
    assert placed.event is not None


def test_a_type_of_a_known_family() -> None:
    placed = INTAKE.place(event(type="ticket.viewed"))
    assert (placed.domain, placed.subject, placed.event) == ("tickets", "T1", None)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"{", "not_json"),
        (b"[]", "invalid: Expected `object`"),
        (b"\xff", "not_"),
        (b"{}", "invalid: Object missing required field `type`"),
        (event(type="weather.changed"), "type is 'weather.changed', expected one of ticket.created"),
        (event(type="ticket.rated"), "reserved|missing required field"),
        (event(source="/metricland"), "reserved"),
        (event(type="ticket.viewed", subject=""), "invalid"),
        (event(time="yesterday"), "RFC 3339"),
    ],
)
def test_what_belongs_nowhere(value: bytes, told: str) -> None:
    with pytest.raises(Refused, match=told):
        INTAKE.place(value)
