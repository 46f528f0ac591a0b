"""Started by path under the project's interpreter: `PYTHON …/worker/__main__.py REQUEST.json`."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import Any

#: The name under which this folder is loaded; nothing of it can shadow a module of the project.
PACKAGE = "_migguard_worker"


def load_package(folder: str) -> None:
    """Load `folder` as the private package, and take it off sys.path, where Python put it."""
    own = os.path.realpath(folder)
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or os.getcwd()) != own]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def main(arguments: list[str]) -> None:
    """Answer the request whose path is the one argument; the process ends here."""
    load_package(os.path.dirname(os.path.abspath(__file__)))
    answer: Any = importlib.import_module(PACKAGE + ".answer")
    answer.answer_and_exit(arguments[0])


if __name__ == "__main__":
    main(sys.argv[1:])
