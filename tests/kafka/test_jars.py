"""Without the network: what is fetched comes from a repository of the test's own making."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streams.errors import BrokerError
from streams.kafka import jars
from streams.kafka.jars import Jar, cache_directory, kafka_classpath, locked_jars

CONTENTS = {f"org.example:part-{n}:1.0": f"jar {n}".encode() for n in range(12)}


class Artifact:
    def __init__(self, coordinate: str, repository: Path) -> None:
        self.coordinate = coordinate
        self.cached_path = repository / coordinate.replace(":", "-")

    @property
    def artifact(self) -> "Artifact":
        return self

    def resolve(self) -> Path:
        self.cached_path.write_bytes(CONTENTS[self.coordinate])
        return self.cached_path


class Repository:
    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def create_dependency(self, coordinate: str) -> Artifact:
        return Artifact(coordinate, self.scratch)


class Away(Repository):
    def create_dependency(self, coordinate: str) -> Artifact:
        raise ConnectionError("no route to host")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    locked = tuple(Jar(name, hashlib.sha256(content).hexdigest()) for name, content in CONTENTS.items())
    monkeypatch.setattr(jars, "locked_jars", lambda: locked)
    monkeypatch.setattr(jars, "maven_context", Repository)
    monkeypatch.setenv("METRICLAND_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def network_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(jars, "maven_context", Away)


def test_the_first_start_fetches_and_says_so(cache: Path) -> None:
    said: list[str] = []
    classpath = kafka_classpath(said.append)
    assert [path.read_bytes() for path in classpath] == list(CONTENTS.values())
    assert str(cache) in said[0]
    assert said[-1] == "Fetched 12 of 12 files"
    assert not list(cache.rglob(".fetch-*"))


def test_later_starts_need_no_network(cache: Path, network_away: Callable[[], None]) -> None:
    first = kafka_classpath(lambda _: None)
    network_away()
    said: list[str] = []
    assert kafka_classpath(said.append) == first
    assert not said


def test_only_what_is_missing_is_fetched_again(cache: Path) -> None:
    classpath = kafka_classpath(lambda _: None)
    classpath[3].unlink()
    said: list[str] = []
    kafka_classpath(said.append)
    assert said[-1] == "Fetched 1 of 1 files"


def test_without_the_network_the_first_start_says_what_it_needs(
    cache: Path, network_away: Callable[[], None]
) -> None:
    network_away()
    with pytest.raises(BrokerError, match=r"the first start needs the network for: .*no route to host"):
        kafka_classpath(lambda _: None)


def test_a_file_with_another_digest_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONTENTS, "org.example:part-5:1.0", b"something else")
    with pytest.raises(BrokerError, match=r"org.example:part-5:1.0 came with SHA-256 \w+, expected \w+"):
        kafka_classpath(lambda _: None)
    assert not list(cache.rglob("part-5*"))


def test_several_first_starts_at_once_end_with_whole_files(cache: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        starts = list(pool.map(lambda _: kafka_classpath(lambda _: None), range(4)))
    assert all(start == starts[0] for start in starts)
    assert [path.read_bytes() for path in starts[0]] == list(CONTENTS.values())


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"METRICLAND_CACHE": "/own"}, "/own"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/metricland"),
        ({"XDG_CACHE_HOME": "relative"}, "/home/user/.cache/metricland"),
        ({}, "/home/user/.cache/metricland"),
    ],
)
def test_the_cache_is_where_the_environment_says(
    environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("METRICLAND_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/user", **environment}.items():
        monkeypatch.setenv(name, value)
    assert cache_directory() == Path(expected)


def test_the_lock_is_of_the_version_that_is_told() -> None:
    locked = locked_jars()
    assert f"org.apache.kafka:kafka_2.13:{jars.KAFKA_VERSION}" in [jar.coordinate for jar in locked]
    assert {jar.coordinate.split(":")[2] for jar in locked if ":kafka-" in jar.coordinate} == {
        jars.KAFKA_VERSION
    }
