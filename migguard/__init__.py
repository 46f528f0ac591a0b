"""Keeps SQLAlchemy models, Alembic revision files and git history in step."""

from __future__ import annotations

__version__ = "0.1.0"
