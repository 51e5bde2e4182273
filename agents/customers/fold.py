"""A customer's life: what each event does to it."""

from agents.customers.state import Customer
from streams.events import Event


def left_for_good(customer: Customer, event: Event) -> None:
    """Merged: it leaves every metric, and with it what is counted by it."""
    customer.gone = True


def removed(customer: Customer, event: Event) -> None:
    """It leaves every metric, and nothing is kept of it."""
    customer.gone = customer.removed = True


def noted(customer: Customer, event: Event) -> None:
    """Checked and kept: no metric is made of it yet. (Facts are registers and not folded.)"""
