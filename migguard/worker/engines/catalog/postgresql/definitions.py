"""Constraints as pg_get_constraintdef() writes them (ruleutils.c, 15: pg_get_constraintdef_worker)."""

from __future__ import annotations

from .catalog import Catalog
from .expressions import Text, show
from .model import Constraint
from .names import quote_identifier, quote_qualified


def define_foreign_key(key: Constraint, catalog: Catalog) -> str:
    """FOREIGN KEY (…) REFERENCES … with what differs from the default."""
    assert key.referred is not None
    columns = ", ".join(quote_identifier(one.name) for one in key.columns)
    referred = ", ".join(quote_identifier(one.name) for one in key.referred_columns)
    name = quote_qualified(key.referred.schema, key.referred.name)
    if catalog.lookup(None, key.referred.name) is key.referred:
        name = quote_identifier(key.referred.name)
    text = f"FOREIGN KEY ({columns}) REFERENCES {name}({referred})"
    options = key.options
    if str(options.get("match") or "SIMPLE").upper() != "SIMPLE":
        text += f" MATCH {options['match'].upper()}"
    for event, word in (("onupdate", "UPDATE"), ("ondelete", "DELETE")):
        action = str(options.get(event) or "NO ACTION").upper()
        if action != "NO ACTION":
            text += f" ON {word} {action}"
    if options.get("ondelete_columns"):
        names = ", ".join(quote_identifier(getattr(one, "name", one)) for one in options["ondelete_columns"])
        text += f" ({names})"
    return text + _ending(key)


def define_check(check: Constraint, catalog: Catalog, *, is_pretty: bool = True) -> Text:
    """CHECK (…)."""
    assert check.expression is not None
    inner = show(check.expression, catalog, is_pretty=is_pretty)
    ending = " NO INHERIT" if check.options.get("no_inherit") else ""
    return Text(f"CHECK ({inner}){ending}{_ending(check)}", inner.exact)


def _ending(constraint: Constraint) -> str:
    options = constraint.options
    is_deferred = str(options.get("initially") or "").upper() == "DEFERRED"
    text = " DEFERRABLE" if options.get("deferrable") or is_deferred else ""
    if is_deferred:
        text += " INITIALLY DEFERRED"
    return text + (" NOT VALID" if options.get("not_valid") else "")
