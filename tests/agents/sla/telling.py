"""Scenarios: a policy, what happens to a ticket or call in the order of its being known, and what is so then.

    An answer in time meets the first response          the title
        policy first_response 1h                        a policy; more of them, with names: see `policy_of`
        09:00 created priority high                     an event; Monday, unless it says `Tue 09:00`
        09:40 reply ann
        clock 10:30                                     it has become so late, as all know
        = first_response met at 09:40 elapsed 40m       each instance there is, and what is worth a look
        told activated 09:00, at_risk 09:45             what was published since the clock before
        counted first_response 1/1                      met / decided
        stood at 09:50: 1 in flight, 1 at risk          how many targets did, by what is known now

An event below a `clock` comes late if its time is before it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from agents.business.calendar import Always
from agents.business.calendars import Clock
from agents.calls.definitions import CallDefinitions
from agents.sla import views
from agents.sla.calls import CallLevels
from agents.sla.levels import Level
from agents.sla.metrics import sla_at_risk, sla_in_flight, sla_overdue
from agents.sla.policies import ANY, TARGETS, Policies, Policy
from agents.sla.state import Instance
from agents.sla.tickets import TicketLevels
from streams import moments
from streams.catalogue import Signal
from streams.decoding import Decoder
from streams.state.entity import EntityRunner

HERE = Path(__file__).parent
DAYS = {day: number for number, day in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 2)}
UNITS = {"d": moments.DAY, "h": moments.HOUR, "m": moments.MINUTE, "s": moments.SECOND}
MORE = frozenset({"when", "from", "calendar", "warn", "pauses", "resolve"})
STANDING = {"in flight": sla_in_flight, "at risk": sla_at_risk, "overdue": sla_overdue}
KINDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "reply": ("replied", {"author": "agent"}),
    "note": ("replied", {"author": "agent", "public": False}),
    "bot": ("replied", {"author": "bot"}),
    "customer": ("replied", {"author": "customer"}),
    "merged": ("merged", {"into": "T2"}),
}


@dataclass
class Scenario:
    title: str
    lines: list[str] = field(default_factory=list)
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.title}"


class Office:
    """Mondays to Fridays from 9 to 17, by a slow count of its own."""

    def add(self, start: int, duration: int) -> int | None:
        if not duration:
            return start
        for opened, closed in self._spans(start):
            if duration <= closed - opened:
                return opened + duration
            duration -= closed - opened
        return None

    def between(self, start: int, end: int) -> int:
        return sum(max(0, min(closed, end) - opened) for opened, closed in self._spans(start) if opened < end)

    def _spans(self, start: int) -> Iterator[tuple[int, int]]:
        midnight = start // moments.DAY * moments.DAY
        for day in range(midnight, midnight + 60 * moments.DAY, moments.DAY):
            if moments.to_datetime(day).weekday() < 5:
                opened, closed = day + 9 * moments.HOUR, day + 17 * moments.HOUR
                if closed > start:
                    yield max(opened, start), closed


class Clocks:
    """The calendars that scenarios know; `long` is `office` from Wednesday on, before that never closed."""

    def at(self, name: str | None, time: int) -> Clock:
        if name == "office" or (name == "long" and time >= at("Wed 00:00")):
            return Office()
        return Always()


@dataclass(frozen=True)
class Found:
    """An instance, with the words for all that is worth a look."""

    name: str
    state: str
    details: Mapping[str, str]


class Desk:
    """One ticket, or call, under a scenario's policies, by the folds that the product runs."""

    def __init__(self, policies: list[Policy], *, of_call: bool = False) -> None:
        rules = Policies(policies, Clocks())
        self.levels: Any = CallLevels(rules, CallDefinitions()) if of_call else TicketLevels(rules)
        domain = self.domain = self.levels.domain()
        self._decode = Decoder(domain.types).decode
        self._runner = EntityRunner(domain.state, domain.types, keep=256, largest=1 << 20)
        self._entity = self._runner.new()
        self._told: dict[str, Signal] = {}
        self._before: Any = None
        self._count = 0

    @property
    def ticket(self) -> Any:
        return self._entity.state

    def happen(self, words: list[str]) -> None:
        self._count += 1
        time, rest = clock_time(words)
        kind, data = rest[0], rest[1:]
        type_, given = KINDS.get(kind, (kind, {}))
        record = {
            "specversion": "1.0",
            "id": str(self._count),
            "source": "/desk",
            "type": f"{self.levels.kind}.{type_}",
            "time": moments.text(time),
            "subject": "T1",
            "sequence": self._count,
            "data": {**given, **_data(kind, data)},
        }
        _, event = self._decode(msgspec.json.encode(record))
        self._runner.apply(self._entity, event)

    def pass_time(self, clock: int) -> None:
        """Tell the ticket of each instant that it waited for."""
        while due := [each.time for each in self.domain.deadlines(self.ticket, clock) if each.time <= clock]:
            self._runner.let_pass(self._entity, max(due))

    def publish(self) -> list[str]:
        assert self.domain.signals is not None
        found = list(self.domain.signals("T1", self._before, self.ticket))
        self._before = self.ticket.__copy__()
        return sorted(_told(signal) for signal in found)

    def instances(self) -> list[Found]:
        return sorted(map(self._found, self.levels.instances(self.ticket)), key=lambda it: it.name)

    def counted(self, target: str) -> str:
        verdicts = [it for it in self.levels.verdicts(self.ticket) if it.dimensions[0] == target]
        return f"{sum(it.met for it in verdicts)}/{len(verdicts)}"

    def stood(self, time: int) -> str:
        """How many targets were in flight, at risk, overdue after a time."""
        found: Counter[str] = Counter()
        for step in self.levels.steps(self.ticket):
            if step.time <= time:
                found.update({name: step.number for name, metric in STANDING.items() if metric(step)})
        return ", ".join(f"{found[name]} {name}" for name in STANDING if found[name]) or "none"

    def _found(self, instance: Instance) -> Found:
        mark, rules = instance.marks[-1], self.levels.rules
        name = TARGETS[instance.target] + (f" {instance.number}" if instance.number > 1 else "")
        verdict = views.outcome(instance, rules)
        place = verdict.labels if verdict else mark.labels
        _, _, priority, _, _, agent = self.levels.dimensions(self.ticket, "", "", place)
        details = {
            "at": time_text(verdict.time if verdict else mark.time),
            "due": "never" if instance.deadline is None else time_text(instance.deadline),
            "elapsed": duration_text(mark.elapsed),
            "by": agent or "unknown",
            "priority": priority or "unknown",
            "policy": verdict.policy if verdict else rules.goals[mark.goal].policy.name,
        }
        return Found(name, views.state_of(instance), details)


def scenarios(name: str) -> list[Scenario]:
    found: list[Scenario] = []
    for line in (HERE / "scenarios" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith(" "):
            found[-1].lines.append(line.strip())
        else:
            found.append(Scenario(line.strip(), file=name))
    return found


def policy_of(words: list[str]) -> Policy:
    """`gold: first_response 1h urgent/resolution 4h when tier gold|silver from Tue calendar office ...`"""
    name = "standard"
    if words[0].endswith(":"):
        name, *words = words
        name = name[:-1]
    targets: dict[str, dict[str, int]] = {}
    more: dict[str, Any] = {}
    when, pauses, levels = {}, {}, []
    while words:
        word, value, *words = words
        if word == "when":
            when[value] = frozenset(words.pop(0).split("|"))
        elif word == "pauses":
            pauses[value] = frozenset(filter(None, words.pop(0).replace("nothing", "").split("|")))
        elif word == "from":
            more["valid_from"] = at(f"{value} 00:00")
        elif word == "calendar":
            more["calendar"] = value
        elif word == "warn":
            levels += [level_of(each) for each in value.split("|")]
        elif word == "resolve":
            more["resolve_fulfils_replies"] = value != "cancels"
        else:
            priority, _, target = word.rpartition("/")
            targets.setdefault(priority or ANY, {})[target] = duration(value)
    return Policy(name, targets, when=when, pauses=pauses, levels=tuple(levels), **more)


def level_of(text: str) -> Level:
    return Level(share=int(text[:-1]) * 10_000) if text.endswith("%") else Level(before=duration(text))


def duration(text: str) -> int:
    total, digits = 0, ""
    for letter in text:
        if letter.isdigit():
            digits += letter
        else:
            total, digits = total + int(digits) * UNITS[letter], ""
    return total


def duration_text(span: int) -> str:
    parts = []
    for unit, size in UNITS.items():
        if count := span // size:
            parts.append(f"{count}{unit}")
            span -= count * size
    return "".join(parts) or "0s"


def clock_time(words: list[str]) -> tuple[int, list[str]]:
    day = words[0] if words[0] in DAYS else "Mon"
    rest = words[1:] if words[0] in DAYS else words
    return at(f"{day} {rest[0]}"), rest[1:]


def at(text: str) -> int:
    """In the week of Monday, 2026-11-02."""
    day, clock = text.split()
    return moments.parse(f"2026-11-{DAYS[day]:02}T{clock}{':00' if clock.count(':') == 1 else ''}Z")


def time_text(time: int) -> str:
    moment = moments.to_datetime(time)
    clock = f"{moment:%H:%M}" if not time % moments.MINUTE else f"{moment:%H:%M:%S}"
    return clock if moment.day == DAYS["Mon"] else f"{moment:%a} {clock}"


def _data(kind: str, words: list[str]) -> dict[str, Any]:
    if kind in ("reply", "note", "resolved", "assigned", "answered") and len(words) == 1:
        return {"agent_id": words[0]}
    if kind == "customer" and words == ["privately"]:
        return {"public": False}
    names = {"agent": "agent_id", "by": "created_by"}
    told = {names.get(name, name): value for name, value in zip(words[::2], words[1::2], strict=True)}
    cleared = {name: None if value == "nothing" else value for name, value in told.items()}
    if "tags" in cleared:
        cleared["tags"] = cleared["tags"] and cleared["tags"].split("|")
    return cleared


def _told(signal: Signal) -> str:
    """`retracted overdue first_response 10:00`"""
    kind = signal.type.removeprefix("sla.")
    if kind == "retracted":
        kind = f"retracted {signal.data['retracted'].removeprefix('sla.')}"
    number = signal.data["instance"]
    target = signal.data["target"] + (f" {number}" if number > 1 else "")
    return f"{kind} {target} {time_text(signal.time)}"
