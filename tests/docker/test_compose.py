"""docker-compose.yml and what it refers to. There is no Docker here: it is read, not run."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from streams.kafka.jars import KAFKA_VERSION
from streams.settings import Settings
from streams.settings.loading import read
from tests.policies import FILE

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()

each_service = pytest.mark.parametrize("name", SERVICES)


def test_what_there_is() -> None:
    stand = {"kafka", "worker", "prometheus", "alertmanager", "notifications", "grafana"}
    assert SERVICES.keys() == {*stand, "simulator"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["simulator"]


@each_service
def test_memory_is_limited(name: str) -> None:
    assert re.fullmatch(r"\d+[mg]", SERVICES[name]["mem_limit"])


@each_service
def test_images_are_pinned(name: str) -> None:
    service = SERVICES[name]
    if "build" not in service:
        assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])


@each_service
def test_ports_are_of_this_machine_and_can_be_changed(name: str) -> None:
    for port in SERVICES[name].get("ports", ()):
        assert re.fullmatch(rf"127\.0\.0\.1:\$\{{{name.upper()}_PORT:-(\d+)}}:\1", port)


@each_service
def test_who_is_waited_for_tells_when_it_is_ready(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}
        assert SERVICES[other]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@each_service
def test_what_is_mounted_is_there(name: str) -> None:
    for mount in SERVICES[name].get("volumes", ()):
        source = mount.split(":")[0]
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


@each_service
def test_settings_of_ours_are_right(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    ours = {key: value for key, value in environment.items() if key.startswith("METRICLAND_")}
    settings = read(Settings, None, {}, ours)
    if ours:
        host, port = settings.bootstrap.split(":")
        assert host in SERVICES
        assert f"INSIDE://{host}:{port}" in SERVICES[host]["environment"]["KAFKA_ADVERTISED_LISTENERS"]


def test_kafka_is_that_of_the_embedded_broker() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_listeners_of_kafka_are_told_the_same_everywhere() -> None:
    told = SERVICES["kafka"]["environment"]
    listeners = {each.split(":")[0] for each in told["KAFKA_LISTENERS"].split(",")}
    assert listeners == {
        each.split(":")[0] for each in told["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    }
    assert listeners == {
        told["KAFKA_CONTROLLER_LISTENER_NAMES"],
        *(each.split(":")[0] for each in told["KAFKA_ADVERTISED_LISTENERS"].split(",")),
    }
    assert told["KAFKA_INTER_BROKER_LISTENER_NAME"] in listeners


def test_prometheus_reads_the_worker_and_grafana_prometheus() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    (scrape,) = config["scrape_configs"]
    assert scrape["static_configs"] == [{"targets": [f"worker:{Settings().web.port}"]}]
    sources = ROOT / "grafana" / "provisioning" / "datasources" / "cx.yaml"
    (source,) = yaml.safe_load(sources.read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"


def test_alerts_go_from_prometheus_to_alertmanager_and_on() -> None:
    config = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text())
    assert config["alerting"]["alertmanagers"] == [{"static_configs": [{"targets": ["alertmanager:9093"]}]}]
    (mount,) = SERVICES["notifications"]["volumes"]
    _, program, port, _ = SERVICES["notifications"]["entrypoint"]
    assert (ROOT / program.replace(mount.split(":")[1], mount.split(":")[0])).exists()
    receivers = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text())["receivers"]
    for receiver in receivers:
        assert receiver["webhook_configs"] == [{"url": f"http://notifications:{port}/{receiver['name']}"}]


def test_the_worker_has_the_policies_that_the_rules_are_made_of() -> None:
    assert FILE == ROOT / "prometheus" / "policies.toml"
    directory = re.search(r"^WORKDIR (.*)$", DOCKERFILE, re.M)
    assert directory
    assert f"./prometheus/policies.toml:{directory[1]}/metricland.toml:ro" in SERVICES["worker"]["volumes"]


def test_grafana_finds_its_boards() -> None:
    boards = ROOT / "grafana" / "provisioning" / "dashboards" / "cx.yaml"
    (provider,) = yaml.safe_load(boards.read_text())["providers"]
    path, grafana = provider["options"]["path"], SERVICES["grafana"]
    assert f"./grafana/dashboards:{path}:ro" in grafana["volumes"]
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert home.parent == Path(path)
    assert (ROOT / "grafana" / "dashboards" / home.name).exists()


def test_the_image_holds_what_it_needs_and_is_not_run_as_root() -> None:
    steps = [shlex.split(line) for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
    copied = {step[1] for step in steps if step[0] == "COPY"}
    kept = {line.lstrip("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert copied == kept
    assert all((ROOT / name).exists() for name in copied)
    assert next(step[1] for step in steps if step[0] == "FROM") == "python:3.11-slim"
    assert [step[1] for step in steps if step[0] == "USER"] == ["10001"]
