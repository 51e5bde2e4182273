"""`python -m agents.page`: write what the pages say of the catalogue and its code."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from agents.business.calendars import calendars_of
from agents.calls.definitions import CallDefinitions
from agents.catalogue import CATALOGUE
from agents.sla.catalogue import with_service_levels
from agents.sla.policies import Policies
from streams.outlets.page import page

DOCS = Path(__file__).parents[1] / "docs"
QUOTED = Path(__file__).parent / "tickets" / "metrics" / "resolutions.py"
DOCUMENTED = with_service_levels(CATALOGUE, Policies((), calendars_of({})), CallDefinitions())
"With what there is only where policies are configured."
ADDING, EXAMPLE = "adding-a-metric.md", "reopen_rate"


def pages() -> Mapping[str, str]:
    """The text of each page that is made, or quotes code, by its name."""
    quotes = _quotes(QUOTED.read_text(), EXAMPLE)
    adding = re.sub(
        r"(?<=^```python\n).*?(?=^```$)",
        lambda _: next(quotes),
        (DOCS / ADDING).read_text(),
        flags=re.M | re.S,
    )
    return {"metrics.md": page(DOCUMENTED), ADDING: adding}


def _quotes(source: str, name: str) -> Iterator[str]:
    """The lines of a metric's function, then those of its declaration."""
    lines = source.splitlines(keepends=True)
    functions, declarations = [], []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            functions.append(node)
        elif isinstance(node, ast.keyword) and ast.unparse(node) == f"observe={name}":
            declarations.append(node)
    (function,), (declared,) = functions, declarations
    yield "".join(lines[function.lineno - 1 : function.end_lineno])
    before = enumerate(lines[: declared.lineno])
    first = max(number for number, line in before if re.fullmatch(r" {4}\w+\(\n", line))
    yield "".join(lines[first : declared.lineno + 1])


def main() -> None:
    for name, text in pages().items():
        (DOCS / name).write_text(text)


if __name__ == "__main__":
    main()
