"""Some metrics alone have the figures that they have among all."""

import msgspec
import pytest

from agents.catalogue import CATALOGUE
from bench.selection import BASIC, selected
from streams.batch import Batch
from streams.catalogue import Catalogue
from tests.oracle.stories import events as stories
from tests.promise import Figures


def _figures(catalogue: Catalogue) -> Figures:
    batch = Batch(catalogue)
    batch.take(map(msgspec.json.encode, stories(5, 40, 40)))
    return batch.figures()


def test_their_figures_are_those_among_all() -> None:
    among_all = {key: told for key, told in _figures(CATALOGUE).items() if key.split("|")[0] in BASIC}
    assert among_all
    assert _figures(selected("basic")) == among_all


def test_what_contributes_nothing_is_left_out() -> None:
    assert [domain.name for domain in selected("tickets_created").domains] == ["tickets"]
    assert not selected("tickets_created").domain("tickets").forwards_to
    assert selected("") is CATALOGUE


def test_a_name_that_is_not_known_is_told() -> None:
    with pytest.raises(SystemExit, match="no metric is named nsp"):
        selected("nps,nsp")
