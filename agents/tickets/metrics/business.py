"""The durations of tickets in business time: of the same spans only what lies in the hours of a calendar.

The calendar is chosen by the labels of the observation; its version is that in force when the span began,
of waits when the ticket was created.
"""

from collections.abc import Callable
from dataclasses import replace

from agents.business.choice import Choice
from agents.tickets.metrics import resolutions, responses, waits
from agents.tickets.state import TimedTicket
from streams.catalogue import NONE, Metric, Observation, Observations

Observe = Callable[[TimedTicket], Observations]

WAITS = {
    "requester_wait_time": frozenset({"open", "held"}),
    "agent_work_time": frozenset({"open"}),
    "agent_wait_time": frozenset({"pending"}),
}
"The statuses whose time they are."
SPANS = (
    "first_response_time",
    "first_bot_response_time",
    "next_response_time",
    "resolution_time",
    "first_resolution_time",
)
"Durations from one moment to another."


def metrics(choice: Choice) -> tuple[Metric, ...]:
    known = {metric.name: metric for metric in (*responses.METRICS, *resolutions.METRICS, *waits.METRICS)}
    return (
        *(_business(known[name], _of_span(known[name].observe, choice)) for name in SPANS),
        *(
            _business(known[name], _of_wait(statuses, choice), "created", "spans")
            for name, statuses in WAITS.items()
        ),
    )


def _business(metric: Metric, observe: Observe, *reads: str) -> Metric:
    return replace(
        metric,
        name=f"{metric.name}_business",
        title=f"{metric.title} (business)",
        formula=f"{metric.formula}, in business time",
        reads=(*metric.reads, *reads),
        observe=observe,
    )


def _of_span(observe: Observe, choice: Choice) -> Observe:
    """Of a duration that ends at its observation."""

    def observed(ticket: TimedTicket) -> Observations:
        return tuple([_in_business_time(found, choice) for found in observe(ticket)])

    return observed


def _in_business_time(found: Observation, choice: Choice) -> Observation:
    end, labels, duration = found.time, found.dimensions, found.value
    if duration < 0:
        return found  # an anomaly here as there
    start = end - duration
    return Observation(end, labels, choice.clock(labels, start).between(start, end))


def _of_wait(statuses: frozenset[str], choice: Choice) -> Observe:
    def observed(ticket: TimedTicket) -> Observations:
        resolution, created = ticket.resolution, ticket.created
        if resolution is None or created is None:
            return NONE
        labels = ticket.labels[resolution.labels]
        between = choice.clock(labels, created.time).between
        spans = ticket.spans or ()
        waited = sum([between(span.start, span.end) for span in spans if span.status in statuses])
        return (Observation(resolution.time, labels, waited),)

    return observed
