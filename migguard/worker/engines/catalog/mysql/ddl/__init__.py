"""Statements, one module per family. `run_statement` is the way in."""

from __future__ import annotations

from .statements import run_statement

__all__ = ["run_statement"]
