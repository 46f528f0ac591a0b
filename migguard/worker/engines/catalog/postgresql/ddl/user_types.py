"""CREATE and ALTER TYPE and DOMAIN (typecmds.c, 15)."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import TEMPORARY, Catalog
from ..expressions import Node, bind, bind_domain, coerce_default, show, verbatim
from ..model import Composite, Constraint, Domain, Enum, Table, TypeRef, UserType, View
from ..naming import choose_constraint_name
from ..scanner import NAME_LENGTH
from ..types import read_type
from .columns import check_collation, plain_collation
from .labels import refuse_fresh_labels, rename_in_expressions
from .reading import ExpressionText, duplicate, missing, read_behavior, read_default, read_group, read_role


def create_type(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE TYPE, after these words."""
    schema_name, name = cursor.qualified_name()
    schema = catalog.creation_schema(schema_name)
    _check_type_free(catalog, schema, name)
    if cursor.accept("as", "enum"):
        made: UserType = Enum(schema, name, _read_labels(cursor))
    elif cursor.accept("as", "range"):
        cursor.skip_group()
        made = Composite(schema, name, kind="range")
    elif cursor.accept("as"):
        made = Composite(schema, name, attributes=_read_attributes(cursor, catalog))
    else:
        raise NotUnderstood("CREATE TYPE of a base type")
    cursor.expect_end()
    catalog.types[schema, name] = made
    catalog.note("created", made)


def _check_type_free(catalog: Catalog, schema: str, name: str) -> None:
    if (schema, name) in catalog.types or isinstance(catalog.schemas.get(schema, {}).get(name), (Table, View)):
        raise duplicate("type", name)


def _read_labels(cursor: Cursor) -> list[str]:
    cursor.expect("(")
    labels: list[str] = []
    while not cursor.at(")"):
        labels.append(_check_label(cursor.string()))
        if not cursor.accept(","):
            break
    cursor.expect(")")
    if len(set(labels)) != len(labels):
        raise Rejected("an enum label is given twice", "23505")
    return labels


def _check_label(label: str) -> str:
    if len(label.encode()) > NAME_LENGTH:
        raise Rejected(f'invalid enum label "{label}"', "42602")
    return label


def _read_attributes(cursor: Cursor, catalog: Catalog) -> list[tuple[str, TypeRef]]:
    found: list[tuple[str, TypeRef]] = []
    cursor.expect("(")
    while not cursor.at(")"):
        name = cursor.name()
        found.append((name, read_type(cursor, catalog)))
        if cursor.accept("collate"):
            cursor.qualified_name()
        if not cursor.accept(","):
            break
    cursor.expect(")")
    return found


def find_user_type(catalog: Catalog, schema: Optional[str], name: str, *, missing_ok: bool = False) -> Any:
    """A type of the user's own; Rejected (42704) where there is none."""
    found = catalog.find_type(schema, name)
    if found is None and not missing_ok:
        if schema is not None and schema not in catalog.schemas:
            raise missing("schema", schema, "3F000")
        raise missing("type", name)
    return found


def alter_type(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER TYPE, after these words."""
    found = find_user_type(catalog, *cursor.qualified_name())
    if cursor.accept("add", "value"):
        _add_label(catalog, _as_enum(found), cursor)
    elif cursor.accept("rename", "value"):
        _rename_label(catalog, _as_enum(found), cursor)
    elif cursor.accept("rename", "to"):
        rename_type(catalog, found, cursor.name())
    elif cursor.accept("set", "schema"):
        move_type(catalog, found, catalog.creation_schema(cursor.name()))
    elif cursor.accept("owner", "to"):
        read_role(cursor)
    elif isinstance(found, Composite) and found.kind == "composite":
        _alter_attributes(catalog, found, cursor)
    else:
        cursor.fail("ALTER TYPE")
    cursor.expect_end()
    catalog.note("altered", found)


def _as_enum(found: UserType) -> Enum:
    if not isinstance(found, Enum):
        raise Rejected(f"{found.name} is not an enum", "42809")
    return found


def _add_label(catalog: Catalog, enum: Enum, cursor: Cursor) -> None:
    is_tolerant = cursor.accept("if", "not", "exists")
    label = _check_label(cursor.string())
    place = len(enum.labels)
    where = cursor.accept_one("before", "after")
    neighbour = cursor.string() if where else None
    if label in enum.labels:
        if is_tolerant:
            return
        raise duplicate("enum label", label)
    if neighbour is not None:
        if neighbour not in enum.labels:
            raise Rejected(f'"{neighbour}" is not an existing enum label', "22023")
        place = enum.labels.index(neighbour) + (1 if where == "after" else 0)
    enum.labels.insert(place, label)
    catalog.fresh_labels.append((enum, label))


def _rename_label(catalog: Catalog, enum: Enum, cursor: Cursor) -> None:
    old = cursor.string()
    cursor.expect("to")
    new = _check_label(cursor.string())
    if old not in enum.labels:
        raise Rejected(f'"{old}" is not an existing enum label', "22023")
    if new in enum.labels:
        raise duplicate("enum label", new)
    rename_in_expressions(catalog, enum, old, new)
    enum.labels[enum.labels.index(old)] = new
    catalog.fresh_labels = [(one, new if (one, label) == (enum, old) else label) for one, label in catalog.fresh_labels]


def rename_type(catalog: Catalog, found: UserType, name: str) -> None:
    """RENAME TO of a type or domain."""
    _check_type_free(catalog, found.schema, name)
    catalog.note("altered", found)
    types = catalog.types
    catalog.types = {((found.schema, name) if one is found else key): one for key, one in types.items()}
    found.name = name


def move_type(catalog: Catalog, found: UserType, schema: str) -> None:
    """SET SCHEMA of a type or domain."""
    if schema == found.schema:
        return
    _check_type_free(catalog, schema, found.name)
    catalog.note("altered", found)
    del catalog.types[found.schema, found.name]
    found.schema = schema
    catalog.types[schema, found.name] = found


def _alter_attributes(catalog: Catalog, found: Composite, cursor: Cursor) -> None:
    users = [one for table in catalog.all_tables() for one in table.columns.values() if one.type.user is found]
    while True:
        if users and not cursor.at("rename"):
            raise NotUnderstood(f"attributes of {found.name}, which columns use")
        _alter_attribute(catalog, found, cursor)
        if not cursor.accept(","):
            return


def _alter_attribute(catalog: Catalog, found: Composite, cursor: Cursor) -> None:
    names = [name for name, _ in found.attributes]
    if cursor.accept("add", "attribute"):
        name = cursor.name()
        if name in names:
            raise duplicate("attribute", name, "42701")
        found.attributes.append((name, read_type(cursor, catalog)))
        return
    verb = cursor.expect_one("drop attribute", "alter attribute", "rename attribute")
    is_tolerant = verb.startswith("drop") and cursor.accept("if", "exists")
    name = cursor.name()
    if name not in names:
        if is_tolerant:
            return
        raise missing("attribute", name, "42703")
    place = names.index(name)
    if verb.startswith("drop"):
        del found.attributes[place]
    elif verb.startswith("alter"):
        cursor.accept("set", "data")
        cursor.expect("type")
        found.attributes[place] = (name, read_type(cursor, catalog))
    else:
        cursor.expect("to")
        found.attributes[place] = (cursor.name(), found.attributes[place][1])
    read_behavior(cursor)


# -- domains


def create_domain(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE DOMAIN, after these words."""
    schema_name, name = cursor.qualified_name()
    schema = catalog.creation_schema(schema_name)
    _check_type_free(catalog, schema, name)
    if schema == TEMPORARY:
        raise NotUnderstood("a temporary domain")
    cursor.accept("as")
    domain = Domain(schema, name, read_type(cursor, catalog))
    base = domain.type.user if domain.type.dimensions == 0 else None
    if isinstance(base, Domain):
        domain.default, domain.default_text = base.default, base.default_text
    nulls: set[bool] = set()
    given: set[str] = set()
    while not cursor.at_end:
        _read_domain_option(catalog, cursor, domain, nulls, given)
    check_collation(domain.type, domain.collation)
    catalog.types[schema, name] = domain
    catalog.note("created", domain)


def _read_domain_option(catalog: Catalog, cursor: Cursor, domain: Domain, nulls: set[bool], given: set[str]) -> None:
    name = cursor.name() if cursor.accept("constraint") else None
    if cursor.accept("not", "null"):
        domain.notnull = True
        nulls.add(True)
    elif cursor.accept("null"):
        nulls.add(False)
    elif cursor.accept("check"):
        _add_check(catalog, domain, name, read_group(cursor, catalog), {})
    elif cursor.accept("default"):
        if "default" in given:
            raise Rejected("multiple default expressions", "42601")
        given.add("default")
        _set_domain_default(catalog, domain, read_default(cursor, catalog))
    elif cursor.accept("collate"):
        domain.collation = plain_collation(cursor.qualified_name()[1], domain.type)
    else:
        cursor.fail("option of a domain expected")
    if len(nulls) > 1:
        raise Rejected("conflicting NULL/NOT NULL constraints", "42601")


def _set_domain_default(catalog: Catalog, domain: Domain, text: ExpressionText) -> None:
    domain.default = _domain_default(catalog, domain, text)
    domain.default_text = show(domain.default, catalog) if domain.default is not None else None


def _domain_default(catalog: Catalog, domain: Domain, text: ExpressionText) -> Optional[Node]:
    if text.node is None:
        return verbatim(text.text)
    node = coerce_default(bind(text.node, None), domain.type, catalog)
    if node is not None:
        refuse_fresh_labels(catalog, node)
    return node


def _add_check(
    catalog: Catalog, domain: Domain, name: Optional[str], text: ExpressionText, options: dict[str, Any]
) -> None:
    if any(one.name == name for one in domain.checks):
        raise duplicate("constraint", name or "")
    if name is None:
        others = {one.name for one in domain.checks}
        name = choose_constraint_name(catalog, domain.schema, domain.name, "", "check", others)
    node = verbatim(text.text) if text.node is None else bind_domain(text.node, domain.type)
    refuse_fresh_labels(catalog, node)
    check = Constraint("c", name, None, expression=node, options=options)  # type: ignore[arg-type]
    domain.checks.append(check)


def alter_domain(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER DOMAIN, after these words."""
    domain = find_user_type(catalog, *cursor.qualified_name())
    if not isinstance(domain, Domain):
        raise Rejected(f'"{domain.name}" is not a domain', "42809")
    if cursor.accept("rename", "to"):
        rename_type(catalog, domain, cursor.name())
    elif cursor.accept("set", "schema"):
        move_type(catalog, domain, catalog.creation_schema(cursor.name()))
    elif cursor.accept("owner", "to"):
        read_role(cursor)
    elif cursor.accept("set", "default"):
        _set_domain_default(catalog, domain, read_default(cursor, catalog))
    elif cursor.accept("drop", "default"):
        domain.default = domain.default_text = None
    elif cursor.accept("set", "not", "null"):
        domain.notnull = True
    elif cursor.accept("drop", "not", "null"):
        domain.notnull = False
    else:
        _alter_checks(catalog, domain, cursor)
    cursor.expect_end()
    catalog.note("altered", domain)


def _alter_checks(catalog: Catalog, domain: Domain, cursor: Cursor) -> None:
    if cursor.accept("add"):
        name = cursor.name() if cursor.accept("constraint") else None
        cursor.expect("check")
        text = read_group(cursor, catalog)
        options = {"not_valid": True} if cursor.accept("not", "valid") else {}
        _add_check(catalog, domain, name, text, options)
        return
    verb = cursor.expect_one("drop constraint", "validate constraint", "rename constraint")
    is_tolerant = verb.startswith("drop") and cursor.accept("if", "exists")
    name = cursor.name()
    check = next((one for one in domain.checks if one.name == name), None)
    if check is None:
        if is_tolerant:
            read_behavior(cursor)
            return
        raise Rejected(f'constraint "{name}" of domain "{domain.name}" does not exist', "42704")
    if verb.startswith("drop"):
        read_behavior(cursor)
        domain.checks.remove(check)
    elif verb.startswith("validate"):
        check.options.pop("not_valid", None)
    else:
        cursor.expect("to")
        check.name = cursor.name()
