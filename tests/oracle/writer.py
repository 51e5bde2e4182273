"""Writes generated events: ids, spellings of times, values good and awkward."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, TypeVar

from .events import EPOCH
from .mess import Mess

T = TypeVar("T")
Json = dict[str, Any]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

SOURCES = ("/zendesk/acme", "/zendesk/beta", "/chat/eu")
AWKWARD = (
    "a|b",
    "x,y",
    "k=v",
    "100%",
    "%7C",
    "channel=chat,priority=high",
    "Zürich",
    "日本語",
    "Ωmega straße",
    "two words",
    "unknown",
    "Chat",
    'say "hi"',
    "back\\slash",
    "{curly}",
    "0",
    "null",
    "🙂",
)
OFFSETS = (330, -480, 840, -720, 60, 0, 345)


class Writer:
    """Collects the events of all stories, in the order they happen to be told."""

    def __init__(self, rng: Random, mess: Mess, start: datetime, days: float) -> None:
        self.rng = rng
        self.mess = mess
        self.start = (start - EPOCH) // timedelta(microseconds=1)
        self.end = self.start + int(days * DAY)
        self.told: list[tuple[int, Json]] = []  # time in microseconds, event

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        return self.rng.choice(options)

    def word(self, options: Sequence[str]) -> str:
        """One of the options, or now and then an awkward one."""
        return self.pick(AWKWARD) if self.chance(self.mess.awkward) else self.pick(options)

    def inside(self, time: int) -> bool:
        return self.start <= time < self.end

    def clamped(self, time: int) -> int:
        return min(max(time, self.start), self.end - 1)

    def span(self) -> int:
        """A time between two events: seconds to days, some exactly an hour."""
        kind = self.rng.random()
        if kind < 0.3:
            return self.rng.randrange(1, 5 * MINUTE)
        if kind < 0.65:
            return self.rng.randrange(MINUTE, 3 * HOUR)
        if kind < 0.72:
            return HOUR + self.pick((-1, 0, 0, 1))
        return self.rng.randrange(HOUR, 2 * DAY)

    def rounded(self, time: int) -> int:
        if not self.chance(self.mess.round_times):
            return time
        unit = self.pick((SECOND, SECOND, HOUR, DAY))
        return time // unit * unit + self.pick((0, 0, 0, -1))

    def say(self, kind: str, subject: str, time: int, data: Json, sequence: int | None = None) -> None:
        """Tell one event, unless it lies outside the days of the set."""
        if not self.inside(time):
            return
        event: Json = {
            "specversion": "1.0",
            "id": f"{self.rng.getrandbits(40):010x}-{len(self.told)}",
            "source": self.pick(SOURCES),
            "type": kind,
            "time": self.spelled(time),
            "subject": subject,
        }
        if sequence is not None:
            event["sequence"] = sequence
        if self.chance(self.mess.extra_fields):
            event[self.pick(("traceparent", "datacontenttype", "region"))] = "application/json"
            data = {
                **data,
                self.pick(("x_note", "score2", "lane", "Channel")): self.pick((1, "z", None, [2])),
            }
        if data or self.chance(0.5):
            event["data"] = data
        self.told.append((time, event))

    def spelled(self, time: int) -> str:
        """The time in RFC 3339, in one of its many spellings."""
        if not self.chance(self.mess.odd_times):
            return self.digits(time, 0) + "Z"
        style = self.pick(("offset", "offset", "nanoseconds", "long", "lower", "minus"))
        if style == "offset":
            minutes = self.pick(OFFSETS)
            sign = "-" if minutes < 0 else "+"
            return f"{self.digits(time, minutes)}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
        if style == "nanoseconds":
            return f"{self.digits(time, 0, full=True)}{self.rng.randrange(1000):03}Z"
        if style == "long":
            return self.digits(time, 0, full=True) + "+00:00"
        if style == "lower":
            return self.digits(time, 0).lower() + "z"
        return self.digits(time, 0) + "-00:00"

    def digits(self, time: int, offset_minutes: int, full: bool = False) -> str:
        zone = timezone(timedelta(minutes=offset_minutes))
        wall = (EPOCH + timedelta(microseconds=time)).astimezone(zone)
        text = wall.strftime("%Y-%m-%dT%H:%M:%S")
        if full:
            return f"{text}.{wall.microsecond:06}"
        if wall.microsecond:
            return f"{text}.{wall.microsecond:06}".rstrip("0")
        return text

    def fields(self, options: Mapping[str, Sequence[str]]) -> Json:
        """Some of the optional fields, a few of them cleared."""
        said: Json = {}
        for name, values in options.items():
            if self.chance(self.mess.cleared):
                said[name] = self.pick((None, ""))
            elif not self.chance(self.mess.left_out):
                said[name] = self.word(values)
        return said

    def follows(self, time: int, gap: int) -> tuple[int, int | None]:
        """The time and sequence of the event after one at `time`: tied, or `gap` later."""
        if not self.chance(self.mess.ties):
            return self.rounded(time + gap), None
        sequence = self.rng.randrange(-2, 4) if self.chance(self.mess.sequences) else None
        return time, sequence
