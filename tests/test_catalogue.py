"""What follows from the declarations."""

from agents.catalogue import CATALOGUE
from streams.catalogue import Catalogue


def sources(catalogue: Catalogue, metric: str) -> frozenset[str]:
    (found,) = (each for each in catalogue.metrics if each.name == metric)
    return catalogue.sources(found.family)


def test_a_family_waits_for_those_who_forward_to_its_entities() -> None:
    assert sources(CATALOGUE, "recontact_rate") == {"customers", "tickets", "calls"}
    assert sources(CATALOGUE, "tickets_created") == {"tickets"}


def test_domains_forward_to_domains_that_take_facts() -> None:
    for domain in CATALOGUE.domains:
        assert (domain.forwards is None) == (not domain.forwards_to)
        assert all(CATALOGUE.domain(target).facts for target in domain.forwards_to)
