"""The records of service levels: everything that happened to an instance, and what no longer holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from agents.sla.policies import TARGETS, Policies
from agents.sla.state import Happened, Instance, Mark
from streams import moments
from streams.catalogue import Signal

TOPIC = "sla"
DETECTED = "detected_at"
SECOND = 1_000_000

NAMES = tuple(what.name.lower() for what in Happened)

Told = tuple[Instance, tuple[Mark, ...]]
"An instance, and those of its marks that records are made of."

Dimensions = Callable[[int], Mapping[str, str | None]]
"Gives the dimensions of a moment, by the place of its labels."


def records(
    kind: str, subject: str, found: Iterable[Told], rules: Policies, dimensions: Dimensions
) -> dict[str, Signal]:
    """Records of an entity of a kind, by their ids. An id follows from what it is a record of."""
    return {
        signal.id: signal
        for instance, marks in found
        for mark in marks
        if mark.what != Happened.NEAR
        for signal in (_record(kind, subject, instance, mark, rules, dimensions),)
    }


def grown(old: Iterable[Instance], new: Iterable[Instance]) -> tuple[list[Told], list[Told]]:
    """What there may be other records of, where instances go on: the marks that came since."""
    were = {(instance.target, instance.number): instance for instance in old}
    later: list[Told] = []
    for instance in new:
        before = were.pop((instance.target, instance.number), None)
        marks = instance.marks
        if before is not None:
            known = before.marks
            if marks[: len(known)] != known or _again(known, marks[len(known) :]):
                were[instance.target, instance.number] = before
            else:
                marks = marks[len(known) :]
        later.append((instance, marks))
    return [(instance, instance.marks) for instance in were.values()], later


def _again(known: tuple[Mark, ...], more: tuple[Mark, ...]) -> bool:
    """Whether what came since has the id of what was known."""
    if not more or more[0].time > known[-1].time:
        return False
    return not {(mark.what, mark.time) for mark in known}.isdisjoint((mark.what, mark.time) for mark in more)


def changes(before: Mapping[str, Signal], after: Mapping[str, Signal]) -> Iterator[Signal]:
    """What is to be told. What a late event shows to be wrong is taken back, under its own id."""
    for id_, signal in before.items():
        if id_ not in after:
            yield signal._replace(type="sla.retracted", data={**signal.data, "retracted": signal.type})
    for id_, signal in after.items():
        if before.get(id_) != signal:
            yield signal


def _record(
    kind: str, subject: str, instance: Instance, mark: Mark, rules: Policies, dimensions: Dimensions
) -> Signal:
    what, goal, target = NAMES[mark.what], rules.goals[mark.goal], TARGETS[instance.target]
    policy, version, deadline = goal.policy.name, goal.version, mark.deadline
    until = None if deadline is None else moments.text(deadline)
    data: dict[str, Any] = {
        kind: subject,
        "target": target,
        "instance": instance.number,
        "policy": policy,
        "policy_version": version,
        "started": moments.text(instance.started),
        "deadline": until,
        "elapsed": mark.elapsed / SECOND,
    }
    id_ = f"{subject}|{target}|{instance.number}|{what}|{moments.text(mark.time)}|{policy}|{version}"
    if mark.what in (Happened.OVERDUE, Happened.BREACHED):
        data["breached_at"] = until
    elif mark.what == Happened.AT_RISK:
        data["level"] = rules.levels[mark.level].name
        id_ = f"{id_}|{data['level']}"
    return Signal(TOPIC, f"sla.{what}", id_, mark.time, data, DETECTED, dimensions(mark.labels))
