"""What autogenerate does not compare, as deterministic text, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Sequence

from . import features
from .locate import ModelPlaces
from .operations import type_text
from .protocol import Description


def describe_targets(targets: Iterable[Any], places: ModelPlaces) -> list[Description]:
    """One description for each model table, and one named "" for sequences of no table; sorted by table."""
    found: dict[str, Description] = {}
    for target in targets:
        for metadata in target.metadata:
            for table in metadata.tables.values():
                texts = _describe_table(table, target)
                found[table.fullname] = Description(table.fullname, texts, places.find_in_table(table, []))
            free = _find_free_sequences(metadata)
            if free:
                found.setdefault("", Description("", {"sequence": {}})).features["sequence"].update(free)
    return [found[name] for name in sorted(found)]


def _describe_table(table: Any, target: Any) -> dict[str, dict[str, str]]:
    dialect, opts = target.dialect, target.opts
    compares_types = bool(opts.get("compare_type", True))
    key = features.primary_key_text(table)
    options = features.table_text(table, dialect)
    name = table.primary_key.name
    texts: dict[str, dict[str, str]] = {
        "columns": {one.name: features.type_shape(one, dialect) if compares_types else "" for one in table.columns},
        "check": features.check_texts(table, dialect),
        "exclude constraint": features.exclude_texts(table, dialect),
        "primary key": {str(name) if isinstance(name, str) else "": key} if key else {},
        "index options": features.index_texts(table, dialect),
        "unique options": features.unique_texts(table, dialect),
        "foreign key options": features.foreign_key_texts(table, dialect),
        "table options": {"": options} if options else {},
        **_describe_columns(table, dialect),
    }
    if not compares_types:
        texts["type"] = {column.name: type_text(column.type, dialect) for column in table.columns}
    if opts.get("compare_server_default", False):
        del texts["server default"]
    return {category: dict(sorted(found.items())) for category, found in texts.items() if found}


def _describe_columns(table: Any, dialect: Any) -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {"enum values": {}, "sequence": {}, "computed": {}, "server default": {}}
    for column in table.columns:
        enum = features.find_enum(column, dialect)
        default, computed = features.default_of(column, dialect), features.computed_of(column, dialect)
        if enum is not None:
            texts["enum values"][column.name] = ", ".join(enum.enums)
        if isinstance(column.default, Sequence):
            texts["sequence"][column.name] = features.sequence_text(column.default)
        if default is not None:
            texts["server default"][column.name] = default
        if computed is not None:
            texts["computed"][column.name] = computed
    return texts


def _find_free_sequences(metadata: Any) -> dict[str, str]:
    """Sequences of a MetaData that belong to no column."""
    found = getattr(metadata, "_sequences", {}).values()
    owned = {id(one.default) for table in metadata.tables.values() for one in table.columns}
    return {str(one.name): features.sequence_text(one) for one in found if id(one) not in owned}
