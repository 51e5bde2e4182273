"""Calls in the queue at an instant, and how long the one that came first has been waiting."""

from agents.calls.definitions import CallDefinitions
from agents.calls.state import Wait
from agents.dimensions import WAITING_CALLS
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.events import LATEST
from streams.moments import SECOND
from streams.windows.levels import Level, Longest


def waiting_metrics(definitions: CallDefinitions) -> tuple[Metric, ...]:
    lost_after = round(definitions.lost_after * SECOND)

    def end(wait: Wait) -> int:
        lost = min(wait.since + lost_after, LATEST)
        return lost if wait.until is None else min(lost, wait.until)

    def calls_waiting(wait: Wait) -> Observations:
        if (until := end(wait)) <= wait.begun:
            return NONE
        return (Observation(wait.begun, wait.labels, 1), Observation(until, wait.labels, -1))

    def call_longest_wait(wait: Wait) -> Observations:
        if (until := end(wait)) <= wait.begun:
            return NONE
        return (
            Observation(wait.begun, wait.labels, (1, wait.since)),
            Observation(until, wait.labels, (-1, wait.since)),
        )

    return (
        Metric(
            name="calls_waiting",
            title="Calls waiting",
            formula="calls offered and neither answered nor abandoned yet",
            unit="calls",
            kind=Level("hour"),
            family=WAITING_CALLS,
            windows=(),
            more_is_better=False,
            of="wait",
            reads=(),
            observe=calls_waiting,
        ),
        Metric(
            name="call_longest_wait",
            title="Longest wait of calls",
            formula="of the calls waiting, the time since the first was offered",
            unit="seconds",
            kind=Longest("hour"),
            family=WAITING_CALLS,
            windows=(),
            more_is_better=False,
            of="wait",
            reads=(),
            observe=call_longest_wait,
        ),
    )
