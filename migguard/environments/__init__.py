"""Finding the Alembic environments of a snapshot, from its files alone."""

from __future__ import annotations

from migguard.environments.discovery import discover_environments
from migguard.environments.model import Discovery, Environment, UnresolvedEnvironment

__all__ = ["Discovery", "Environment", "UnresolvedEnvironment", "discover_environments"]
