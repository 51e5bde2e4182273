"""
The command line, a module for each command.

A command gets what it needs from its context, and adds the options that it wants to the settings:

    def publish(context: typer.Context, config: Config = None, broker: Broker = None) -> None:
        product = product_of(context)
        settings = settings_of(context, config, {"broker": broker})

It raises MetricLandError for what the user should be told. Data go to standard output (`tell`, `tell_json`),
messages to standard error (`note`), all from `streams.cli.output`.
"""
