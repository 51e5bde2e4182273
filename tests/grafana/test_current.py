"""The committed boards are what the generator makes, and Grafana can be given them."""

import yaml  # type: ignore[import-untyped]

from grafana.boards import boards
from tests.grafana.kept import BOARDS, DASHBOARDS, ROOT

PROVISIONING = ROOT / "grafana" / "provisioning"


def test_the_kept_boards_are_current() -> None:
    kept = {file.name: file.read_text() for file in DASHBOARDS.iterdir()}
    assert kept == boards(), "python -m grafana.boards"


def test_titles_and_uids_are_told_apart() -> None:
    """Two files with the same would take turns."""
    for key in ("uid", "title"):
        told = [board[key] for board in BOARDS.values()]
        assert len(set(told)) == len(told)
    assert all(len(board["uid"]) <= 40 for board in BOARDS.values())


def test_panels_are_numbered_and_do_not_overlap() -> None:
    for board in BOARDS.values():
        every = [*board["panels"], *(inner for row in board["panels"] for inner in row.get("panels", ()))]
        ids = [panel["id"] for panel in every]
        assert sorted(ids) == list(range(1, len(ids) + 1))
        taken: set[tuple[int, int]] = set()
        for panel in every:
            at = panel["gridPos"]
            cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
            assert at["x"] + at["w"] <= 24
            assert not cells & taken, panel.get("title")
            taken |= cells


def test_boards_are_provisioned_into_a_folder_of_their_own() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "cx.yaml").read_text())["providers"]
    assert provider["folderUid"] == "cx"
    assert provider["allowUiUpdates"] is False


def test_the_data_source_is_asked_as_often_as_prometheus_scrapes() -> None:
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "cx.yaml").read_text())["datasources"]
    scraping = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())["global"]
    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == scraping["scrape_interval"]
