"""Logging: structlog for what we say, the same handler for what Faust and aiokafka say."""

import logging
import sys

import structlog

from streams.settings import Settings

QUIET = ("aiokafka", "faust", "mode", "asyncio", "kafka")
"Loggers whose everyday messages are of no use to an operator."


def configure(settings: Settings) -> None:
    level = getattr(logging, settings.log.level.upper())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log.json_lines
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the other one shows values, secrets too
        )
    )
    tracebacks = [structlog.processors.format_exc_info] if settings.log.json_lines else []
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_is_no_small_talk)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tracebacks, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _is_no_small_talk(record: logging.LogRecord) -> bool:
    """Faust's services tell of their starts and stops under the names of our subclasses: `[^--Consumer]`."""
    return record.levelno >= logging.WARNING or not str(record.msg).startswith("[^")
