"""Writes what happens as canonical events."""

from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from agents.simulator.agenda import Agenda, Story
from agents.simulator.dice import Dice
from streams import moments


class Record(NamedTuple):
    domain: str
    subject: str
    value: bytes


class Imperfections(NamedTuple):
    """What goes wrong on the way, as shares of all events."""

    duplicates: float = 0.0
    "Sent again, soon after."
    late: float = 0.0
    "Overtaken by events that happened after it."
    seconds: float = 20.0
    "The usual delay of either."


NONE = Imperfections()


class Writer:
    """Holds what has been written until it is taken from `ready`.

    `run` tells simulations apart whose events may meet in one log.
    """

    def __init__(self, run: str, agenda: Agenda, dice: Dice, imperfections: Imperfections) -> None:
        self.run = run
        self.written = 0
        self.ready: deque[Record] = deque()
        self._source = f"/simulation/{run}"
        self._agenda = agenda
        self._dice = dice
        self._imperfections = imperfections if imperfections.duplicates or imperfections.late else None
        self._encode = msgspec.json.Encoder().encode

    def write(self, type_: str, subject: str, number: int, data: Mapping[str, Any]) -> None:
        """The subject's event of that number, happening now."""
        domain = f"{type_[: type_.index('.')]}s"
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{subject}.{number}",
            "source": self._source,
            "type": type_,
            "time": moments.text(self._agenda.now),
            "subject": subject,
        }
        if data:
            event["data"] = data
        self.written += 1
        record = Record(domain, subject, self._encode(event))
        if self._imperfections is None:
            self.ready.append(record)
        else:
            self._send(record, self._imperfections)

    def _send(self, record: Record, imperfections: Imperfections) -> None:
        if self._dice.happens(imperfections.late):
            self._agenda.start(self._later(record))
        else:
            self.ready.append(record)
        if self._dice.happens(imperfections.duplicates):
            self._agenda.start(self._later(record))

    def _later(self, record: Record) -> Story:
        assert self._imperfections is not None
        yield self._dice.span(self._imperfections.seconds, 0.8)
        self.ready.append(record)
