"""The programs, and what each needs: fetched on demand, and who lacks it is skipped with a word."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.peers.job import as_figure, plain

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-peers"
REQUIREMENTS = HERE / "requirements.txt"
OPENED = ("java.lang", "java.util", "java.util.concurrent", "java.net", "java.nio", "sun.nio.ch", "java.time")
"Packages of Java that Flink looks into, as its own scripts have it."


class Unavailable(Exception):
    """It can't run here, and why."""


@dataclass(frozen=True)
class Program:
    name: str
    command: Callable[[], list[str]]
    "Raises Unavailable."
    told_on: str = "{output}"
    read: Callable[[bytes, bytes], tuple[str, tuple[int, int]] | None] = plain
    ends: bool = False
    "Whether it ends with its input; others are stopped."
    part: int = 1
    "It gets one of so many of the events: it would take too long."


def _ours() -> list[str]:
    return [sys.executable, "-m", "bench.peers.metricland"]


def _python(*arguments: str) -> Callable[[], list[str]]:
    return lambda: [str(_environment()), *arguments]


def _environment() -> Path:
    """The peers' own Python, with their packages."""
    python, made = ENVIRONMENT / "bin" / "python", ENVIRONMENT / ".installed"
    if not made.exists() or made.stat().st_mtime < REQUIREMENTS.stat().st_mtime:
        _run([sys.executable, "-m", "venv", str(ENVIRONMENT)])
        _run([str(python), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)])
        made.touch()
    return python


def _java(directory: str, *arguments: str, opened: tuple[str, ...] = ()) -> Callable[[], list[str]]:
    def command() -> list[str]:
        home = HERE / directory
        flags = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in opened]
        _build(home)
        classes = f"{home / 'target' / 'classes'}:{home / 'target' / 'lib'}/*"
        return ["java", "-Xmx1g", *flags, "-cp", classes, "Job", *arguments]

    return command


def _build(home: Path) -> None:
    made = home / "target" / "made"
    sources = [home / "pom.xml", *home.rglob("src/**/*.java")]
    if made.exists() and made.stat().st_mtime >= max(source.stat().st_mtime for source in sources):
        return
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            raise Unavailable(f"there is no {tool}")
    libraries = f"-DoutputDirectory={home / 'target' / 'lib'}"
    _run(["mvn", "-q", "-B", "-f", str(home), "clean", "package", "dependency:copy-dependencies", libraries])
    made.touch()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason told"]
        raise Unavailable(f"{' '.join(command[:4])} failed: {lines[-1][:200]}")


PROGRAMS = (
    Program("metricland", _ours, "{prefix}metrics", as_figure),
    Program("faust", _python("-m", "bench.peers.plain_faust"), "{name}-windows-changelog", part=10),
    Program("quix", _python("-m", "bench.peers.quix"), part=4),
    Program("bytewax", _python("-m", "bench.peers.bytewax_flow"), ends=True, part=4),
    Program("kafka-streams", _java("kafka-streams", "at_least_once")),
    Program("kafka-streams-exactly-once", _java("kafka-streams", "exactly_once_v2")),
    Program("flink-heap", _java("flink", "hashmap", opened=OPENED), ends=True),
    Program("flink-rocksdb", _java("flink", "rocksdb", opened=OPENED), ends=True),
)
