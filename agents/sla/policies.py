"""Policies: what was promised to whom, and which of them holds for an entity. Times in microseconds."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from agents.business.calendars import Clock
from agents.sla.levels import DEFAULT_LEVELS, Level
from streams import moments

TARGETS = (
    "first_response",
    "next_response",
    "periodic_update",
    "resolution",
    "total_resolution",
    "requester_wait",
    "agent_work",
    "speed_of_answer",
)
(
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    PERIODIC_UPDATE,
    RESOLUTION,
    TOTAL_RESOLUTION,
    REQUESTER_WAIT,
    AGENT_WORK,
    SPEED_OF_ANSWER,
) = range(len(TARGETS))

REPLIES = frozenset({FIRST_RESPONSE, NEXT_RESPONSE, PERIODIC_UPDATE})
"Targets that a reply fulfils."

DONE = frozenset({"resolved", "closed"})
PAUSES: Mapping[str, frozenset[str]] = {
    "resolution": frozenset({"pending"}),
    "total_resolution": frozenset({"pending"}),
    "requester_wait": frozenset({"pending"}),
    "agent_work": frozenset({"pending", "held"}),
}
"""The statuses that stop a target's clock, unless a policy says otherwise.

Agent work and hold make up the requester's wait, so what stops this stops agent work too.
"""

ANY = "default"
"The row of targets for priorities that have none of their own."

UNKNOWN = "unknown"
"What conditions call a value that is missing."

NO_GOAL = -1
_REMEMBERED = 10_000


class Facts(NamedTuple):
    """What conditions look at."""

    channel: str | None = None
    priority: str | None = None
    team: str | None = None
    tier: str | None = None
    topic: str | None = None
    source: str | None = None
    queue: str | None = None
    tags: tuple[str, ...] = ()


class Clocks(Protocol):
    """The clocks by the name of their calendar, as each was at a time."""

    def at(self, name: str | None, time: int) -> Clock: ...


@dataclass(frozen=True)
class Policy:
    """One version of a policy. `when` has the values that are allowed, by the name of a fact."""

    name: str
    targets: Mapping[str, Mapping[str, int]]
    "By priority, or `default`: how long each target may take."
    valid_from: int = 0
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    calendar: str | None = None
    levels: tuple[Level, ...] = DEFAULT_LEVELS
    pauses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    "Statuses that stop a target's clock, in the place of the usual ones."
    resolve_fulfils_replies: bool = True

    def holds(self, facts: Facts) -> bool:
        for name, allowed in self.when.items():
            value = getattr(facts, name)
            if name == "tags":
                if allowed.isdisjoint(value):
                    return False
            elif (value or UNKNOWN) not in allowed:
                return False
        return True


@dataclass(frozen=True, eq=False)
class Goal:
    """What a policy promises of one target at a priority."""

    number: int
    policy: Policy
    target: int
    duration: int
    steps: tuple[tuple[int, int], ...]
    "Running time at which it comes to a warning level, and the level's number; the earliest first."
    stops: frozenset[str]
    "Statuses in which the clock stands still."
    version: str
    "Of the policy, as records name it."


class Policies:
    """All versions of all policies, in the order in which they are tried."""

    def __init__(self, policies: Sequence[Policy], clocks: Clocks) -> None:
        self.all = tuple(policies)
        self.levels = tuple(dict.fromkeys(level for policy in policies for level in policy.levels))
        self.goals: list[Goal] = []
        self._clocks = clocks
        self._rows = tuple(self._goals_of(policy) for policy in self.all)
        self._turns = sorted({0, *(policy.valid_from for policy in self.all)})
        self._in_force = tuple(self._at(turn) for turn in self._turns)
        self._chosen: dict[tuple[int, Facts], int] = {}
        self.targets = frozenset(goal.target for goal in self.goals)
        "Those of which anything is promised."

    def goal(self, target: int, started: int, facts: Facts) -> int:
        """The number of the goal for a target, by the policies that were in force at its start."""
        place = (bisect_right(self._turns, started) - 1, facts)
        number = self._chosen.get(place)
        if number is None:
            if len(self._chosen) >= _REMEMBERED:
                self._chosen.clear()
            number = self._chosen[place] = self._choose(self._in_force[place[0]], facts)
        if number == NO_GOAL:
            return NO_GOAL
        rows = self._rows[number]
        row = rows.get(facts.priority or UNKNOWN)
        return (rows.get(ANY, {}) if row is None else row).get(target, NO_GOAL)

    def clock(self, goal: Goal, started: int) -> Clock:
        """The version of the goal's calendar that was in force at the start."""
        return self._clocks.at(goal.policy.calendar, started)

    def _choose(self, candidates: tuple[int, ...], facts: Facts) -> int:
        return next((number for number in candidates if self.all[number].holds(facts)), NO_GOAL)

    def _at(self, time: int) -> tuple[int, ...]:
        """Of each policy the last version that had begun, in the order in which policies are listed."""
        versions: dict[str, int] = {}
        for number, policy in enumerate(self.all):
            if policy.valid_from <= time:
                known = versions.get(policy.name)
                if known is None or self.all[known].valid_from <= policy.valid_from:
                    versions[policy.name] = number
        order = list(dict.fromkeys(policy.name for policy in self.all))
        return tuple(sorted(versions.values(), key=lambda number: order.index(self.all[number].name)))

    def _goals_of(self, policy: Policy) -> dict[str, dict[int, int]]:
        return {
            priority: {
                TARGETS.index(name): self._goal(policy, TARGETS.index(name), duration)
                for name, duration in targets.items()
            }
            for priority, targets in policy.targets.items()
        }

    def _goal(self, policy: Policy, target: int, duration: int) -> int:
        name = TARGETS[target]
        stops = policy.pauses.get(name, PAUSES.get(name, frozenset()))
        if target == TOTAL_RESOLUTION:
            stops |= DONE
        needs = ((level.of(duration), self.levels.index(level)) for level in policy.levels)
        steps = tuple(sorted((need, number) for need, number in needs if 0 < need < duration))
        self.goals.append(
            Goal(len(self.goals), policy, target, duration, steps, stops, moments.text(policy.valid_from))
        )
        return len(self.goals) - 1
