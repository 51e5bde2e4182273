"""Reads settings from where they are set, each layer over the ones before it."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from streams.errors import ConfigurationError
from streams.settings.model import Settings
from streams.settings.problems import problems
from streams.settings.secrets import open_secrets
from streams.settings.values import Given, Key, nested

FILE = Path("metricland.toml")
PREFIX = "METRICLAND_"
NOT_SETTINGS = frozenset({"METRICLAND_CACHE"})
"Variables with our prefix that others read: the embedded broker's downloads."

M = TypeVar("M", bound=BaseModel)


def load(
    config: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    model: type[Settings] = Settings,
) -> Settings:
    """The settings, or ConfigurationError with a line for each thing that is wrong.

    `overrides` are options by their dotted key, `{"web.port": 6067}`; None stands for one not given.
    """
    return read(model, config, overrides or {}, os.environ)


def read(
    model: type[M], config: Path | None, overrides: Mapping[str, Any], environment: Mapping[str, str]
) -> M:
    values: dict[Key, Given] = {}
    for layer in (_of_file(config), _of_environment(environment), _of_options(overrides)):
        for key, value in layer:
            _set(values, key, value)
    open_secrets(model, values)
    try:
        return model.model_validate(nested(values))
    except ValidationError as error:
        raise ConfigurationError(_told(list(problems(model, error, values)))) from None


def _told(lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return "\n  ".join((f"{len(lines)} settings are wrong:", *lines))


def _of_file(config: Path | None) -> Iterator[tuple[Key, Given]]:
    file = config or FILE
    if config is None and not file.exists():
        return
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None
    for key, value in _flat(table):
        yield key, Given(value, str(file))


def _of_environment(environment: Mapping[str, str]) -> Iterator[tuple[Key, Given]]:
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in NOT_SETTINGS:
            yield tuple(name.removeprefix(PREFIX).lower().split("__")), Given(value, name)


def _of_options(overrides: Mapping[str, Any]) -> Iterator[tuple[Key, Given]]:
    for key, value in _flat(overrides):
        if value is not None:
            yield tuple(".".join(key).split(".")), Given(value, "option")


def _flat(table: Mapping[str, Any], above: Key = ()) -> Iterator[tuple[Key, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, (*above, name))
        else:
            yield (*above, name), value


def _set(values: dict[Key, Given], key: Key, value: Given) -> None:
    """Over what is set at this key, below it (`web = 1` over `web.port`) and above it."""
    for other in [other for other in values if other[: len(key)] == key or key[: len(other)] == other]:
        del values[other]
    values[key] = value
