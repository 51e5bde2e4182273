"""Figures of tickets as other systems have them.

Sources: Zendesk's help (article 4408820618266); Chatwoot's `app/listeners/reporting_event_listener.rb`;
Intercom's report of conversations closed on the first contact.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from agents.tickets.definitions import TicketDefinitions
from agents.tickets.metrics import ticket_metrics
from agents.tickets.state import RESOLVED, Ticket
from streams.catalogue import NONE, Metric, Observation, Observations


class Other(NamedTuple):
    """How another system has a metric, and how it differs, in a sentence."""

    observe: Callable[[Ticket], Observations]
    told: str


def zendesk_one_touch(ticket: Ticket) -> Observations:
    """Of tickets that are solved now, those with fewer than two replies in all their life."""
    resolution = ticket.resolution
    if resolution is None:
        return NONE
    return (Observation(resolution.time, ticket.labels[resolution.labels], len(ticket.replies) < 2),)


def chatwoot_resolution_time(ticket: Ticket) -> Observations:
    """Every resolve is measured, each from the creation."""
    created = ticket.created
    if created is None:
        return NONE
    resolves = (
        stand
        for before, stand in zip((None, *ticket.stands), ticket.stands, strict=False)
        if stand.status == RESOLVED and (before is None or before.status != RESOLVED)
    )
    return tuple(
        Observation(stand.time, ticket.labels[stand.labels], stand.time - created.time) for stand in resolves
    )


def intercom_first_contact(ticket: Ticket) -> Observations:
    """Closed once, with one teammate: however many replies that took."""
    first = ticket.first_resolve
    if first is None:
        return NONE
    once = first.one_agent and ticket.reopened is None
    return (Observation(first.time, ticket.labels[first.labels], once),)


OTHERS: Mapping[str, Mapping[str, Other]] = {
    "zendesk": {
        "one_touch_rate": Other(
            zendesk_one_touch,
            "tickets solved without any reply are one-touch too, those that are open again are not counted.",
        )
    },
    "chatwoot": {
        "resolution_time": Other(
            chatwoot_resolution_time,
            "each resolve is measured from the creation, so a reopened conversation counts several times.",
        )
    },
    "intercom": {
        "first_contact_resolution": Other(
            intercom_first_contact,
            "a first contact is enough if one teammate closed it once, whatever it took, and for ever.",
        )
    },
}


def others(name: str, definitions: TicketDefinitions) -> tuple[Metric, ...]:
    """Our metrics as the system of this name has them."""
    known = OTHERS[name]
    return tuple(
        replace(metric, observe=known[metric.name].observe)
        for metric in ticket_metrics(definitions)
        if metric.name in known
    )
