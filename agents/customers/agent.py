"""The door of customers: what the road has to know of them."""

from agents.calls.outcomes import CallFact
from agents.customers import fold
from agents.customers.events import (
    Activated,
    Cancelled,
    Email,
    Engaged,
    Left,
    Loyalty,
    Merged,
    Payment,
    Profile,
    Purchased,
    Refunded,
    SelfService,
    Signalled,
    Subscribed,
    Used,
    Visited,
    check_payment,
    check_profile,
    check_purchase,
    check_subscription,
    check_usage,
)
from agents.customers.facts import condense, outcomes, past_outcomes, past_recontacts, resolved_tickets
from agents.customers.state import Customer
from agents.fields import Nothing
from agents.tickets.recontacts import TicketFact
from streams.catalogue import Domain, FactType, Subject
from streams.events import EventType


def settled(customer: Customer) -> bool:
    """An active customer is never forgotten, and which are active isn't known yet."""
    return customer.gone


CUSTOMERS = Domain(
    name="customers",
    kinds=(
        *("customer.", "subscription.", "payment.", "purchase.", "usage.", "email.", "social.", "loyalty."),
        *("selfservice.", "touchpoint."),
    ),
    types=(
        EventType("customer.created", Profile, fold.noted, check_profile),
        EventType("customer.updated", Profile, fold.noted, check_profile),
        EventType("customer.activated", Activated, fold.noted),
        EventType("customer.left", Left, fold.noted),
        EventType("customer.returned", Nothing, fold.noted),
        EventType("customer.merged", Merged, fold.left_for_good),
        EventType("customer.removed", Nothing, fold.removed, erases=True),
        EventType("subscription.started", Subscribed, fold.noted, check_subscription),
        EventType("subscription.changed", Subscribed, fold.noted, check_subscription),
        EventType("subscription.cancelled", Cancelled, fold.noted),
        EventType("payment.failed", Payment, fold.noted, check_payment),
        EventType("payment.recovered", Payment, fold.noted, check_payment),
        EventType("purchase.completed", Purchased, fold.noted, check_purchase),
        EventType("purchase.refunded", Refunded, fold.noted, check_payment),
        EventType("usage.recorded", Used, fold.noted, check_usage),
        EventType("email.sent", Email, fold.noted),
        EventType("email.opened", Email, fold.noted),
        EventType("email.clicked", Email, fold.noted),
        EventType("social.engaged", Engaged, fold.noted),
        EventType("loyalty.joined", Loyalty, fold.noted),
        EventType("loyalty.participated", Loyalty, fold.noted),
        EventType("selfservice.viewed", SelfService, fold.noted),
        EventType("selfservice.solved", SelfService, fold.noted),
        EventType("touchpoint.visited", Visited, fold.noted),
        EventType("customer.signalled", Signalled, fold.noted, ours=True),
    ),
    state=Customer,
    subjects=(
        Subject("outcome", outcomes, reads=("registers", "gone")),
        Subject("outcome", past_outcomes, reads=("folded", "gone")),
        Subject("recontact", resolved_tickets, reads=("registers", "folded", "gone")),
        Subject("recontact", past_recontacts, reads=("folded", "gone")),
    ),
    settled=settled,
    condense=condense,
    facts=(
        FactType(TicketFact, "customer.signalled", "customer.signalled"),
        FactType(CallFact, "customer.signalled", "customer.signalled"),
    ),
)
