"""The hot path as machine code: the same Python sources, compiled by mypyc where there is a C compiler.

`python -m streams.compiled.build` puts the libraries beside this file. They are used as long as every source
is the one that was compiled; else, or with `CX_PURE_PYTHON=1`, the sources run as they are.
"""

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import sys
import sysconfig
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
_LISTS = tuple(ROOT.glob("*/hot.txt"))
MODULES = tuple(sorted(name for listed in _LISTS for name in listed.read_text().split()))
"What an event or a checkpoint's figures pass through: each package lists its own."
NATIVE = tuple(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for listed in _LISTS
    for path in sorted(listed.parent.rglob("*.c"))
)
"Modules that are written in C as well: their Python is what they must be like."
HEADERS = tuple(Path(__file__).with_name(name) for name in ("slots.h", "names.h"))
"What all compiled modules include: how they read attributes, and names of modules."
LIBRARIES = Path(__file__).parent / "libraries"
RECORD = LIBRARIES / "sources.json"
"The digest of each source that was compiled, and the Python that it was compiled for."


def source(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".c" if module in NATIVE else ".py")


def digests() -> dict[str, str]:
    """What identifies a build: the sources and the Python."""
    modules = (*MODULES, *NATIVE)
    found = {module: hashlib.sha256(source(module).read_bytes()).hexdigest() for module in modules}
    found |= {header.name: hashlib.sha256(header.read_bytes()).hexdigest() for header in HEADERS}
    return {**found, "python": f"{sys.implementation.cache_tag} {sysconfig.get_platform()}"}


class Finder:
    """Finds the compiled modules before their sources are found."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if (library := _library(name)) is None:
            return None
        loader = importlib.machinery.ExtensionFileLoader(name, str(library))
        return importlib.util.spec_from_file_location(name, library, loader=loader)


def install() -> bool:
    """Use what was compiled, if it is of these sources; whether it is."""
    if os.environ.get("CX_PURE_PYTHON", "0") not in ("", "0"):
        return False
    try:
        current = bool(json.loads(RECORD.read_text()) == digests())
    except (OSError, ValueError):
        return False
    if current:
        sys.meta_path.insert(0, Finder())
    return current


def active() -> bool:
    """Whether the hot path runs compiled."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)


def _library(name: str) -> Path | None:
    if name not in MODULES and name not in NATIVE and not name.endswith("__mypyc"):
        return None
    place = LIBRARIES.joinpath(*name.split("."))
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    library = place.with_name(place.name + suffix)
    return library if library.exists() else None
