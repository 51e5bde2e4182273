"""`config`: the settings in effect, a check of a file, an example."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.catalogue import Catalogue
from streams.cli.options import Broker, Config, Json, product_of, settings_of
from streams.cli.output import note, tell, tell_json
from streams.cli.product import Product
from streams.settings import Settings, toml
from streams.settings.model import dimension_set

File = Annotated[Path | None, typer.Option("--check", metavar="FILE", help="Check a file, show nothing.")]
Example = Annotated[bool, typer.Option("--example", help="Show every setting with its default, explained.")]


def config(
    context: typer.Context,
    file: Config = None,
    broker: Broker = None,
    check: File = None,
    example: Example = False,
    as_json: Json = False,
) -> None:
    """Show the settings in effect, secrets hidden.

    They come from metricland.toml, then the environment (METRICLAND_WEB__PORT=6067), then options.

    \b
    metricland config                              what is in effect
    metricland config --check metricland.toml      whether a file is right
    metricland config --example > metricland.toml  a file to start from
    """
    if example:
        return tell(toml.example(product_of(context).settings).rstrip())
    settings = settings_of(context, check or file, {"broker": broker})
    if check:
        return _tell_check(check, product_of(context), settings)
    if as_json:
        return tell_json(toml.shown(settings))
    tell(toml.effective(settings).rstrip())
    return None


def _tell_check(file: Path, product: Product, settings: Settings) -> None:
    note(f"{file} is right.")
    of_definitions = product.notes(settings.definitions) if product.notes is not None else ()
    for line in (*of_definitions, *_without_minutes(settings, product.catalogue_of(settings))):
        note(f"note: {line}")


def _without_minutes(settings: Settings, catalogue: Catalogue) -> Iterator[str]:
    """What is exported without figures by the minute, where it could have them."""
    adjusted = {family.name: family for family in settings.adjusted(catalogue).families}
    for exported in settings.dimensions.exported:
        names = dimension_set(exported)
        could = [
            adjusted[family.name]
            for family in catalogue.families
            if names in map(frozenset, family.with_minutes())
            and names in map(frozenset, adjusted[family.name].sets)
        ]
        if any(names not in map(frozenset, family.with_minutes()) for family in could):
            yield (
                f'dimensions.exported has "{exported}" and dimensions.minutes has not: '
                "it is shown by windows of six hours and longer alone"
            )
