"""`topics`: what a cluster lacks or has otherwise, and making it so."""

import msgspec
import typer

from streams.cli.options import Broker, Config, Json, product_of, settings_of
from streams.cli.output import note, tell, tell_json
from streams.cli.waiting import run
from streams.kafka.topics import Plan
from streams.kafka.topics import apply as apply_to
from streams.kafka.topics import plan as plan_of
from streams.topics import specs

topics = typer.Typer(no_args_is_help=True, help="Compare the cluster's topics with what is needed.")


@topics.command()
def plan(context: typer.Context, config: Config = None, broker: Broker = None, as_json: Json = False) -> None:
    """Show what the cluster lacks or has otherwise; nothing is changed.

    \b
    metricland topics plan --broker kafka://k:9092
    """
    settings = settings_of(context, config, {"broker": broker})
    wanted = specs(product_of(context).catalogue_of(settings), settings)
    found = run(settings.bootstrap, lambda: plan_of(settings.bootstrap, wanted))
    _tell(found, as_json)
    if not found.is_empty and not as_json:
        note("`metricland topics apply` makes it so, but for partitions, which are for a person to solve.")
        if found.losing or found.conflicts:
            note("With what is marked ! data is lost: no worker starts.")


@topics.command()
def apply(
    context: typer.Context, config: Config = None, broker: Broker = None, as_json: Json = False
) -> None:
    """Make the topics that are missing, and set what is otherwise.

    \b
    metricland topics apply --broker kafka://k:9092
    """
    settings = settings_of(context, config, {"broker": broker})
    wanted = specs(product_of(context).catalogue_of(settings), settings)
    done = run(settings.bootstrap, lambda: apply_to(settings.bootstrap, wanted))
    _tell(done, as_json)
    if not done.is_empty and not as_json:
        note("Done.")
        if done.losing:
            note("What was lost already comes back by a rebuild alone, under a new application name.")


def _tell(found: Plan, as_json: bool) -> None:
    if as_json:
        tell_json(msgspec.to_builtins(found))
    else:
        tell(found.render())
