"""The objects of a catalog as statements, all names qualified."""

from __future__ import annotations

from typing import Any, Optional, Union

from .catalog import Catalog
from .definitions import define_foreign_key
from .expressions import Node, show
from .expressions.kept import write_kept
from .model import (
    Column,
    Composite,
    Constraint,
    Domain,
    Enum,
    Index,
    IndexElement,
    Relation,
    Sequence,
    Table,
    Trigger,
    UserType,
    View,
)
from .names import quote_identifier, quote_literal, quote_qualified
from .types import format_type


def qualified(one: Union[Relation, UserType]) -> str:
    return quote_qualified(one.schema, one.name)


def names_of(columns: list[Column]) -> str:
    return ", ".join(quote_identifier(column.name) for column in columns)


def expression_text(node: Node, catalog: Catalog) -> str:
    """What reads back as this node: exact stays exact, inexact stays inexact."""
    text = show(node, catalog)
    return str(text) if text.exact and node.tree is not None and not node.doubts else write_kept(node, str(text))


def write_type(user: UserType, catalog: Catalog) -> Optional[str]:
    """CREATE TYPE or DOMAIN; None for what an extension brought."""
    if isinstance(user, Enum):
        return f"CREATE TYPE {qualified(user)} AS ENUM ({', '.join(map(quote_literal, user.labels))})"
    if isinstance(user, Domain):
        return _write_domain(user, catalog)
    if user.extension is not None:
        return None
    if user.kind == "range":
        return f"CREATE TYPE {qualified(user)} AS RANGE (SUBTYPE = pg_catalog.int4)"
    attributes = ", ".join(f"{quote_identifier(name)} {format_type(ref, catalog)}" for name, ref in user.attributes)
    return f"CREATE TYPE {qualified(user)} AS ({attributes})"


def _write_domain(domain: Domain, catalog: Catalog) -> str:
    parts = [f"CREATE DOMAIN {qualified(domain)} AS {format_type(domain.type, catalog)}"]
    if domain.collation is not None:
        parts.append(f"COLLATE {quote_identifier(domain.collation)}")
    if domain.default is not None:
        parts.append(f"DEFAULT {expression_text(domain.default, catalog)}")
    if domain.notnull:
        parts.append("NOT NULL")
    for check in domain.checks:
        if not check.options.get("not_valid") and check.expression is not None:
            name = quote_identifier(check.name)
            parts.append(f"CONSTRAINT {name} CHECK ({expression_text(check.expression, catalog)})")
    return " ".join(parts)


def write_late_checks(domain: Domain, catalog: Catalog) -> list[str]:
    """Checks NOT VALID, which only ALTER DOMAIN can say."""
    return [
        f"ALTER DOMAIN {qualified(domain)} ADD CONSTRAINT {quote_identifier(check.name)} "
        f"CHECK ({expression_text(check.expression, catalog)}) NOT VALID"
        for check in domain.checks
        if check.options.get("not_valid") and check.expression is not None
    ]


def sequence_options(sequence: Sequence) -> str:
    options = sequence.options
    text = f"AS {sequence.data_type}"
    for name, words in (("increment", "INCREMENT BY"), ("minvalue", "MINVALUE"), ("maxvalue", "MAXVALUE")):
        text += f" {words} {options[name]}" if options.get(name) is not None else ""
    text += f" START WITH {options['start']}" if options.get("start") is not None else ""
    text += f" CACHE {options['cache']}" if options.get("cache") is not None else ""
    return text + (" CYCLE" if options.get("cycle") else "")


def write_table(table: Table, catalog: Catalog, columns: list[Column], parents: list[Table]) -> str:
    """CREATE TABLE with these columns; parents: those that INHERITS can name."""
    unlogged = "UNLOGGED " if table.is_unlogged else ""
    inner = ",\n    ".join(write_column(column, catalog) for column in columns)
    text = f"CREATE {unlogged}TABLE {qualified(table)} (" + (f"\n    {inner}\n" if inner else "") + ")"
    if parents:
        text += f" INHERITS ({', '.join(map(qualified, parents))})"
    if table.kind == "p":
        text += f" PARTITION BY {table.partition_key}"
    if table.storage:
        text += f" WITH ({storage_text(table.storage)})"
    if table.tablespace is not None:
        text += f" TABLESPACE {quote_identifier(table.tablespace)}"
    return text


def storage_text(storage: list[tuple[str, str]]) -> str:
    parts = []
    for name, value in storage:
        shown = ".".join(quote_identifier(one) for one in name.split("."))
        parts.append(f"{shown} = {value if value.replace('.', '').isalnum() else quote_literal(value)}")
    return ", ".join(parts)


def write_column(column: Column, catalog: Catalog) -> str:
    parts = [quote_identifier(column.name), format_type(column.type, catalog)]
    if column.collation is not None:
        parts.append(f"COLLATE {quote_identifier(column.collation)}")
    if column.generated is not None:
        kind = "STORED" if column.stored else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({expression_text(column.generated, catalog)}) {kind}")
    elif column.identity is not None:
        sequence = column.identity.sequence
        when = "ALWAYS" if column.identity.always else "BY DEFAULT"
        options = f"SEQUENCE NAME {qualified(sequence)} {sequence_options(sequence)}"
        parts.append(f"GENERATED {when} AS IDENTITY ({options})")
    elif column.default is not None:
        parts.append(f"DEFAULT {expression_text(column.default, catalog)}")
    if column.notnull:
        parts.append("NOT NULL")
    return " ".join(parts)


def write_constraint(constraint: Constraint, catalog: Catalog) -> str:
    """ALTER TABLE … ADD CONSTRAINT."""
    head = f"ALTER TABLE {qualified(constraint.table)} ADD CONSTRAINT {quote_identifier(constraint.name)} "
    if constraint.kind == "c":
        assert constraint.expression is not None
        text = f"CHECK ({expression_text(constraint.expression, catalog)})"
        text += " NO INHERIT" if constraint.options.get("no_inherit") else ""
        return head + text + (" NOT VALID" if constraint.options.get("not_valid") else "")
    if constraint.kind == "f":
        return head + define_foreign_key(constraint, catalog)
    return head + _key_text(constraint, catalog)


def _key_text(constraint: Constraint, catalog: Catalog) -> str:
    index = constraint.index
    assert index is not None
    if constraint.kind == "x":
        elements = ", ".join(f"{element_text(one, catalog)} WITH {one.operator}" for one in index.elements)
        text = f"EXCLUDE USING {index.method} ({elements})"
    else:
        nulls = "NULLS NOT DISTINCT " if index.nulls_not_distinct else ""
        word = "PRIMARY KEY " if constraint.kind == "p" else "UNIQUE "
        text = f"{word}{nulls}({names_of(constraint.columns)})"
    text += f" INCLUDE ({names_of(index.include)})" if index.include else ""
    text += f" WITH ({storage_text(index.storage)})" if index.storage else ""
    text += f" USING INDEX TABLESPACE {quote_identifier(index.tablespace)}" if index.tablespace else ""
    if constraint.kind == "x" and index.where is not None:
        text += f" WHERE ({expression_text(index.where, catalog)})"
    return text + _timing(constraint.options)


def _timing(options: dict[str, Any]) -> str:
    text = " DEFERRABLE" if options.get("deferrable") else ""
    return text + (" INITIALLY DEFERRED" if str(options.get("initially") or "").upper() == "DEFERRED" else "")


def element_text(element: IndexElement, catalog: Catalog) -> str:
    if isinstance(element.what, Column):
        text = quote_identifier(element.what.name)
    else:
        text = f"({expression_text(element.what, catalog)})"
    if element.collation is not None:
        text += f" COLLATE {quote_identifier(element.collation)}"
    if element.opclass is not None:
        text += f" {quote_identifier(element.opclass)}"
        text += f" ({element.opclass_options})" if element.opclass_options else ""
    text += " DESC" if element.descending else ""
    if element.nulls_first is not None:
        text += f" NULLS {'FIRST' if element.nulls_first else 'LAST'}"
    return text


def write_index(index: Index, catalog: Catalog) -> str:
    unique = "UNIQUE " if index.is_unique else ""
    only = "ONLY " if isinstance(index.table, Table) and index.table.kind == "p" else ""
    # the keys of a materialized view's index are not kept
    elements = ", ".join(element_text(one, catalog) for one in index.elements) or "(NULL)"
    text = f"CREATE {unique}INDEX {quote_identifier(index.name)} ON {only}{qualified(index.table)}"
    text += f" USING {index.method} ({elements})"
    text += f" INCLUDE ({names_of(index.include)})" if index.include else ""
    text += " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
    text += f" WITH ({storage_text(index.storage)})" if index.storage else ""
    text += f" TABLESPACE {quote_identifier(index.tablespace)}" if index.tablespace else ""
    return text + (f" WHERE {expression_text(index.where, catalog)}" if index.where is not None else "")


def write_view(view: View) -> str:
    kind = "MATERIALIZED VIEW" if view.is_materialized else "VIEW"
    columns = f" ({', '.join(map(quote_identifier, view.columns))})" if view.columns else ""
    return f"CREATE {kind} {qualified(view)}{columns} AS {view.text}"


def write_trigger(trigger: Trigger) -> str:
    name, on = quote_identifier(trigger.name), qualified(trigger.relation)
    columns = names_of(trigger.perhaps_uses)
    if trigger.kind == "trigger":
        event = f"UPDATE OF {columns}" if columns else "INSERT"
        function = quote_identifier(trigger.function or "unknown")
        return f"CREATE TRIGGER {name} AFTER {event} ON {on} FOR EACH ROW EXECUTE FUNCTION {function}()"
    if trigger.kind == "rule":
        return f"CREATE RULE {name} AS ON UPDATE TO {on} DO ALSO (SELECT {columns})"
    return f"CREATE POLICY {name} ON {on} USING (num_nulls({columns}) = 0)"


def write_comment(kind: str, name: str, comment: Optional[str]) -> list[str]:
    return [] if comment is None else [f"COMMENT ON {kind} {name} IS {quote_literal(comment)}"]


def composite_uses(user: UserType) -> list[UserType]:
    """The types that have to be there before this one."""
    if isinstance(user, Domain):
        return [user.type.user] if user.type.user is not None else []
    if isinstance(user, Composite):
        return [ref.user for _, ref in user.attributes if ref.user is not None]
    return []
