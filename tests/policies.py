"""The policies that the repository's rules and boards are of."""

from pathlib import Path

from agents.__main__ import PRODUCT
from streams.settings import load

FILE = Path(__file__).parents[1] / "prometheus" / "policies.toml"
SETTINGS = load(FILE, model=PRODUCT.settings)
CATALOGUE = PRODUCT.catalogue_of(SETTINGS)
