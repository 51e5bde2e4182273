"""What the command line runs: given by the composition root, `agents.__main__`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.catalogue import Catalogue


@dataclass(frozen=True)
class Product:
    catalogue: Catalogue
    simulator: Callable[..., Any] | None = None
    "Makes events that look like the product's own."
    mappings: Path | None = None
    "The directory of the mappings that come with the product."
