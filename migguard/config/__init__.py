"""The settings of `[tool.migguard]`: their data, and how they are read from a snapshot's top-level `pyproject.toml`."""

from __future__ import annotations

from migguard.config.engines import DEFAULT_ORDER, EngineConfig, EngineName
from migguard.config.globs import matches_any, matches_glob
from migguard.config.model import (
    CommitMode,
    Config,
    DatabaseConfig,
    EnvironmentConfig,
    ExpectedDrift,
    OnCannotCheck,
    OnDivergence,
    OnMissing,
    SchemaAt,
    Waiver,
)
from migguard.config.parse import SnapshotFiles, load_config, parse_allow, parse_config

__all__ = [
    "DEFAULT_ORDER",
    "CommitMode",
    "Config",
    "DatabaseConfig",
    "EngineConfig",
    "EngineName",
    "EnvironmentConfig",
    "ExpectedDrift",
    "OnCannotCheck",
    "OnDivergence",
    "OnMissing",
    "SchemaAt",
    "SnapshotFiles",
    "Waiver",
    "load_config",
    "matches_any",
    "matches_glob",
    "parse_allow",
    "parse_config",
]
