"""Customers can be erased: whatever names one is declared."""

import msgspec

from agents.__main__ import PRODUCT
from agents.catalogue import CATALOGUE

OWN = {"customer.merged": "into", "customer.created": "referred_by", "customer.updated": "referred_by"}
"Fields by which one customer names another."


def test_every_field_that_names_a_customer_is_declared() -> None:
    erasure = PRODUCT.erasure
    assert erasure is not None
    named: dict[str, set[str]] = {}
    for domain in CATALOGUE.domains:
        for type_ in domain.types:
            fields = {field.name for field in msgspec.structs.fields(type_.data)}
            found = {name for name in fields if "customer" in name} | ({OWN.get(type_.name, "")} & fields)
            named.setdefault(domain.name, set()).update(found)
    assert {domain: set(fields) for domain, fields in erasure.fields.items()} == named


def test_every_state_that_names_a_customer_is_declared() -> None:
    erasure = PRODUCT.erasure
    assert erasure is not None
    named = {
        domain.name: tuple(name for name in domain.state.__struct_fields__ if "customer" in name)
        for domain in CATALOGUE.domains
    }
    assert erasure.states == {name: fields for name, fields in named.items() if fields}


def test_the_event_erases() -> None:
    erasure = PRODUCT.erasure
    assert erasure is not None
    (type_,) = [each for each in CATALOGUE.domain(erasure.domain).types if each.name == erasure.type]
    assert type_.erases
    assert not any(field.required for field in msgspec.structs.fields(type_.data))
