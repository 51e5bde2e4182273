"""Whether the first contact was enough."""

from collections.abc import Callable

from agents.tickets.definitions import TicketDefinitions
from agents.tickets.labels import CHANNEL
from agents.tickets.metrics.declared import ticket_metric
from agents.tickets.state import Ticket
from streams.catalogue import NONE, Metric, Observation, Observations
from streams.moments import SECOND
from streams.settings.values import duration_text
from streams.windows.kinds import Ratio


def first_contact_resolution(definitions: TicketDefinitions) -> Callable[[Ticket], Observations]:
    session_channels = frozenset(definitions.session_channels)
    session_gap = round(definitions.session_gap * SECOND)
    reopen_window = round(definitions.reopen_window * SECOND)

    def observe(ticket: Ticket) -> Observations:
        first = ticket.first_resolve
        if first is None:
            return NONE
        labels, reopened = ticket.labels[first.labels], ticket.reopened
        session = labels[CHANNEL] in session_channels
        on_contact = (
            (first.longest_gap <= session_gap if session else first.replies == 1)
            and first.one_agent
            and not first.escalated
            and (reopened is None or reopened - first.time > reopen_window)
        )
        return (Observation(first.time, labels, on_contact),)

    return observe


def one_touch_rate(ticket: Ticket) -> Observations:
    first = ticket.first_resolve
    if first is None:
        return NONE
    return (Observation(first.time, ticket.labels[first.labels], first.replies == 1),)


def metrics(definitions: TicketDefinitions) -> tuple[Metric, ...]:
    sessions = ", ".join(definitions.session_channels)
    in_sessions = f" ({sessions}: in one session)" if sessions else ""
    window = duration_text(definitions.reopen_window)
    return (
        ticket_metric(
            name="first_contact_resolution",
            title="First contact resolution",
            formula=f"tickets resolved with one public agent reply{in_sessions}, by one agent, "
            f"without escalation and without a reopening within {window} / tickets ever resolved",
            unit="ratio",
            kind=Ratio(),
            more_is_better=True,
            reads=("first_resolve", "reopened"),
            observe=first_contact_resolution(definitions),
            bounds=True,
        ),
        ticket_metric(
            name="one_touch_rate",
            title="One-touch rate",
            formula="tickets with exactly one public agent reply before their first resolve / tickets ever "
            "resolved",
            unit="ratio",
            kind=Ratio(),
            more_is_better=True,
            reads=("first_resolve",),
            observe=one_touch_rate,
        ),
    )
