"""The Python that a module in machine code must be like."""

import importlib.util
from types import ModuleType

from streams import compiled


def reference(name: str) -> ModuleType:
    source = compiled.ROOT.joinpath(*name.split(".")).with_suffix(".py")
    spec = importlib.util.spec_from_file_location("reference", source)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
