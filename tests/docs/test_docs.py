"""What the pages say holds of the code: names, tables, quoted lines, links."""

import ast
import re
from pathlib import Path

import pytest

from agents.catalogue import CATALOGUE
from agents.page import DOCS, pages
from streams.settings import Settings, load
from streams.topics import specs
from tests.grafana.exposed import samples

ROOT = Path(__file__).parents[2]
PAGES = sorted(DOCS.glob("*.md"))
OPERATIONS = (DOCS / "operations.md").read_text()
ADDING = (DOCS / "adding-a-metric.md").read_text()
DAY_MS = 86_400_000

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@pytest.mark.parametrize("name", pages())
def test_what_is_made_from_the_catalogue_and_the_code_is_current(name: str) -> None:
    assert (DOCS / name).read_text() == pages()[name], "python -m agents.page"


def test_the_lines_of_the_example_are_those_of_the_code() -> None:
    code = (ROOT / "agents" / "tickets" / "metrics" / "resolutions.py").read_text()
    function, declaration = re.findall(r"^```python\n(.*?)^```", ADDING, re.M | re.S)
    assert function in code and function.startswith("def reopen_rate(")
    assert declaration in code and 'name="reopen_rate"' in declaration
    assert declaration.count("ticket_metric(") == 1


def test_all_fields_of_a_declaration_are_explained() -> None:
    told = "".join(line for line in ADDING.splitlines() if line.startswith("| `"))
    for name in CATALOGUE.metrics[0].__dataclass_fields__:
        assert f"`{name}`" in told or name == "observe"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    for name, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page.read_text()):
        target = page.parent / name if name else page
        assert target.exists(), name
        if anchor:
            assert anchor in anchors(target), f"{name}#{anchor}"


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@each_page
def test_files_that_are_named_are_there(page: Path) -> None:
    for name in re.findall(
        r"`((?:agents|streams|tests|grafana|prometheus|docs)/[\w./-]*)`", page.read_text()
    ):
        assert (ROOT / name).exists(), name


@each_page
def test_settings_that_are_named_exist(page: Path) -> None:
    sections = "|".join(name for name, field in Settings.model_fields.items() if field.default_factory)
    for section, key in re.findall(rf"`({sections})\.(\w+)`", page.read_text()):
        assert key in type(getattr(Settings(), section)).model_fields, f"{section}.{key}"


def test_all_that_the_processor_tells_of_itself_is_explained() -> None:
    explained = {
        name: tuple(sorted(labels.split(", ")))
        for name, labels in re.findall(r"^\| `(cx_\w+)` \| ([\w, ]+) \|", OPERATIONS, re.M)
    }
    exposed = {name: labels for name, labels in samples().items() if "by" not in (labels or [{}])[0]}
    assert explained.keys() == exposed.keys()
    for name, labels in exposed.items():
        assert not labels or tuple(sorted(labels[0])) == explained[name]


def test_all_topics_are_explained() -> None:
    rows = re.findall(r"^\| `([\w.-]+)` \| (compact|delete) \| ([\w ]+) \|", OPERATIONS, re.M)
    assert {name: (cleanup, kept) for name, cleanup, kept in rows} == {
        spec.name: (spec.config["cleanup.policy"], _kept(dict(spec.config)))
        for spec in specs(CATALOGUE, load())
    }


def _kept(config: dict[str, str]) -> str:
    if config["cleanup.policy"] == "compact":
        return "the last of each"
    days = int(config["retention.ms"]) // DAY_MS
    return "for ever" if days < 0 else f"{days} days"


def test_all_reasons_of_dead_letters_are_explained() -> None:
    table = OPERATIONS[OPERATIONS.index("| reason | says |") :]
    explained = {
        name for names in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", table, re.M) for name in _ticked(names)
    }
    assert explained == set(_reasons())


def _ticked(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def _reasons() -> list[str]:
    """The first argument wherever a record is refused."""
    found = []
    for file in [*ROOT.glob("streams/**/*.py"), *ROOT.glob("agents/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                (reason, _) = node.args
                assert isinstance(reason, ast.Constant), file
                found.append(str(reason.value))
    return found


def test_no_random_run_of_faults_has_found_what_is_not_mended() -> None:
    """One that got no processor says nothing: its scenario has been equal in a later run."""
    names, *lines = (line.split("\t") for line in (DOCS / "fault-runs.tsv").read_text().splitlines())
    runs = [dict(zip(names, line, strict=True)) for line in lines]
    equal = [run for run in runs if run["differences"] == "0"]
    assert min(int(run["figures"]) for run in equal) > 100
    for number, run in enumerate(runs):
        again = [
            each
            for each in runs[number + 1 :]
            if (each["seed"], each["faults"]) == (run["seed"], run["faults"])
        ]
        repeated = run["differences"].startswith("starved") and any(each in equal for each in again)
        assert run in equal or repeated or "mended, see tests/" in run["differences"], run
