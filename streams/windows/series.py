"""Names of series and figures: `family|a=x,b=y`, `metric|a=x,b=y|pane|start`."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

_RESERVED = re.compile(r"[|,=%]")


def escape(value: str) -> str:
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", value)


def dimensions_text(dimensions: Mapping[str, str]) -> str:
    """`a=x,b=y`, sorted by name."""
    return ",".join(f"{name}={escape(dimensions[name])}" for name in sorted(dimensions))


def dimensions_of(text: str) -> dict[str, str]:
    if not text:
        return {}
    return {name: unquote(value) for name, value in (part.split("=", 1) for part in text.split(","))}


def figure_key(metric: str, dimensions: str, pane: str, start: str) -> str:
    return f"{metric}|{dimensions}|{pane}|{start}"
