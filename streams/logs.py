"""Logging: structlog for what we say, the same handler for what Faust and aiokafka say."""

import logging
import sys
import time
from collections.abc import Callable

import structlog

from streams.settings import Settings

LIBRARIES = ("aiokafka", "faust", "mode", "asyncio", "kafka")
"Loggers of what we are built on. Their everyday messages are of no use to an operator."

MESSAGE, MESSAGES = 80, 1000
"Characters that tell messages apart, and how many of them are remembered."

AGAIN = 30.0
"Seconds after which a library may say the same again."

EVERYDAY = (
    "Unable to update metadata from ",
    "Marking the coordinator dead ",
    "Heartbeat session expired",
    "Heartbeat failed for group %s",
    "Heartbeat failed: local member_id was not recognized",
    "No broker metadata found in MetadataResponse",
    "Topic %s is not available during auto-create initialization",
    "Topic %s not found in cluster metadata",
    "Received unknown topic or partition error in ",
)
"""Beginnings of what clients say when a broker is away, when partitions are dealt out anew, and when a topic
has just been made. What comes of it we say ourselves: see `streams/kafka/watch.py`."""


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
    if level > logging.DEBUG:
        handler.addFilter(Quiet())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tracebacks, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))


class Quiet(logging.Filter):
    """Lets of what libraries say only that pass which nobody else says, and the same only now and then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        message = str(record.msg)
        # Faust's services speak under the names of our subclasses too.
        if record.name.partition(".")[0] not in LIBRARIES and not message.startswith("[^"):
            return True
        if record.levelno < logging.WARNING or message.startswith(EVERYDAY) or _is_of_a_connection(record):
            return False
        now, place = self._clock(), (record.name, message[:MESSAGE])
        if now - self._said.get(place, -AGAIN) < AGAIN:
            return False
        if len(self._said) >= MESSAGES:
            self._said.clear()
        self._said[place] = now
        return True


def _is_of_a_connection(record: logging.LogRecord) -> bool:
    """It names an error that a client tries again after, or that a connection failed with."""
    args = record.args if isinstance(record.args, tuple) else ()
    error = record.exc_info[1] if record.exc_info else None
    return any(map(_passes, (*args, error)))


def _passes(value: object) -> bool:
    kind = value if isinstance(value, type) else type(value)
    return issubclass(kind, OSError | TimeoutError) or bool(
        issubclass(kind, Exception) and getattr(kind, "retriable", False)
    )
