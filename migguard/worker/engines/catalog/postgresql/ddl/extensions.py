"""CREATE, ALTER and DROP EXTENSION: which types come, and what depends on what an extension brought."""

from __future__ import annotations

from typing import Any, Optional

from ...errors import NotUnderstood, Rejected
from ...scanner import Cursor
from ..catalog import Catalog
from ..dependencies import Dependents, Function, drop_objects
from ..model import Column, Composite, Index
from ..operator_classes import classes_of, default_class
from ..scanner import words
from ..types import EXTENSION_TYPES, extension_types
from .reading import duplicate, missing, read_behavior

#: Extensions whose functions are known (pg_depend of 15). Those with types of their own are found by these.
FUNCTIONS: dict[str, frozenset[str]] = {
    "plpgsql": frozenset(),
    "uuid-ossp": words(
        """uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns
        uuid_ns_oid uuid_ns_url uuid_ns_x500"""
    ),
    "pgcrypto": words(
        """armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes gen_salt hmac
        pgp_armor_headers pgp_key_id pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea
        pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea"""
    ),
    "pg_trgm": words(
        """set_limit show_limit show_trgm similarity similarity_dist similarity_op word_similarity
        strict_word_similarity"""
    ),
    "unaccent": words("unaccent unaccent_init unaccent_lexize"),
    "fuzzystrmatch": words(
        """difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex text_soundex
        daitch_mokotoff"""
    ),
    "tablefunc": words("connectby crosstab crosstab2 crosstab3 crosstab4 normal_rand"),
    "btree_gin": frozenset(),
    "btree_gist": frozenset(),
    "pg_stat_statements": frozenset({"pg_stat_statements_reset"}),
}
#: Extensions that add neither types nor anything that tables may depend on.
_PLAIN = words(
    """pg_stat_statements pg_cron pgaudit dblink postgres_fdw file_fdw pg_buffercache pgstattuple pg_prewarm pageinspect
    pgrowlocks pg_visibility amcheck adminpack sslinfo moddatetime autoinc insert_username refint tcn dict_int dict_xsyn
    hypopg pg_freespacemap tsm_system_rows tsm_system_time old_snapshot pg_surgery pg_walinspect xml2 intagg pltcl
    plperl plpython3u"""
)


def create_extension(catalog: Catalog, cursor: Cursor) -> None:
    """CREATE EXTENSION, after these words."""
    is_tolerant = cursor.accept("if", "not", "exists")
    name = cursor.name()
    cursor.accept("with")
    schema: Optional[str] = None
    is_cascade = False
    while not cursor.at_end:
        if cursor.accept("schema"):
            schema = cursor.name()
        elif cursor.accept("version"):
            cursor.take()
        else:
            cursor.expect("cascade")
            is_cascade = True
    if name in catalog.extensions:
        if is_tolerant:
            return
        raise duplicate("extension", name)
    _add(catalog, name, catalog.creation_schema(schema), is_cascade=is_cascade)


_REQUIRED = {
    "earthdistance": ("cube",),
    "postgis_raster": ("postgis",),
    "postgis_topology": ("postgis",),
    "postgis_tiger_geocoder": ("postgis", "fuzzystrmatch"),
    "postgis_sfcgal": ("postgis",),
}


def _add(catalog: Catalog, name: str, schema: str, *, is_cascade: bool) -> None:
    if name not in FUNCTIONS and name not in EXTENSION_TYPES and name not in _PLAIN:
        raise NotUnderstood(f"extension {name}")
    if name in ("postgis_topology", "postgis_tiger_geocoder"):
        raise NotUnderstood(f"the tables of extension {name}")
    if name == "plpgsql":
        schema = "pg_catalog"
    for required in _REQUIRED.get(name, ()):
        if required not in catalog.extensions:
            if not is_cascade:
                raise Rejected(f'required extension "{required}" is not installed', "42704")
            _add(catalog, required, schema, is_cascade=True)
    catalog.extensions.add(name)
    catalog.extension_schemas[name] = schema
    for one in extension_types(name, schema):
        if (one.schema, one.name) in catalog.types:
            raise duplicate("type", one.name)
        catalog.types[one.schema, one.name] = one
    if name == "postgis":
        _add_spatial_tables(catalog)


def _add_spatial_tables(catalog: Catalog) -> None:
    """PostGIS brings a table and views of its own, which the comparison would see."""
    raise NotUnderstood("the tables of extension postgis")


def alter_extension(catalog: Catalog, cursor: Cursor) -> None:
    """ALTER EXTENSION, after these words."""
    name = cursor.name()
    if name not in catalog.extensions:
        raise missing("extension", name)
    if cursor.accept("update"):
        if cursor.accept("to"):
            cursor.take()
        cursor.expect_end()
        return
    cursor.expect("set", "schema")
    schema = catalog.creation_schema(cursor.name())
    for one in _types_of(catalog, name):
        del catalog.types[one.schema, one.name]
        one.schema = schema
        catalog.types[schema, one.name] = one
    catalog.extension_schemas[name] = schema


def _types_of(catalog: Catalog, name: str) -> list[Composite]:
    return [one for one in list(catalog.types.values()) if isinstance(one, Composite) and one.extension == name]


def drop_extensions(catalog: Catalog, cursor: Cursor) -> None:
    """DROP EXTENSION, after these words."""
    is_tolerant = cursor.accept("if", "exists")
    names = [cursor.name()]
    while cursor.accept(","):
        names.append(cursor.name())
    is_cascade = read_behavior(cursor)
    cursor.expect_end()
    for name in names:
        if name in catalog.extensions:
            drop_extension(catalog, name, is_cascade=is_cascade)
        elif not is_tolerant:
            raise missing("extension", name)


def drop_extension(catalog: Catalog, name: str, *, is_cascade: bool) -> None:
    """Drop an extension with its types and functions, and what uses them or its operator classes."""
    if any(name in required and one in catalog.extensions for one, required in _REQUIRED.items()):
        raise NotUnderstood(f"extensions that need {name}")
    targets: list[Any] = list(_types_of(catalog, name))
    if name in FUNCTIONS:
        targets += [Function(one) for one in FUNCTIONS[name] if one not in catalog.functions]
    elif name not in _PLAIN and name not in ("citext", "hstore", "ltree", "vector", "cube", "seg", "isn"):
        raise NotUnderstood(f"DROP EXTENSION {name}")
    users = [one for one in catalog.relations() if isinstance(one, Index) and _uses_class(catalog, one, name)]
    graph = Dependents(catalog)
    if users or any(True for target in targets for _ in graph.of(target)):
        if not is_cascade:
            raise Rejected(f"cannot drop extension {name} because other objects depend on it", "2BP01")
        targets += [one.constraint or one for one in users]
    elif graph.doubts:
        raise NotUnderstood(graph.doubts[0][1])
    drop_objects(catalog, targets, is_cascade=True)
    catalog.extensions.discard(name)
    catalog.extension_schemas.pop(name, None)


def _uses_class(catalog: Catalog, index: Index, extension: str) -> bool:
    """Has a key of the index an operator class of the extension?"""
    for element in index.elements:
        if element.opclass is not None:
            if any(one.name == element.opclass for one in classes_of(extension, index.method)):
                return True
        elif isinstance(element.what, Column):
            default = default_class(catalog, index.method, element.what.type)
            if default is not None and default.extension == extension:
                return True
        elif classes_of(extension, index.method):
            raise NotUnderstood(f"the operator class of index {index.name}")
    return False
