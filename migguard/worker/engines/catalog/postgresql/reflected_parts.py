"""Parts of the rows that answer reflection queries: fixed ones, and what is worked out from one object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ..words import listed
from .model import Column, Constraint, Domain, Index
from .oids import number_of

Row = dict[str, Any]

#: The columns of PGDialect's texts (1.4), in order.
OLD_COLUMNS = {
    "columns": listed("name format_type default not_null table_oid comment generated identity_options"),
    "primary_key_columns": ["attname"],
    "primary_key_name": ["conname"],
    "foreign_keys": ["conname", "condef", "nspname"],
    "indexes": listed(
        "relname indisunique indexprs attname attnum conrelid indkey indoption_text reloptions amname "
        "filter_definition indnkeyatts"
    ),
    "unique_columns": ["name", "key", "col_num", "col_name"],
    "comment": ["description"],
    "checks": ["conname", "condef"],
    "enums": ["name", "visible", "schema", "label"],
    "domains": ["name", "attype", "nullable", "default", "visible", "schema"],
}


COLUMN_KEYS = listed(
    "name attname format_type default not_null table_name table_oid comment generated identity_options collation"
)


def system_domains() -> Iterator[Row]:
    """Those of information_schema."""
    checks = {
        "cardinal_number": "CHECK (VALUE >= 0)",
        "yes_or_no": "CHECK (VALUE::text = ANY (ARRAY['YES'::character varying, 'NO'::character varying]::text[]))",
    }
    types = {
        "cardinal_number": "integer",
        "character_data": "character varying",
        "sql_identifier": "name",
        "time_stamp": "timestamp(2) with time zone",
        "yes_or_no": "character varying(3)",
    }
    for name, kind in types.items():
        yield {
            "name": name,
            "attype": kind,
            "nullable": True,
            "default": "CURRENT_TIMESTAMP(2)" if name == "time_stamp" else None,
            "visible": False,
            "schema": "information_schema",
            "condefs": [checks[name]] if name in checks else None,
            "connames": [f"{name}_{'domain_' * (name == 'cardinal_number')}check"] if name in checks else None,
            "collname": "C" if name in {"character_data", "sql_identifier", "yes_or_no"} else None,
            "collation_schema": None,
        }


def opclass_name(opclass: Optional[str]) -> Optional[str]:
    """pg_opclass.opcname, where the class is not the default one."""
    return opclass.rpartition(".")[2].strip('"') if opclass is not None else None


def oid_of(relation: Any) -> int:
    return number_of("relation", relation.schema, relation.name)


def default_collation(domain: Domain) -> Optional[str]:
    if isinstance(domain.type.user, Domain):
        return domain.type.user.collation or default_collation(domain.type.user)
    has_one = domain.type.user is None and domain.type.name in {"text", "character varying", "character"}
    return "default" if has_one else "C" if domain.type.name == "name" else None


def sorted_constraints(relation: Any, kind: str) -> list[Constraint]:
    found = [one for one in getattr(relation, "constraints", ()) if one.kind == kind]
    return sorted(found, key=lambda one: str(one.name))


def attribute_numbers(relation: Any) -> dict[str, int]:
    return {name: number for number, name in enumerate(getattr(relation, "columns", None) or {}, 1)}


def identity_options_of(column: Column) -> Optional[dict[str, Any]]:
    if column.identity is None:
        return None
    options = column.identity.sequence.options
    return {
        "always": column.identity.always,
        **{name: options[name] for name in ("start", "increment", "minvalue", "maxvalue", "cache", "cycle")},
    }


def index_options(index: Index) -> list[int]:
    """pg_index.indoption: 1 descending, 2 nulls first."""
    found = []
    for element in index.elements:
        nulls_first = element.descending if element.nulls_first is None else element.nulls_first
        found.append((1 if element.descending else 0) + (2 if nulls_first else 0))
    return found
