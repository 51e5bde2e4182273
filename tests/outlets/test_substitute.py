"""Answers for processes that don't run."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from streams.outlets.substitute import Substitutes
from tests.ports import free_ports

WHY = "no answer from Kafka since 2026-11-22T09:00:00Z"


@pytest.fixture
def port() -> int:
    return free_ports(2)


@pytest.fixture
def desk(port: int) -> Iterator[Substitutes]:
    substitutes = Substitutes("127.0.0.1", port)
    yield substitutes
    substitutes.close()


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_is_live_and_not_ready_and_says_why(desk: Substitutes, port: int) -> None:
    reasons = [WHY]
    desk.answer(1, lambda: reasons[-1])
    desk.answer(1, lambda: "never asked")
    assert get(port + 1, "/health/live") == (200, '{"live":true}')
    status, told = get(port + 1, "/health/ready")
    assert (status, json.loads(told)) == (503, {"ready": False, "reason": WHY})
    assert get(port + 1, "/metrics?x=1") == (503, f"{WHY}\n")
    assert get(port + 1, "/else")[0] == 404
    reasons.append("later")
    assert get(port + 1, "/metrics") == (503, "later\n")


def test_the_port_is_free_at_once_for_the_process(desk: Substitutes, port: int) -> None:
    for _ in range(10):
        desk.answer(0, lambda: WHY)
        assert get(port, "/metrics")[0] == 503
        desk.leave(0)
        socket.create_server(("127.0.0.1", port)).close()
    desk.leave(0)


def test_a_port_that_is_still_taken_is_tried_again(desk: Substitutes, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        desk.answer(0, lambda: WHY)
    desk.answer(0, lambda: WHY)
    assert get(port, "/metrics")[0] == 503


def test_one_that_says_nothing_holds_up_nobody(desk: Substitutes, port: int) -> None:
    desk.answer(0, lambda: WHY)
    with socket.create_connection(("127.0.0.1", port)):
        assert get(port, "/metrics")[0] == 503
        desk.leave(0)
        socket.create_server(("127.0.0.1", port)).close()
