from pathlib import Path

import pytest

from streams.errors import BrokerError
from streams.kafka.places import Place, places
from streams.kafka.properties import logging_properties, node_properties, render


def cluster(nodes: int) -> list[Place]:
    return [
        Place(n, port=9000 + n, controller_port=9100 + n, directory=Path(f"/data/node-{n}"))
        for n in range(1, nodes + 1)
    ]


def test_a_single_node_is_its_own_quorum_on_the_loopback() -> None:
    (place,) = cluster(1)
    properties = node_properties(place, [place], {})
    assert properties["process.roles"] == "broker,controller"
    assert properties["controller.quorum.voters"] == "1@127.0.0.1:9101"
    assert properties["listeners"] == "PLAINTEXT://127.0.0.1:9001,CONTROLLER://127.0.0.1:9101"
    assert properties["log.dirs"] == "/data/node-1/data"
    assert properties["auto.create.topics.enable"] == "false"


@pytest.mark.parametrize(
    ("nodes", "factor", "in_sync"), [(1, "1", "1"), (2, "2", "1"), (3, "3", "2"), (5, "3", "2")]
)
def test_what_the_cluster_keeps_for_itself_is_replicated_as_far_as_it_can_be(
    nodes: int, factor: str, in_sync: str
) -> None:
    places = cluster(nodes)
    properties = node_properties(places[0], places, {})
    assert properties["offsets.topic.replication.factor"] == factor
    assert properties["transaction.state.log.replication.factor"] == factor
    assert properties["transaction.state.log.min.isr"] == in_sync


def test_a_callers_settings_win() -> None:
    (place,) = cluster(1)
    assert node_properties(place, [place], {"num.io.threads": "1"})["num.io.threads"] == "1"


def test_backslashes_are_written_as_java_reads_them() -> None:
    assert render({"log.dirs": r"C:\kafka", "node.id": "1"}) == "log.dirs=C:\\\\kafka\nnode.id=1\n"


def test_the_log_is_a_bounded_file_beside_the_data() -> None:
    properties = logging_properties(cluster(1)[0])
    assert properties["appender.file.fileName"] == "/data/node-1/broker.log"
    assert properties["appender.file.strategy.max"] == "3"


def test_places_have_ports_and_directories_of_their_own(tmp_path: Path) -> None:
    three = places(tmp_path, 3, 0)
    assert len({port for place in three for port in (place.port, place.controller_port)}) == 6
    assert [place.directory for place in three] == [tmp_path / f"node-{n}" for n in (1, 2, 3)]


def test_a_directory_of_another_cluster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "node-1").mkdir()
    with pytest.raises(BrokerError, match="of a cluster of 1 nodes, expected 3"):
        places(tmp_path, 3, 0)
