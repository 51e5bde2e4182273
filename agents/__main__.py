"""Where everything is put together: the domains of customer experience, and the command line."""

from pathlib import Path

from agents.catalogue import CATALOGUE
from streams.cli.main import build
from streams.cli.product import Product

PRODUCT = Product(catalogue=CATALOGUE, mappings=Path(__file__).with_name("mappings"))


def main() -> None:
    build(PRODUCT)()


if __name__ == "__main__":
    main()
