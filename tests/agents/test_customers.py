"""What is said of customers is checked as it comes, also where no metric is made of it yet."""

from typing import Any

import msgspec
import pytest

from agents.calls.agent import CALLS
from agents.customers.agent import CUSTOMERS
from streams.decoding import Decoder
from streams.errors import Refused
from streams.events import Event

DECODER = Decoder(CUSTOMERS.types)


def read(kind: str, data: dict[str, Any]) -> Event:
    told = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/crm",
        "type": kind,
        "time": "2026-11-02T09:00:00Z",
        "subject": "C1",
        "data": data,
    }
    return DECODER.decode(msgspec.json.encode(told))[1]


SUBSCRIPTION = {"subscription_id": "S1", "mrr": 49.99}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (
            "customer.created",
            {"segment": "trade", "tier": "gold", "acquisition_cost": 12.5, "currency": "EUR"},
        ),
        ("customer.created", {"acquisition_cost": None, "currency": "", "referred_by": "C2"}),
        ("customer.updated", {}),
        ("customer.activated", {"milestone": "first order"}),
        ("customer.left", {"reason": "price", "competitor": "Acme"}),
        ("customer.merged", {"into": "C2"}),
        ("subscription.started", {**SUBSCRIPTION, "renews_at": "2027-01-01"}),
        ("subscription.changed", {**SUBSCRIPTION, "mrr": 0, "renews_at": "2027-01-01T00:00:00+01:00"}),
        ("subscription.cancelled", {"subscription_id": "S1"}),
        ("payment.failed", {"amount": 0.0001}),
        ("purchase.completed", {"amount": 99_999_999_999.9999, "discount": 5, "margin": 0.3}),
        ("purchase.refunded", {"amount": 10}),
        ("usage.recorded", {"feature": "export", "quantity": 0.5}),
        ("email.clicked", {"message_id": "M1"}),
        ("social.engaged", {"kind": "share"}),
        ("touchpoint.visited", {"touchpoint": "onboarding"}),
    ],
)
def test_what_may_be_said(kind: str, data: dict[str, Any]) -> None:
    assert CUSTOMERS.types[read(kind, data).rank].name == kind


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("customer.created", {"acquisition_cost": -1}, "acquisition_cost is -1, expected 0 to 100000000000"),
        ("customer.created", {"currency": "euro"}, "matching regex"),
        ("customer.merged", {}, "into"),
        ("customer.merged", {"into": ""}, "length >= 1"),
        ("subscription.started", {"subscription_id": "S1"}, "mrr"),
        ("subscription.started", {**SUBSCRIPTION, "mrr": -0.01}, "mrr is -0.01"),
        ("subscription.changed", {**SUBSCRIPTION, "renews_at": "soon"}, "renews_at is 'soon'"),
        ("purchase.completed", {"amount": 1.00001}, "amount is 1.00001, expected at most 4 decimals"),
        ("purchase.completed", {"amount": "12.50"}, "Expected `int | float`"),
        ("purchase.completed", {"amount": 1, "margin": 30}, "margin is 30, expected 0 to 1"),
        ("purchase.completed", {"amount": 1, "discount": -1}, "discount is -1"),
        ("purchase.refunded", {"amount": 1e12}, "amount is 1000000000000.0"),
        ("payment.recovered", {"amount": -5}, "amount is -5"),
        ("usage.recorded", {"quantity": -1}, "quantity is -1"),
        ("email.opened", {"message_id": None}, "message_id"),
        ("social.engaged", {"kind": "poke"}, "Invalid enum value 'poke'"),
        ("touchpoint.visited", {"touchpoint": ""}, "length >= 1"),
    ],
)
def test_what_breaks_a_rule_is_told(kind: str, data: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        read(kind, data)
    assert refused.value.reason == "invalid"
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(64, None), (128, None), (129, "more than 256 bytes"), (300, "more than 256 bytes")],
)
def test_the_id_of_another_entity_is_no_longer_than_a_subject(ends: int, expected: str | None) -> None:
    told = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/pbx",
        "type": "call.offered",
        "time": "2026-11-02T09:00:00Z",
        "subject": "K1",
        "data": {"customer_id": "ü" * ends},
    }
    value = msgspec.json.encode(told)
    if expected is None:
        Decoder(CALLS.types).decode(value)
    else:
        with pytest.raises(Refused, match=expected):
            Decoder(CALLS.types).decode(value)
