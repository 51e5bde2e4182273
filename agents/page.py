"""`python -m agents.page`: write `docs/metrics.md`."""

from pathlib import Path

from agents.catalogue import CATALOGUE
from streams.outlets.page import page

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"


def main() -> None:
    PAGE.write_text(page(CATALOGUE))


if __name__ == "__main__":
    main()
