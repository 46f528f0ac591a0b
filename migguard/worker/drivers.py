"""C drivers connect below Python's audit events: their `connect` is replaced when the project imports them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Optional

from .gate import is_gate_open
from .ledger import Ledger

#: Module → where in it connections are made.
DRIVERS: dict[str, tuple[str, ...]] = {
    "psycopg2": ("connect",),
    "psycopg": ("connect", "Connection.connect", "AsyncConnection.connect"),
    "MySQLdb": ("connect", "Connect", "Connection"),
    "mysql.connector": ("connect", "Connect"),
    "mariadb": ("connect", "Connection"),
    "pyodbc": ("connect",),
    "oracledb": ("connect", "connect_async"),
    "cx_Oracle": ("connect",),
    "pymssql": ("connect",),
}


class DriverGuard(importlib.abc.MetaPathFinder):
    """First on sys.meta_path: finds drivers through the other finders, and closes them once they are loaded."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._searching: set[str] = set()

    def install(self) -> None:
        """Close drivers that are loaded already, and those to come."""
        for name in DRIVERS:
            if name in sys.modules:
                self.close(sys.modules[name])
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname not in DRIVERS or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def close(self, module: ModuleType) -> None:
        """Replace what connects; other names of the driver stay."""
        for name in DRIVERS[module.__name__]:
            owner: Any = module
            *parents, last = name.split(".")
            for parent in parents:
                owner = getattr(owner, parent, None)
            if owner is not None and hasattr(owner, last):
                connect = self._close_function(module, getattr(owner, last))
                setattr(owner, last, staticmethod(connect) if parents else connect)

    def _close_function(self, module: ModuleType, original: Any) -> Callable[..., Any]:
        """A function that connects for the engines only."""
        error = getattr(module, "OperationalError", OSError)

        def connect(*arguments: Any, **options: Any) -> Any:
            if is_gate_open():
                return original(*arguments, **options)
            host, port = options.get("host"), options.get("port")
            address = f"{host}:{port}" if host and port else str(host or module.__name__)
            raise error(self._ledger.note_refused(address))

        return connect

    def _follow(self, loader: Any) -> None:
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self.close(module)

        loader.exec_module = exec_module
