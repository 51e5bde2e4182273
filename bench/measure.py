"""CPU of processes, medians with their spread, and the machine that all was measured on."""

import os
import platform
import statistics
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from streams.kafka.jars import KAFKA_VERSION

TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = ("aiokafka", "faust-streaming", "msgspec", "uvloop")


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def spread(values: Iterable[float], digits: int = 0) -> str:
    """The median, and from where to where the others are."""
    known = sorted(values)
    median, low, high = (f"{each:,.{digits}f}" for each in (statistics.median(known), known[0], known[-1]))
    return median if low == high else f"{median} ({low} to {high})"


def percentile(values: Iterable[float], percent: int) -> float:
    known = sorted(values)
    return known[-(-percent * len(known) // 100) - 1]


def machine() -> dict[str, Any]:
    """What figures depend on besides the code."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "kafka": KAFKA_VERSION,
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
