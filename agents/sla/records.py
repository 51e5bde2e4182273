"""The records of service levels: everything that happened to an instance, and what no longer holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from agents.sla.policies import TARGETS, Policies
from agents.sla.state import Happened, Instance, Mark
from streams import moments
from streams.catalogue import Signal

TOPIC = "sla"
DETECTED = "detected_at"
SECOND = 1_000_000

Dimensions = Callable[[int], Mapping[str, str | None]]
"Gives the dimensions of a moment, by the place of its labels."


def records(
    kind: str, subject: str, found: Iterable[Instance], rules: Policies, dimensions: Dimensions
) -> dict[str, Signal]:
    """All records of an entity of a kind, by their ids. An id follows from what it is a record of."""
    return {
        signal.id: signal
        for instance in found
        for mark in instance.marks
        if mark.what != Happened.NEAR
        for signal in (_record(kind, subject, instance, mark, rules, dimensions),)
    }


def changes(before: Mapping[str, Signal], after: Mapping[str, Signal]) -> Iterator[Signal]:
    """What is to be told. What a late event shows to be wrong is taken back, under its own id."""
    for id_, signal in before.items():
        if id_ not in after:
            yield signal._replace(type="sla.retracted", data={**signal.data, "retracted": signal.type})
    for id_, signal in after.items():
        if before.get(id_) != signal:
            yield signal


@cache
def _version(valid_from: int) -> str:
    return moments.text(valid_from)


def _record(
    kind: str, subject: str, instance: Instance, mark: Mark, rules: Policies, dimensions: Dimensions
) -> Signal:
    what, policy = Happened(mark.what).name.lower(), rules.goals[mark.goal].policy
    target, version = TARGETS[instance.target], _version(policy.valid_from)
    told = [subject, target, str(instance.number), what, moments.text(mark.time), policy.name, version]
    data: dict[str, Any] = {
        kind: subject,
        "target": target,
        "instance": instance.number,
        "policy": policy.name,
        "policy_version": version,
        "started": moments.text(instance.started),
        "deadline": None if mark.deadline is None else moments.text(mark.deadline),
        "elapsed": mark.elapsed / SECOND,
    }
    if mark.what in (Happened.OVERDUE, Happened.BREACHED):
        data["breached_at"] = data["deadline"]
    if mark.what == Happened.AT_RISK:
        data["level"] = rules.levels[mark.level].name
        told.append(data["level"])
    id_ = "|".join(told)
    return Signal(TOPIC, f"sla.{what}", id_, mark.time, data, DETECTED, dimensions(mark.labels))
