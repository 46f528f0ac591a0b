"""SQLAlchemy's dialect registry hands out dialects of ours: every engine the project creates resolves through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import dialects
from sqlalchemy.engine import Dialect

from .engines import Engines


def install_redirect(engines: Engines) -> None:
    """Wrap `sqlalchemy.dialects.registry.load`. To be called before any import of the project."""
    load = dialects.registry.load
    entry_points: dict[Any, Any] = {}

    def redirect(found: Any) -> Any:
        # SQLAlchemy's own loader of `mariadb+driver` gives an instance
        if isinstance(found, Dialect):
            found = type(found)
        if isinstance(found, type) and issubclass(found, Dialect):
            return engines.engine_for(found.name).wrap(found)
        if found not in entry_points:
            entry_points[found] = _wrap_entry_point(found, redirect)
        return entry_points[found]

    def load_redirected(name: str) -> Any:
        found = load(name)
        inner = getattr(found, "dialect", None)
        is_module = isinstance(inner, type) and issubclass(inner, Dialect)
        return redirect(inner if is_module else found)

    dialects.registry.load = load_redirected  # type: ignore[method-assign]


def _wrap_entry_point(found: Any, redirect: Callable[[Any], Any]) -> Any:
    """A class that is no dialect itself but answers which one a URL means."""
    members = {
        "get_dialect_cls": classmethod(lambda cls, url: redirect(found.get_dialect_cls(url))),
        "get_async_dialect_cls": classmethod(lambda cls, url: redirect(found.get_async_dialect_cls(url))),
    }
    return type("Redirected" + getattr(found, "__name__", "Dialect"), (found,), members)
