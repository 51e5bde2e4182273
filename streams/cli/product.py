"""What the command line runs: given by the composition root, `agents.__main__`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.catalogue import Catalogue


@dataclass(frozen=True)
class Product:
    catalogue: Catalogue
    module: str
    "What `python -m` runs: processes of their own are started so."
    simulator: Callable[..., Any] | None = None
    "Makes events that look like the product's own."
    headline: tuple[str, ...] = ()
    "The metrics that a first look shows; none named, all."
    counted: frozenset[str] = frozenset()
    "Types of simulated events that are sure to change the first of these, or one of its family."
    mappings: Path | None = None
    "The directory of the mappings that come with the product."
