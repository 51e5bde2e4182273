"""The sections of `metricland.toml`. The docstring under a setting is its comment in the example."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from streams.settings.values import Duration, Integer, Name, Names, Size, duration_text
from streams.windows.pseudonyms import SHORTEST_KEY

Whole = Annotated[Integer, Field(ge=1)]
Some = Annotated[Duration, Field(gt=0)]
Bytes = Annotated[Size, Field(ge=1024)]


class Section(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

    def defining(self) -> dict[str, Any]:
        """What of it decides what figures are made of, where it decides that at all."""
        return self.model_dump()


class Topics(Section):
    """Kafka topics."""

    prefix: Name = "cx."
    "What the names of all topics begin with."
    partitions: Whole = 4
    "Partitions of each topic: the number of workers that can share the work."
    replication: Annotated[Integer, Field(ge=1, le=32767)] = 1
    "Copies of each partition: 3 on a cluster that may lose a broker."
    create: bool = True
    "Whether a worker makes the topics that are missing."
    largest_record: Bytes = 8 * 2**20
    "The largest record that an input topic takes."


class Checkpoint(Section):
    """What has been computed is written together, in one transaction: a checkpoint."""

    linger: Annotated[Duration, Field(ge=0)] = 0.2
    "How far apart checkpoints are when there is little to do."
    interval: Some = 1.0
    "How far apart checkpoints are when there is much to do."
    events: Whole = 10_000
    "So many events make a checkpoint, however little time has passed."
    bytes: Bytes = 32 * 2**20
    "So many bytes that are not yet written make a checkpoint, however few events."
    timeout: Some = 30.0
    "How long a checkpoint, or taking over a partition, may take before the worker gives up."
    transaction_timeout: Some = 60.0
    "After this long the broker ends the open transaction of a worker that is gone."

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ordered(self, "linger", "interval")
        _ordered(self, "timeout", "transaction_timeout")
        return self


class Fetch(Section):
    """Reading from Kafka: larger fetches cost less, smaller ones wait less."""

    min_bytes: Annotated[Size, Field(ge=1)] = 65_536
    "A fetch waits until this much is there,"
    max_wait: Some = 0.05
    "but no longer than this."
    max_bytes_per_partition: Bytes = 2**20
    "The most that a fetch brings of one partition, unless its first record is larger."


class Events(Section):
    """What is taken of an input, and how much of the past an entity keeps."""

    in_future: Some = 300.0
    "An event further ahead of its record's own time is dead-lettered."
    disorder: Annotated[Duration, Field(ge=0)] = 120.0
    "How much later than others an event may come before its figures count as final."
    horizon_days: Whole = 400
    "An event for an unknown entity that is older is dead-lettered (rebuild)."
    kept: Annotated[Integer, Field(ge=1, le=65_536)] = 256
    "The last events that an entity keeps; one older than these comes too late."
    largest_entity: Bytes = 524_288
    "The most that the record of an entity may take."
    largest: Bytes = 1_048_576
    "A larger record is dead-lettered."

    @property
    def horizon(self) -> int:
        """In microseconds."""
        return self.horizon_days * 86_400_000_000


class DeadLetters(Section):
    """When a worker stops rather than refuse record after record: something else is wrong then."""

    run: Annotated[Integer, Field(ge=0)] = 5_000
    "So many records in a row of a partition may be dead-lettered; 0 for any number,"
    share: Annotated[float, Field(gt=0, le=1)] = 0.9
    "and this share of 10000 of them; 1 for all."


class State(Section):
    """Where a worker keeps the state of entities while it runs. Kafka has all of it, in either case."""

    store: Literal["memory", "rocksdb"] = "memory"
    "In memory; or, where it does not fit, on disk by RocksDB, which costs more CPU."
    path: str = ""
    "The directory for RocksDB, on a local disk; a worker deletes there what others that ended have left."
    cache: Bytes = 256 * 2**20
    "What RocksDB may hold in memory, in each process."

    @model_validator(mode="after")
    def _with_a_path(self) -> Self:
        if self.store == "rocksdb" and not self.path:
            raise ValueError('a path where the store is "rocksdb"')
        return self


class Retention(Section):
    """How long after its end a pane takes and keeps figures (rebuild)."""

    minute: Annotated[Duration, Field(ge=60)] = 6 * 3600
    "Figures by the minute: the short trailing windows are made of them."
    hour: Annotated[Duration, Field(ge=3600)] = 14 * 86400
    "Figures by the hour."
    day: Annotated[Duration, Field(ge=86400)] = 400 * 86400
    "Figures by the day."
    month: Annotated[Duration, Field(ge=86400)] = 5 * 366 * 86400
    "Figures by the month. Totals stay for ever."


class Dimensions(Section):
    """Bounds on what figures are split by."""

    admitted: Whole = 10_000
    'Values of a dimension told apart at a time; further ones count as "other" (rebuild).'
    hidden: Names = ()
    'Dimensions without figures, like "agent" where nobody is to be measured alone (rebuild).'
    pseudonymised: Names = ()
    'Dimensions whose values are replaced by digests under pseudonym_key, like "agent" (rebuild).'
    pseudonym_key: SecretStr | None = None
    "The secret of these digests; pseudonym_key_file names a file that holds it (rebuild)."
    shown: Whole = 100
    'Values of a dimension that Prometheus shows, the largest; the others are summed as "other".'
    minutes: Names = ("", "channel", "priority", "team")
    "Dimension sets with figures by the minute, which windows under six hours are made of (rebuild)."
    exported: Names = ("", "channel", "priority", "team", "agent")
    'Dimension sets that Prometheus shows, "" for the total, "x,y" for two; docs/metrics.md has more of them.'

    @model_validator(mode="after")
    def _with_a_key(self) -> Self:
        key = self.pseudonym_key
        if self.pseudonymised and (key is None or len(key.get_secret_value()) < SHORTEST_KEY):
            raise ValueError(
                f"a pseudonym_key of at least {SHORTEST_KEY} characters where values are pseudonymised"
            )
        return self


class Metrics(Section):
    """Figures on the metrics topic."""

    publish_minutes: bool = False
    "Whether figures by the minute are published too, of the sets in dimensions.minutes."
    enough: Whole = 30
    "So many observations have to stand behind a figure for views, and boards at first, to show it."


class Views(Section):
    """Views of figures: `metricland report --view`."""

    ranked_by: Name | Literal[""] = ""
    "The metric that rows are ranked by, each among those of its group; empty, nothing is ranked."


class Web(Section):
    """The web server of a worker: /metrics and /health."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    "The address that it listens on; 0.0.0.0 for all."
    port: Annotated[Integer, Field(ge=1, le=65_535)] = 6066
    "The port of the first process; each further one takes the next."


class Consumer(Section):
    """The membership of a worker in its group."""

    session_timeout: Some = 10.0
    "After so long without a heartbeat others take over a worker's partitions."
    heartbeat_interval: Some = 1.0
    "How often a worker says that it is there."
    rebalance_timeout: Some = 15.0
    "How long workers have to join again when partitions are dealt out anew."

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        _ordered(self, "heartbeat_interval", "session_timeout")
        return self


class Log(Section):
    """What is logged, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    "The least that is logged."
    json_lines: bool = Field(default=False, alias="json")
    "Whether log lines are JSON objects."


def _ordered(section: Section, shorter: str, longer: str) -> None:
    short, long = getattr(section, shorter), getattr(section, longer)
    if short >= long:
        raise ValueError(f"{shorter} ({duration_text(short)}) less than {longer} ({duration_text(long)})")
