"""Says what is wrong with settings: the key, its value, where it is set, what is allowed."""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from streams.settings.secrets import is_secret
from streams.settings.values import Allowed

Key = tuple[str, ...]


def problems(model: type[BaseModel], error: ValidationError, origins: Mapping[Key, str]) -> Iterator[str]:
    """One line each."""
    for found in error.errors():
        key = tuple(map(str, found["loc"]))
        while key not in origins and len(key) > 1 and found["type"] != "value_error":
            key = key[:-1]
        origin = f" ({origins[key]})" if key in origins else ""
        section, field = _look_up(model, key)
        name = ".".join(key)
        if found["type"] == "extra_forbidden":
            yield f"{name} is unknown{origin}, expected {_near(key[-1], section)}"
        elif field is None or _is_section(field):
            yield from _of_section(name, found, origin)
        else:
            told = "set" if is_secret(field) else json.dumps(found["input"], ensure_ascii=False, default=str)
            yield f"{name} is {told}{origin}, expected {allowed(field)}"


def allowed(field: FieldInfo) -> str:
    kind, bounds = field.annotation, _bounds(field)
    told = next((each.text for each in field.metadata if isinstance(each, Allowed)), None)
    if told is None:
        told = _of_kind(kind)
    return f"{told}, {bounds}" if bounds else told


def _of_section(name: str, found: Any, origin: str) -> Iterator[str]:
    """Settings of a section that don't go together, or something else in its place."""
    if found["type"] == "value_error":
        yield f"[{name}] is inconsistent, expected {found['ctx']['error']}"
    else:
        yield f"{name} is {json.dumps(found['input'], default=str)}{origin}, expected a section [{name}]"


def _near(name: str, section: type[BaseModel]) -> str:
    names = [field.alias or known for known, field in section.model_fields.items()]
    close = get_close_matches(name, names, 1)
    return f"{close[0]}?" if close else f"one of {', '.join(sorted(names))}"


def _look_up(model: type[BaseModel], key: Key) -> tuple[type[BaseModel], FieldInfo | None]:
    section, field = model, None
    for name in key:
        by_alias = {each.alias or known: each for known, each in section.model_fields.items()}
        if (field := by_alias.get(name)) is None:
            break
        if _is_section(field) and name != key[-1]:
            section = field.annotation  # type: ignore[assignment]
    return section, field


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _of_kind(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(json.dumps(value) for value in get_args(kind))
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not NoneType)
    names = {bool: "true or false", int: "a whole number", float: "a number"}
    return names.get(kind, "text")


def _bounds(field: FieldInfo) -> str:
    ge = next((each.ge for each in field.metadata if isinstance(each, Ge)), None)
    gt = next((each.gt for each in field.metadata if isinstance(each, Gt)), None)
    le = next((each.le for each in field.metadata if isinstance(each, Le)), None)
    if ge is not None and le is not None:
        return f"from {ge} to {le}"
    return f"at least {ge}" if ge is not None else f"more than {gt}" if gt is not None else ""
