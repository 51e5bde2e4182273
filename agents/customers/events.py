"""What is said of a customer on `cx.customers`."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from agents.fields import Number, Required, number
from streams import moments
from streams.errors import Refused
from streams.events import Fact, Text

LARGEST = 1e11
"Up to here a number of JSON holds four decimals exactly."

PLACES = 4
CURRENCY = r"^([A-Z]{3})?$"

Amount = int | float
Currency = Annotated[str, Meta(pattern=CURRENCY)] | UnsetType | None


class Profile(Struct, omit_defaults=True):
    """Of a creation and of updates: what is absent stays as it is, null or "" clears."""

    segment: Text = UNSET
    tier: Text = UNSET
    acquisition_cost: Number = UNSET
    currency: Currency = UNSET
    referred_by: Text = UNSET


class Activated(Struct, omit_defaults=True):
    milestone: Text = UNSET


class Left(Struct, omit_defaults=True):
    reason: Text = UNSET
    competitor: Text = UNSET


class Merged(Struct):
    into: Required


class Subscribed(Struct, kw_only=True, omit_defaults=True):
    subscription_id: Required
    mrr: Amount
    currency: Currency = UNSET
    plan: Text = UNSET
    renews_at: Text = UNSET
    "A date, or a time with an offset."


class Cancelled(Struct, kw_only=True, omit_defaults=True):
    subscription_id: Required
    reason: Text = UNSET


class Payment(Struct, omit_defaults=True):
    amount: Number = UNSET


class Purchased(Struct, kw_only=True, omit_defaults=True):
    amount: Amount
    discount: Number = UNSET
    margin: Number = UNSET
    "A share of the amount."
    currency: Currency = UNSET


class Refunded(Struct):
    amount: Amount


class Used(Struct, omit_defaults=True):
    feature: Text = UNSET
    quantity: Number = UNSET
    "1 where nothing is said."


class Email(Struct, kw_only=True, omit_defaults=True):
    message_id: Required
    campaign: Text = UNSET


class Engaged(Struct, omit_defaults=True):
    platform: Text = UNSET
    kind: Literal["like", "share", "comment", "follow", ""] | UnsetType | None = UNSET


class Loyalty(Struct, omit_defaults=True):
    programme: Text = UNSET


class SelfService(Struct, omit_defaults=True):
    article: Text = UNSET


class Visited(Struct):
    touchpoint: Required


class Signalled(Fact):
    """What another entity knows about the customer, or that it no longer holds."""


def check_amount(name: str, value: Number) -> None:
    amount = number(value)
    if amount is None:
        return
    if not 0 <= amount <= LARGEST:
        raise Refused("invalid", f"{name} is {amount}, expected 0 to {LARGEST:.0f}")
    if round(exact := Decimal(repr(amount)), PLACES) != exact:
        raise Refused("invalid", f"{name} is {amount}, expected at most {PLACES} decimals")


def check_profile(data: Profile) -> None:
    check_amount("acquisition_cost", data.acquisition_cost)


def check_subscription(data: Subscribed) -> None:
    check_amount("mrr", data.mrr)
    if isinstance(data.renews_at, str) and data.renews_at:
        _check_day(data.renews_at)


def check_payment(data: Payment | Refunded) -> None:
    check_amount("amount", data.amount)


def check_purchase(data: Purchased) -> None:
    check_amount("amount", data.amount)
    check_amount("discount", data.discount)
    margin = number(data.margin)
    if margin is not None and not 0 <= margin <= 1:
        raise Refused("invalid", f"margin is {margin}, expected 0 to 1")


def check_usage(data: Used) -> None:
    quantity = number(data.quantity)
    if quantity is not None and not 0 <= quantity <= LARGEST:
        raise Refused("invalid", f"quantity is {quantity}, expected 0 to {LARGEST:.0f}")


def _check_day(text: str) -> None:
    try:
        if len(text) == len("2026-01-01"):
            date.fromisoformat(text)
        else:
            moments.parse(text)
    except ValueError:
        raise Refused(
            "invalid", f"renews_at is {text[:100]!r}, expected a date or an RFC 3339 time"
        ) from None
