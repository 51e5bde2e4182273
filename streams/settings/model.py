"""All settings."""

from collections.abc import Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, create_model

from streams.catalogue import Catalogue, Sets
from streams.settings import sections
from streams.settings.sections import Section, Whole
from streams.settings.values import SCHEME, Name, Servers, Zone
from streams.windows import panes
from streams.windows.pseudonyms import Pseudonyms


class Settings(Section):
    """What can be set. Durations are in seconds and sizes in bytes."""

    broker: Servers = "kafka://127.0.0.1:9092"
    "Where Kafka is: one or more servers of a cluster."
    application: Name = "metricland"
    "The consumer group's name, and what the names of its state topics and transactions begin with."
    time_zone: Zone = "UTC"
    "Where days and months begin (rebuild)."
    processes: Whole = 1
    "Processes of a worker: one core each."
    signing_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    "Signs what workers write on input topics; without it they share a key in a topic (rebuild)."

    topics: sections.Topics = Field(default_factory=sections.Topics)
    checkpoint: sections.Checkpoint = Field(default_factory=sections.Checkpoint)
    fetch: sections.Fetch = Field(default_factory=sections.Fetch)
    events: sections.Events = Field(default_factory=sections.Events)
    dead_letters: sections.DeadLetters = Field(default_factory=sections.DeadLetters)
    state: sections.State = Field(default_factory=sections.State)
    retention: sections.Retention = Field(default_factory=sections.Retention)
    dimensions: sections.Dimensions = Field(default_factory=sections.Dimensions)
    metrics: sections.Metrics = Field(default_factory=sections.Metrics)
    views: sections.Views = Field(default_factory=sections.Views)
    web: sections.Web = Field(default_factory=sections.Web)
    consumer: sections.Consumer = Field(default_factory=sections.Consumer)
    log: sections.Log = Field(default_factory=sections.Log)
    definitions: Section = Field(default_factory=Section)
    "What a product declares in its place: see `settings_with`."

    @property
    def bootstrap(self) -> str:
        """The broker as Kafka clients want it: `host:port,host:port`."""
        return self.broker.removeprefix(SCHEME)

    def calendar(self) -> panes.Calendar:
        return panes.Calendar(ZoneInfo(self.time_zone))

    def pane_retention(self) -> panes.Retention:
        kept = self.retention
        return panes.Retention(int(kept.minute), int(kept.hour), int(kept.day), int(kept.month))

    def exported_sets(self) -> Sets:
        """The dimension sets that Prometheus shows."""
        return _sets(self.dimensions.exported)

    def minute_sets(self) -> Sets:
        """The dimension sets that have minute panes."""
        return _sets(self.dimensions.minutes)

    def pseudonyms(self) -> Pseudonyms | None:
        """What values of some dimensions are replaced by; None where all are shown."""
        key, names = self.dimensions.pseudonym_key, self.dimensions.pseudonymised
        return Pseudonyms(frozenset(names), key.get_secret_value()) if key is not None and names else None

    def adjusted(self, catalogue: Catalogue) -> Catalogue:
        """The catalogue as these settings have it: what is measured, and what has minute panes."""
        return catalogue.adjusted(frozenset(self.dimensions.hidden), self.minute_sets())

    def defining(self) -> dict[str, Any]:
        """What decides what a figure is made of, so that a change asks for a rebuild from the log.

        * the product's own definitions;
        * the zone, as panes lie in it, and the sets of hidden dimensions, which would begin half-way;
        * the sets with minute panes: what is taken back has to meet those that it was added to;
        * retention and horizon: raised, they would open again what was forgotten, and count it twice;
        * the admitted values: raised, what counted as `other` would be taken back from elsewhere.

        * pseudonyms: with another key nobody would be known again.

        Bounds that only refuse an event (`events` beside the horizon) leave what is there as it is.
        """
        pseudonyms = self.pseudonyms()
        return {
            "definitions": self.definitions.defining(),
            "time_zone": self.time_zone,
            "dimensions.hidden": self.dimensions.hidden,
            "dimensions.minutes": self.dimensions.minutes,
            "dimensions.pseudonymised": self.dimensions.pseudonymised,
            "dimensions.pseudonym_key": pseudonyms and pseudonyms.fingerprint,
            "retention": self.retention.model_dump(),
            "events.horizon_days": self.events.horizon_days,
            "dimensions.admitted": self.dimensions.admitted,
        }


def settings_with(definitions: type[Section]) -> type[Settings]:
    """Settings whose section `definitions` is the given one, with its defaults."""
    return create_model(
        "Settings",
        __base__=Settings,
        __doc__=Settings.__doc__,
        definitions=(definitions, Field(default_factory=definitions)),
    )


def dimension_set(written: str) -> frozenset[str]:
    """A dimension set as settings name it: "" for the total, "x,y" for two."""
    return frozenset(filter(None, written.split(",")))


def _sets(names: Iterable[str]) -> Sets:
    return frozenset(map(dimension_set, names))
