"""What follows from the declarations."""

from dataclasses import replace

import pytest

from agents.catalogue import CATALOGUE
from streams.catalogue import Catalogue
from tests.parcels import WORLD


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


def test_a_family_has_no_more_metrics_than_a_cell_tells_apart() -> None:
    def of(number: int) -> Catalogue:
        return replace(WORLD, metrics=tuple(replace(WORLD.metrics[0], name=f"m{n}") for n in range(number)))

    assert of(256).numbers["m255"] == 255
    with pytest.raises(ValueError, match="family 'parcels' has 257 metrics, expected at most 256"):
        of(257)
