"""Rules for Prometheus as the text of a rule file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml


@dataclass(frozen=True)
class Recording:
    """A series that Prometheus computes and keeps."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        return {"record": self.record, "expr": self.expr, **_given(labels=self.labels)}


@dataclass(frozen=True)
class Alert:
    """`lasting` is how long the expression has to hold before the alert fires."""

    alert: str
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    lasting: str = ""

    def told(self) -> dict[str, Any]:
        rule = {"alert": self.alert, "expr": self.expr}
        return {**rule, **_given(**{"for": self.lasting}, labels=self.labels, annotations=self.annotations)}


@dataclass(frozen=True)
class Links:
    """Where readers of an alert find its section of the runbook, and its board."""

    grafana: str = "http://localhost:3000"
    runbook: str = "docs/runbook.md"

    def of(self, alert: str, board: str) -> dict[str, str]:
        return {
            "runbook_url": f"{self.runbook}#{alert.lower()}",
            "dashboard_url": f"{self.grafana.rstrip('/')}/d/{board}",
        }


@dataclass(frozen=True)
class Group:
    name: str
    rules: tuple[Recording | Alert, ...]


LONGEST = 1_000
"Characters of a line: templates in it are not broken."


class _Dumper(yaml.SafeDumper):
    """Lists are indented, and what has several lines is written so."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def text(groups: Iterable[Group]) -> str:
    """The text of a rule file."""
    told = [{"name": group.name, "rules": [rule.told() for rule in group.rules]} for group in groups]
    return str(
        yaml.dump({"groups": told}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=LONGEST)
    )


def _given(**parts: str | Mapping[str, str]) -> dict[str, Any]:
    """What is empty is left out."""
    return {name: part if isinstance(part, str) else dict(part) for name, part in parts.items() if part}
