"""Real processes: what they are given, how they are heard, and that they don't outlive their supervisor."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from streams.child import Child, module_command, told
from streams.settings import Settings, load
from tests.processes import gone

ROOT = Path(__file__).parents[1]


def child(script: str, heard: list[str] | None = None, settings: Settings | None = None) -> Child:
    lines = [] if heard is None else heard
    return Child([sys.executable, "-c", script], settings or load(), lines.append, {"PYTHONPATH": str(ROOT)})


def ended(process: Child) -> int:
    end = time.monotonic() + 120
    while (code := process.exit_code()) is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return code


SECRET = {"dimensions.pseudonymised": ["agent"], "dimensions.pseudonym_key": "a key that nobody knows"}


def test_it_gets_the_settings_to_the_last_digit() -> None:
    settings = load(
        None, {"broker": "kafka://k:9092", "checkpoint.linger": 0.1234567, "log.json": True, **SECRET}
    )
    heard: list[str] = []
    process = child("from streams.child import begin, told; print(told(begin()).decode())", heard, settings)
    assert (ended(process), process.reason()) == (0, "exit code 0")
    assert heard == [told(settings).decode()]


def test_both_outputs_are_heard_and_tell_why_it_ended() -> None:
    heard: list[str] = []
    process = child("import sys; print('one'); sys.stdout.flush(); sys.exit('metricland: no way')", heard)
    assert ended(process) == 1
    assert process.reason() == "no way"
    assert heard == ["one", "metricland: no way"]


def test_it_goes_on_when_nobody_listens_any_more() -> None:
    def deaf(line: str) -> None:
        raise BrokenPipeError

    script = "for number in range(100_000): print('x' * 10)\nprint('metricland: done'); raise SystemExit(3)"
    process = Child([sys.executable, "-c", script], load(), deaf)
    assert (ended(process), process.reason()) == (3, "done")


def test_a_signal_that_ended_it_is_named() -> None:
    process = child("import time; time.sleep(60)")
    process.signal(signal.SIGKILL)
    assert ended(process) == -signal.SIGKILL
    assert process.reason() == "ended by SIGKILL"


def test_it_does_not_outlive_a_supervisor_that_is_killed() -> None:
    inner = "from streams.child import begin; begin(); import time; print('up', flush=True); time.sleep(60)"
    outer = (
        "import sys, time\n"
        "from streams.child import Child\n"
        "from streams.settings import load\n"
        "def heard(line): print(child.pid, flush=True)\n"
        f"child = Child([sys.executable, '-c', {inner!r}], load(), heard)\n"
        "time.sleep(60)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", outer], env=environment, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout
        pid = int(supervisor.stdout.readline())
        assert not gone(pid)
        supervisor.kill()
    end = time.monotonic() + 5
    while not gone(pid):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_hears_of_an_outage_and_of_its_end() -> None:
    script = (
        "import time\n"
        "from streams.child import begin, word\n"
        "begin()\n"
        "before = None\n"
        "while True:\n"
        "    if (now := word()) != before:\n"
        "        before = now\n"
        "        print(repr(now), flush=True)\n"
        "    time.sleep(0.01)\n"
    )
    heard: list[str] = []
    process = child(script, heard)
    for number, word in enumerate(("Kafka is away", "", "away")):
        process.outage(word)
        end = time.monotonic() + 120
        while repr(word) not in heard[number:]:
            assert time.monotonic() < end
            time.sleep(0.01)
    process.signal(signal.SIGKILL)
    ended(process)
    process.outage("nobody is there to hear it")


def test_a_namesake_in_the_directory_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__main__.py").write_text("raise SystemExit('not me')")
    command, environment = module_command("agents", "--help")
    done = subprocess.run(
        command, env=os.environ | environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
