"""Two rooms, one door: agents know nothing of Kafka, the road knows nothing of what travels on it."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AGENTS = sorted((ROOT / "agents").rglob("*.py"))
STREAMS = sorted((ROOT / "streams").rglob("*.py"))

KAFKA = ("aiokafka", "faust", "mode", "kafka", "streams.kafka", "streams.app", "streams.worker")
"What only the road may use."

TRAVELLERS = frozenset(
    [
        *("ticket", "tickets", "survey", "surveys", "customer", "customers", "mentions"),
        *("csat", "nps", "ces", "csa", "promoter", "promoters", "detractor", "detractors", "churn"),
        *("priority", "priorities", "team", "teams", "tier", "touchpoint"),
        *("escalation", "reopen", "reopened", "sla", "sentiment", "helpdesk", "zendesk"),
    ]
)
"Words of customer experience."

KNOWN = {
    "streams/cli/main.py": {"customer"},
    "streams/cli/metrics.py": {"csat", "nps"},
    "streams/cli/report.py": {"csat", "zendesk"},
    "streams/cli/simulate.py": {"tickets"},
    "streams/cli/tail.py": {"tickets"},
    "streams/windows/intervals.py": {"promoter"},
    "streams/settings/sections.py": {"priority", "survey", "team"},
}
"Examples that a user is given, a title, and the dimension sets that are exported unless set otherwise."

WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+(?![a-z])")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """All modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)} imports from where it is"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("__import__", "import_module"):
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def words(path: Path) -> set[str]:
    """The words in a file's names, strings and comments."""
    found: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type in (tokenize.NAME, tokenize.STRING, tokenize.COMMENT):
            found |= {word.lower() for word in WORD.findall(token.string)}
    return found


@pytest.mark.parametrize("path", AGENTS, ids=name)
def test_agents_know_nothing_of_kafka(path: Path) -> None:
    assert [module for module in imported(path) if within(module, KAFKA)] == []


@pytest.mark.parametrize("path", STREAMS, ids=name)
def test_the_road_knows_nothing_of_what_travels(path: Path) -> None:
    assert [module for module in imported(path) if within(module, ("agents", "tests"))] == []
    assert words(path) & TRAVELLERS <= KNOWN.get(name(path), set())


def test_both_rooms_were_looked_at() -> None:
    assert len(AGENTS) > 10
    assert len(STREAMS) > 40


def test_words_are_found_in_names_strings_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text('class TicketState:\n    nps_score = "by customer"  # a survey\n')
    assert words(file) & TRAVELLERS == {"ticket", "nps", "customer", "survey"}
