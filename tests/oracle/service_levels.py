"""What every service level comes to, minute by minute: slow, and meant to be obviously right.

All events are on whole minutes, and so are targets. What passes before an event is seen to before it, and
again when it has changed what is promised. Running time is counted anew each time, minute after minute.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

CREATION = ("resolution", "total_resolution", "requester_wait", "agent_work")
REPLIES = ("first_response", "next_response", "periodic_update")
STOPS = {
    "resolution": {"pending"},
    "total_resolution": {"pending", "resolved"},
    "requester_wait": {"pending"},
    "agent_work": {"pending", "held"},
}
FIELDS = ("channel", "priority", "team", "tier", "topic", "agent_id")


@dataclass(frozen=True)
class Promise:
    """One version of a policy; `begins` and the targets are in minutes."""

    name: str
    targets: Mapping[str, Mapping[str, int]]
    begins: int = 0
    when: Mapping[str, set[str]] = field(default_factory=dict)
    stops: Mapping[str, set[str]] = field(default_factory=dict)
    open: Callable[[int], bool] = lambda minute: True
    cancels: bool = False
    warns: Callable[[int], Sequence[float]] = lambda minutes: ()
    "When targets of so many minutes come to be at risk, in minutes of running time."


class Verdict(NamedTuple):
    target: str
    number: int
    minute: int
    policy: str
    met: bool
    priority: str | None
    agent: str | None


class Standing(NamedTuple):
    """How a target stands at an instant."""

    target: str
    number: int
    state: str
    policy: str
    priority: str | None
    agent: str | None


@dataclass
class Run:
    """A run of a target, from its start."""

    target: str
    number: int
    start: int
    goals: list[tuple[int, tuple[Promise, int] | None]] = field(default_factory=list)
    "By minute what was promised from then on, the policy and the target's minutes; maybe several in one."
    missed: Verdict | None = None
    ended: bool = False
    met: Verdict | None = None
    spans: list[list[int]] = field(default_factory=list)
    "When it was not ended: from a minute until before another, the last maybe until now."


class Ticket:
    def __init__(self, promises: Sequence[Promise]) -> None:
        self.promises = promises
        self.created: int | None = None
        self.closed = False
        self.gone = False
        self.status = "open"
        self.facts: dict[str, Any] = {"tags": []}
        self.runs: list[Run] = []
        self.first = "not begun"
        self.numbers = {"next_response": 0, "periodic_update": 0}
        self.minutes: dict[int, tuple[str, dict[str, Any]]] = {}
        "How it was after each minute."

    def now(self, minute: int) -> None:
        self.minutes[minute] = (self.status, dict(self.facts))

    # What happens

    def happen(self, minute: int, kind: str, data: Mapping[str, Any]) -> None:
        if kind in ("removed", "merged", "restored"):
            self.gone = kind != "restored"
        elif kind == "created" and self.created is None:
            self.create(minute, data)
        elif not self.closed:
            self.live(minute, kind, data)

    def create(self, minute: int, data: Mapping[str, Any]) -> None:
        self.created = minute
        self.take(data)
        self.facts["source"] = data.get("source")
        if self.status != "resolved":
            for target in CREATION:
                self.start(target, minute)
            if data.get("created_by") != "agent":
                self.first = "running"
                self.start("first_response", minute)
        if not self.closed and data.get("status"):
            self.change(minute, data["status"])

    def live(self, minute: int, kind: str, data: Mapping[str, Any]) -> None:
        if kind in ("created", "updated", "assigned"):
            self.take(data)
            self.promise(minute)
            if self.created is not None:
                self.let_pass(minute - 1, minute)
            if data.get("status"):
                self.change(minute, data["status"])
        elif kind == "replied" and self.created is not None:
            self.reply(minute, data)
        elif kind in ("pended", "held", "resumed", "resolved", "reopened", "closed"):
            self.change(minute, "pending" if kind == "pended" else kind)

    def take(self, data: Mapping[str, Any]) -> None:
        for name in (*FIELDS, "tags"):
            if name in data:
                self.facts[name] = data[name] or ([] if name == "tags" else None)

    def reply(self, minute: int, data: Mapping[str, Any]) -> None:
        public = data.get("public", True)
        if data["author"] == "customer":
            if self.first == "not begun":
                self.first = "running"
                self.start("first_response", minute)
            elif public and self.first == "ended" and not self.running("next_response"):
                self.again("next_response", minute)
        elif data["author"] == "agent" and public:
            if self.first == "running":
                self.first = "ended"
            for target in REPLIES:
                for run in self.running(target):
                    self.end(run, minute, True, data.get("agent_id"))
            if self.status != "resolved":
                self.again("periodic_update", minute)

    def change(self, minute: int, status: str) -> None:
        if status == "closed":
            self.closed = True
            self.resolve(minute)
        elif status == "resolved":
            if self.status != "resolved":
                self.resolve(minute)
        elif self.status != "resolved":
            if status != "reopened":
                self.status = "open" if status == "resumed" else status
        elif status in ("reopened", "open"):
            self.status = "open"
            for run in self.runs:
                if run.target == "total_resolution" and run.ended:
                    run.ended, run.met = False, None
                    run.spans.append([minute])
                    self.bind(run, minute)

    def resolve(self, minute: int) -> None:
        if self.created is not None:
            if self.first == "running":
                self.first = "ended"
            for run in [run for run in self.runs if not run.ended]:
                goal = self.goal(run)
                given_up = run.target in REPLIES and goal is not None and goal[0].cancels
                self.end(run, minute, not given_up, self.facts.get("agent_id"))
        self.status = "resolved"

    # Runs

    def start(self, target: str, minute: int, number: int = 1) -> None:
        self.runs.append(Run(target, number, minute, spans=[[minute]]))
        self.bind(self.runs[-1], minute)

    def again(self, target: str, minute: int) -> None:
        self.numbers[target] += 1
        self.start(target, minute, self.numbers[target])

    def running(self, target: str) -> list[Run]:
        return [run for run in self.runs if run.target == target and not run.ended]

    def end(self, run: Run, minute: int, fulfilled: bool, agent: str | None) -> None:
        run.ended = True
        run.spans[-1].append(minute)
        _, goal = run.goals[-1]
        if fulfilled and run.missed is None and goal is not None:
            run.met = self.verdict(run, minute, goal[0], True, {**self.facts, "agent_id": agent})

    def promise(self, minute: int) -> None:
        for run in self.runs:
            if not run.ended and run.missed is None:
                self.bind(run, minute)

    def bind(self, run: Run, minute: int) -> None:
        run.goals.append((minute, self.chosen(run)))

    def chosen(self, run: Run) -> tuple[Promise, int] | None:
        names = list(dict.fromkeys(promise.name for promise in self.promises))
        for name in names:
            versions = [it for it in self.promises if it.name == name and it.begins <= run.start]
            if not versions:
                continue
            promise = max(versions, key=lambda it: it.begins)
            if all(self.holds(fact, allowed) for fact, allowed in promise.when.items()):
                row = promise.targets.get(self.facts.get("priority") or "unknown")
                row = promise.targets.get("default", {}) if row is None else row
                return (promise, row[run.target]) if run.target in row else None
        return None

    def holds(self, fact: str, allowed: set[str]) -> bool:
        if fact == "tags":
            return bool(allowed & set(self.facts["tags"]))
        return (self.facts.get(fact) or "unknown") in allowed

    # Time

    def goal(self, run: Run) -> tuple[Promise, int] | None:
        """What was promised last."""
        known = [goal for _, goal in run.goals if goal is not None]
        return known[-1] if known else None

    def let_pass(self, until: int, now: int) -> None:
        """Of each run see whether its deadline was at `until` or before; what it is `now` may still change.

        A minute counts by the last promise so far, or before any by the first that came.
        """
        for run in self.runs:
            _, goal = run.goals[-1]
            if run.ended or run.missed is not None or goal is None or until - run.start < goal[1]:
                continue
            for minute, elapsed, runs in self.clock(run, until, now):
                if elapsed >= goal[1] and runs:
                    facts = self.facts if minute == now else self.minutes[minute][1]
                    run.missed = self.verdict(run, minute, goal[0], False, facts)
                    break

    def clock(self, run: Run, until: int, now: int | None = None) -> Iterator[tuple[int, int, bool]]:
        """By minute the running time before it, and whether the clock runs in it, as known at `until`."""
        known = [(at, goal[0]) for at, goal in run.goals if goal is not None]
        known = [each for each in known if each[0] <= until] or known[:1]
        elapsed = 0
        for minute in range(run.start, until + 1):
            while len(known) > 1 and known[1][0] <= minute:
                known.pop(0)
            promise = known[0][1]
            status = self.status if minute == now else self.minutes[minute][0]
            runs = status not in stopped(promise, run.target)
            yield minute, elapsed, runs
            elapsed += runs and promise.open(minute)

    def verdict(
        self, run: Run, minute: int, promise: Promise, met: bool, facts: Mapping[str, Any]
    ) -> Verdict:
        return Verdict(
            run.target, run.number, minute, promise.name, met, facts.get("priority"), facts.get("agent_id")
        )

    def standing(self, minute: int) -> set[Standing]:
        """How targets stood after a minute, by what is known in the end."""
        if self.gone or self.created is None or minute < self.created:
            return set()
        facts = self.minutes[minute][1]
        found = set()
        for run in self.runs:
            if any(span[0] <= minute and (len(span) == 1 or minute < span[1]) for span in run.spans):
                state, policy = self.state(run, minute)
                if state:
                    told = (facts.get("priority"), facts.get("agent_id"))
                    found.add(Standing(run.target, run.number, state, policy, *told))
        return found

    def state(self, run: Run, minute: int) -> tuple[str, str]:
        """Its state and policy; no state where it is paused, or nothing is promised."""
        if run.missed is not None and run.missed.minute <= minute:
            return "overdue", run.missed.policy
        goal = [goal for at, goal in run.goals if at <= minute][-1]
        if goal is None:
            return "", ""
        *_, (_, elapsed, runs) = self.clock(run, minute)
        if not runs:
            return "", ""
        promise, minutes = goal
        near = any(0 < level <= elapsed for level in promise.warns(minutes))
        return "at risk" if near else "in time", promise.name

    def verdicts(self) -> set[Verdict]:
        if self.gone or self.created is None:
            return set()
        found = (run.missed or run.met for run in self.runs)
        return {verdict for verdict in found if verdict is not None}


def stopped(promise: Promise, target: str) -> set[str]:
    stops = promise.stops.get(target, STOPS.get(target, set()))
    return stops | {"resolved"} if target == "total_resolution" else stops


def verdicts(
    promises: Sequence[Promise], events: Iterable[tuple[int, str, Mapping[str, Any]]], until: int
) -> set[Verdict]:
    """What is met and what is missed by the end of minute `until`. Events in their order."""
    return lived(promises, events, until).verdicts()


def lived(
    promises: Sequence[Promise], events: Iterable[tuple[int, str, Mapping[str, Any]]], until: int
) -> Ticket:
    """The ticket at the end of minute `until`."""
    ticket, told = Ticket(promises), list(events)
    for minute in range(told[0][0], until + 1):
        while told and told[0][0] == minute:
            ticket.let_pass(minute - 1, minute)
            ticket.happen(*told.pop(0))
        ticket.now(minute)
    ticket.let_pass(until, until)
    return ticket
