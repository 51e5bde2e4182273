"""Mappings read from TOML: whatever is wrong is said with its key, its value and what is allowed."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from streams.errors import ConfigurationError
from streams.mapping.schema import Mapping


def load(path: Path) -> Mapping:
    try:
        return loads(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: the mapping can't be read: {error}") from None


def loads(text: str, name: str = "mapping") -> Mapping:
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name}: not TOML: {error}") from None
    except ValidationError as errors:
        raise ConfigurationError(f"{name}: {'; '.join(map(_sentence, errors.errors()))}") from None


def find(name: str, kept: Path | None) -> Path:
    """The file of a kept mapping by its name, or the path itself. Raises ConfigurationError."""
    path = Path(name)
    if path.suffix == ".toml" or len(path.parts) > 1:
        return path
    if kept and (found := kept / f"{name}.toml").is_file():
        return found
    names = sorted(path.stem for path in kept.glob("*.toml")) if kept else []
    allowed = ", ".join(["the path of a TOML file", *names])
    raise ConfigurationError(f"mapping is {name!r}, expected one of {allowed}")


def _sentence(error: Any) -> str:
    place = _place(error["loc"])
    if error["type"] == "missing":
        return f"{place} is missing"
    told = error["msg"].removeprefix("Value error, ")
    if isinstance(error["input"], dict):  # too much to repeat, and the sentence names the key
        return f"{place or 'it'} {told}"
    return f"{place} is {error['input']!r}, {told.replace('Input should be', 'expected')}"


def _place(steps: tuple[str | int, ...]) -> str:
    """`event[2].time.zone`, counting from 1 as readers do."""
    place = ""
    for step in steps:
        place += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return place.removeprefix(".")
