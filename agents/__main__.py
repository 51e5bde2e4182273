"""Where everything is put together: the domains of customer experience, and the command line."""

from agents.catalogue import CATALOGUE
from streams.cli.main import build
from streams.cli.product import Product

PRODUCT = Product(catalogue=CATALOGUE)


def main() -> None:
    build(PRODUCT)()


if __name__ == "__main__":
    main()
