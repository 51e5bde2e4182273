"""Crash only: what can't be handled ends the process; the next start fences what was in flight."""

import os
import sys
from typing import NoReturn

import structlog

FATAL = 70
"Exit code of a process that gave up (EX_SOFTWARE)."

UNAVAILABLE = 69
"Exit code of a process that gave up because Kafka doesn't answer (EX_UNAVAILABLE)."

REFUSES = 78
"Exit code of a process that must not be started again as it is (EX_CONFIG)."

log = structlog.get_logger()


def crash(reason: str, *, code: int = FATAL) -> NoReturn:
    """Say why and end at once: nothing may be written, committed or retried after a failure."""
    try:
        log.critical("giving up", reason=reason)
        sys.stderr.flush()
    finally:
        os._exit(code)  # also where nobody is left to tell
