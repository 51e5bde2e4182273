"""The command line as a whole: its commands, and how an error ends one."""

import logging
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from streams.cli.dead_letters import dead_letters
from streams.cli.output import note, tell
from streams.cli.product import Product
from streams.cli.topics import topics
from streams.errors import MetricLandError
from streams.logs import LIBRARIES
from streams.version import version

COMMANDS = {
    "demo": "demo:demo",
    "worker": "worker:worker",
    "broker": "broker:broker",
    "publish": "publish:publish",
    "import": "import_:import_",
    "simulate": "simulate:simulate",
    "report": "report:report",
    "tail": "tail:tail",
    "erase": "erase:erase",
    "metrics": "metrics:metrics",
    "config": "config:config",
    "rules": "rules:rules",
}

PASSED_ON = (typer.Exit, typer.Abort, TyperException, BrokenPipeError)
"What Typer itself ends the command with: the end, Ctrl-C, wrong usage, a reader that has gone."


class Commands(TyperGroup):
    """Ends a command that fails with one line and exit code 1, unless --debug asks for the traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if ctx.params["debug"] or isinstance(error, PASSED_ON):
                raise
            note(_line(error))
            raise typer.Exit(1) from None


def build(product: Product) -> typer.Typer:
    app = typer.Typer(
        name="metricland",
        cls=Commands,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def metricland(
        context: typer.Context,
        debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
        version: Annotated[
            bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)
        ] = False,
    ) -> None:
        """Customer-experience metrics in real time, on Kafka.

        \b
        metricland demo                            try it, on nothing but Python
        metricland report events.jsonl             every metric of a file of events
        metricland worker --broker kafka://k:9092  the processor, on your Kafka
        """
        context.obj = product
        if not debug:  # the clients tell of each attempt, we tell of the outcome
            for name in LIBRARIES:
                logging.getLogger(name).setLevel(logging.CRITICAL)

    for name, place in COMMANDS.items():
        if (command := _command(place)) is not None:
            app.command(name)(command)
    app.add_typer(topics, name="topics")
    app.add_typer(dead_letters, name="dead-letters")
    return app


def _command(place: str) -> Callable[..., Any] | None:
    module, function = place.split(":")
    if find_spec(f"streams.cli.{module}") is None:
        return None
    command: Callable[..., Any] = getattr(import_module(f"streams.cli.{module}"), function)
    return command


def _version(asked: bool) -> None:
    if not asked:
        return
    tell(version())
    raise typer.Exit


def _line(error: Exception) -> str:
    if isinstance(error, MetricLandError):
        return f"metricland: {error}"
    if isinstance(error, OSError):
        return f"metricland: {error.filename}: {error.strerror}" if error.filename else f"metricland: {error}"
    return f"metricland: {type(error).__name__}: {error} (a bug: --debug shows where)"
