"""Reads stories: what happened, and what is expected of it. README.md shows the form."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any

Json = dict[str, Any]

YEAR, FIRST_DAY = 2026, "2 Nov"
UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000_001}

_EVENT = re.compile(
    r"(?:(?P<day>\d{1,2} [A-Z][a-z]{2}) +)?(?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)"
    r"(?: +#(?P<sequence>-?\d+))?"
    r"(?: +(?P<subject>[\w-]+))? +(?P<type>[a-z]+\.[a-z_]+)(?P<rest>.*)"
)
_FIGURE = re.compile(r"(?P<metric>[a-z_0-9]+)(?: +\[(?P<of>[^]]*)\])? +(?P<value>\S.*)")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(us|ms|d|h|m|s)")


@dataclass(frozen=True)
class Figure:
    """A figure by its key, and what it is to be: fields, or None for no figure at all."""

    key: str
    fields: Json | None


@dataclass(frozen=True)
class Moment:
    """What is expected of all events so far; `now` is the last event's time where it is None."""

    line: int
    events: tuple[Json, ...]
    figures: tuple[Figure, ...]
    refused: tuple[str, ...]
    now: datetime | None


@dataclass
class Story:
    title: str
    line: int
    definitions: Json = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)


def stories(path: Path) -> Iterator[Story]:
    reader: Reader | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if line.startswith("# "):
            if reader is not None:
                yield reader.story
            reader = Reader(Story(line.removeprefix("# "), number))
        elif line and not line.startswith(">"):
            if reader is None:
                raise ValueError(f"{path.name}:{number}: a story begins with its title, after `# `")
            try:
                reader.read(line, number)
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: {line!r}: {error}") from None
    if reader is not None:
        yield reader.story


class Reader:
    """Reads the lines of one story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.day = FIRST_DAY
        self.events: list[Json] = []
        self.refused: list[str] = []
        self.now: datetime | None = None

    def read(self, line: str, number: int) -> None:
        if found := _EVENT.fullmatch(line):
            self.events.append(self._event(found, number))
        elif line.startswith("set "):
            _merge(self.story.definitions, tomllib.loads(line.removeprefix("set ")))
        elif line.startswith("now "):
            self.now = time(line.removeprefix("now "))
        elif line.startswith("refused "):
            self.refused.append(line.removeprefix("refused "))
            self._expect(number, ())
        else:
            self._expect(number, tuple(figure(part.strip()) for part in line.split(";")))

    def _expect(self, number: int, figures: tuple[Figure, ...]) -> None:
        moment = Moment(number, tuple(self.events), figures, tuple(self.refused), self.now)
        self.story.moments.append(moment)

    def _event(self, found: re.Match[str], number: int) -> Json:
        self.day = found["day"] or self.day
        event: Json = {
            "specversion": "1.0",
            "id": f"line {number:04}",
            "source": "/story",
            "type": found["type"],
            "time": time(f"{self.day} {found['clock']}").isoformat(),
            "subject": found["subject"] or found["type"][0].upper() + "1",
            "data": {},
        }
        if found["sequence"]:
            event["sequence"] = int(found["sequence"])
        for token in shlex.split(found["rest"]):
            attribute, colon, said = token.partition(":")
            if colon and attribute in ("id", "source"):
                event[attribute] = said
                continue
            name, equals, value = token.partition("=")
            if not equals:
                raise ValueError(f"{token!r} is not name=value")
            event["data"][name] = _value(value)
        return event


def time(text: str) -> datetime:
    """`2 Nov 09:00`, with seconds and parts of them where they are said."""
    day, month, clock = text.split()
    date = _date(f"{day} {month}", "%d %b").date()
    return datetime.combine(date, clock_time.fromisoformat(clock), UTC)


def _date(text: str, form: str) -> datetime:
    return datetime.strptime(f"{YEAR} {text}", f"%Y {form}").replace(tzinfo=UTC)


def figure(text: str) -> Figure:
    if (found := _FIGURE.fullmatch(text)) is None:
        raise ValueError("neither an event nor `metric value`")
    dimensions, pane = [], "total|"
    for part in filter(None, (each.strip() for each in (found["of"] or "").split(","))):
        if "=" in part:
            dimensions.append(part)
        else:
            pane = _pane(part)
    return Figure(f"{found['metric']}|{','.join(sorted(dimensions))}|{pane}", fields(found["value"].strip()))


def _pane(text: str) -> str:
    kind, _, start = text.partition(" ")
    formats = {"hour": "%d %b %H:%M", "day": "%d %b", "month": "%b"}
    if kind not in formats:
        raise ValueError(f"{text!r} is no pane: hour, day or month")
    return f"{kind}|{_date(start, formats[kind]):%Y-%m-%dT%H:%M:%SZ}"


def fields(value: str) -> Json | None:
    """What a figure of that value has, as far as it is said."""
    if value == "nothing":
        return None
    if value == "undefined":
        return {"value": None, "count": 0}
    if found := re.fullmatch(r"(-?\d+)/(\d+)", value):
        return {"numerator": int(found[1]), "denominator": int(found[2])}
    if found := re.fullmatch(r"(-?\d+(?:\.\d+)?) of (\d+)", value):
        return {"value": float(found[1]), "count": int(found[2])}
    if value.isdecimal():
        return {"value": int(value), "count": int(value)}
    spans = [_span(each.strip()) for each in value.split(",")]
    return {"sum": sum(spans), "count": len(spans)}


def _span(text: str) -> float:
    parts = _SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.replace(" ", ""):
        raise ValueError(f"{text!r} is no value: nothing, undefined, 3, 1/2, 10m or 4.5 of 2")
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _merge(into: Json, more: Json) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = value
