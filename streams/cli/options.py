"""What commands have in common: options, and how they come to the product and the settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from streams import settings
from streams.catalogue import Catalogue
from streams.cli.product import Product
from streams.errors import ConfigurationError
from streams.settings import Settings

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings; metricland.toml, if there is one."),
]
Broker = Annotated[
    str | None,
    typer.Option("--broker", metavar="URL", help="kafka://host:port,host:port; else the settings'."),
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def product_of(context: typer.Context) -> Product:
    product = context.find_object(Product)
    assert product is not None, "streams.cli.main.build sets it"
    return product


def settings_of(
    context: typer.Context, config: Path | None = None, options: Mapping[str, Any] | None = None
) -> Settings:
    """The settings, with options by their dotted key over them (None: not given)."""
    product = product_of(context)
    loaded = settings.load(config, options, product.settings)
    check_sets(loaded, product.catalogue_of(loaded))
    return loaded


def check_sets(loaded: Settings, catalogue: Catalogue) -> None:
    """Which dimension sets there are the catalogue alone knows."""
    known = {tuple(sorted(names)) for family in catalogue.families for names in family.sets}
    for setting in ("minutes", "exported"):
        for written in getattr(loaded.dimensions, setting):
            if tuple(sorted(filter(None, written.split(",")))) not in known:
                expected = ", ".join(f'"{",".join(each)}"' for each in sorted(known))
                raise ConfigurationError(f'dimensions.{setting} has "{written}", expected of {expected}')
