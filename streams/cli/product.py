"""What the command line runs: given by the composition root, `agents.__main__`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from streams.catalogue import Catalogue
from streams.erasure import Erasure
from streams.outlets.rules import Group, Links
from streams.settings import Settings, settings_with
from streams.settings.sections import Section
from streams.views import View


@dataclass(frozen=True)
class Preset:
    """How another system has some of the metrics."""

    build: Callable[[Any], Catalogue]
    "Makes these metrics from one's own definitions, by that system's rules."
    told: tuple[str, ...]
    "Why figures differ, a sentence each."


@dataclass(frozen=True)
class Product:
    build: Callable[[Any], Catalogue]
    "Makes the catalogue from definitions."
    module: str
    "What `python -m` runs: processes of their own are started so."
    definitions: type[Section] = Section
    "The section of the settings that says what figures are made of."
    notes: Callable[[Any], Iterable[str]] | None = None
    "What is worth knowing of definitions that are right, but may not be meant so."
    rules: Callable[[Any, Links], Iterable[Group]] | None = None
    "Prometheus' rules that follow from definitions."
    simulator: Callable[..., Any] | None = None
    "Makes events that look like the product's own."
    headline: tuple[str, ...] = ()
    "The metrics that a first look shows; none named, all."
    counted: frozenset[str] = frozenset()
    "Types of simulated events that are sure to change the first of these, or one of its family."
    views: tuple[View, ...] = ()
    presets: Mapping[str, Preset] = field(default_factory=dict)
    erasure: Erasure | None = None
    "Which entities can be erased, and how."
    mappings: Path | None = None
    "The directory of the mappings that come with the product."

    @cached_property
    def settings(self) -> type[Settings]:
        return settings_with(self.definitions)

    @cached_property
    def catalogue(self) -> Catalogue:
        """By the definitions' defaults."""
        return self.build(self.definitions())

    def catalogue_of(self, settings: Settings) -> Catalogue:
        return self.build(settings.definitions)
