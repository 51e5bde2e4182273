"""`python -m streams.compiled.build`: compile the hot path, where there is a C compiler."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from streams.compiled import HEADERS, LIBRARIES, MODULES, NATIVE, RECORD, ROOT, digests, source

DIRECT = ["-fno-semantic-interposition", "-fno-plt"]
"Functions of the library call each other without a detour that would let others replace them: 4 % less time."


def main() -> int:
    current = digests()
    try:
        if json.loads(RECORD.read_text()) == current:
            return 0
    except (OSError, ValueError):
        pass
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    if shutil.which(os.environ.get("CC", "cc")) is None:
        sys.stderr.write("No C compiler: MetricLand runs as plain Python, which takes more CPU.\n")
        return 0
    with tempfile.TemporaryDirectory() as build:
        _compile(Path(build))
    RECORD.write_text(json.dumps(current, indent=1))
    return 0


def _compile(build: Path) -> None:
    from mypyc.build import mypycify
    from setuptools import Distribution, Extension

    os.chdir(ROOT)
    paths = [str(source(module).relative_to(ROOT)) for module in MODULES]
    extensions = mypycify(
        [*paths, "--config-file=pyproject.toml", "--follow-imports=silent"],
        opt_level="3",
        debug_level="0",
        target_dir=str(build / "c"),
        include_runtime_files=True,
    )
    for extension in extensions:
        for header in HEADERS:
            extension.extra_compile_args += ["-include", str(header)]
    extensions += [
        Extension(module, [str(source(module).relative_to(ROOT))], extra_compile_args=["-O3"])
        for module in NATIVE
    ]
    if sys.platform == "linux":
        for extension in extensions:
            extension.extra_compile_args += DIRECT
    distribution = Distribution({"name": "metricland-compiled", "ext_modules": extensions})
    command = distribution.get_command_obj("build_ext")
    command.build_lib = str(LIBRARIES)
    command.build_temp = str(build / "o")
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    sys.exit(main())
