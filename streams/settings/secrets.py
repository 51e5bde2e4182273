"""Secrets may stand in files: `key_file` names the file of the secret `key`."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from streams.errors import ConfigurationError
from streams.settings.values import Given, Key

SUFFIX = "_file"


def is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def open_secrets(model: type[BaseModel], values: dict[Key, Given]) -> None:
    """Put what the files of secrets hold in the place of their names; a secret that is set wins."""
    for key in list(_secrets(model)):
        named = (*key[:-1], key[-1] + SUFFIX)
        if (file := values.pop(named, None)) is None or key in values:
            continue
        try:
            held = Path(str(file.value)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise ConfigurationError(
                f'{".".join(named)} is "{file.value}" ({file.origin}), expected a readable file: {reason}'
            ) from None
        values[key] = file._replace(value=held)


def _secrets(model: type[BaseModel], above: Key = ()) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _secrets(field.annotation, (*above, name))
        elif is_secret(field):
            yield (*above, name)
