"""`rules`: Prometheus' rules on what the settings promise."""

from typing import Annotated

import typer

from streams.cli.options import Config, product_of, settings_of
from streams.cli.output import note, tell
from streams.outlets.rules import Links, text

USUAL = Links()

Grafana = Annotated[str, typer.Option(metavar="URL", help="Where alerts say that the boards are.")]
Runbook = Annotated[str, typer.Option(metavar="URL", help="Where alerts say that the runbook is.")]


def rules(
    context: typer.Context,
    config: Config = None,
    grafana: Grafana = USUAL.grafana,
    runbook: Runbook = USUAL.runbook,
) -> None:
    """Make Prometheus' recording rules and alerts of what the settings promise.

    \b
    metricland rules > prometheus/rules/service-levels.yml
    metricland rules --grafana https://grafana.example.org --runbook https://wiki.example.org/runbook
    """
    settings = settings_of(context, config)
    product = product_of(context)
    made = tuple(product.rules(settings.definitions, Links(grafana, runbook))) if product.rules else ()
    if not made:
        note("The settings promise nothing: there is nothing to alert on.")
    tell(text(made).rstrip())
