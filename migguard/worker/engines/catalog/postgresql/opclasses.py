"""Operator classes that are the default of their type, and those that are not (pg_opclass, 15, and contrib)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..words import listed, words

_BRIN_TYPES = listed(
    """bpchar bytea char date float4 float8 inet int2 int4 int8 interval macaddr macaddr8 name numeric oid pg_lsn text
    tid time timestamp timestamptz timetz uuid"""
)

#: Access method → names that are not a default; the Inspector tells these.
NOT_DEFAULT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "brin": frozenset(
            [f"{name}_bloom_ops" for name in _BRIN_TYPES]
            + [f"{name}_minmax_multi_ops" for name in _BRIN_TYPES]
            + ["inet_minmax_ops"]
        ),
        "btree": words(
            "bpchar_pattern_ops cidr_ops record_image_ops text_pattern_ops varchar_ops varchar_pattern_ops "
            "citext_pattern_ops"
        ),
        "gin": words("jsonb_path_ops gin_trgm_ops"),
        "gist": words("inet_ops gist_trgm_ops gist__intbig_ops"),
        "hash": words("bpchar_pattern_ops cidr_ops text_pattern_ops varchar_ops varchar_pattern_ops"),
        "spgist": words("kd_point_ops"),
    }
)
#: Access method → names that are the default of their type.
DEFAULT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "brin": frozenset(
            [f"{name}_minmax_ops" for name in [*_BRIN_TYPES, "bit", "varbit"] if name != "inet"]
            + ["box_inclusion_ops", "inet_inclusion_ops", "range_inclusion_ops"]
        ),
        "btree": words(
            """array_ops bit_ops bool_ops bpchar_ops bytea_ops char_ops date_ops enum_ops float4_ops float8_ops
            inet_ops int2_ops int4_ops int8_ops interval_ops jsonb_ops macaddr8_ops macaddr_ops money_ops
            multirange_ops name_ops numeric_ops oid_ops oidvector_ops pg_lsn_ops range_ops record_ops text_ops
            tid_ops time_ops timestamp_ops timestamptz_ops timetz_ops tsquery_ops tsvector_ops uuid_ops
            varbit_ops xid8_ops citext_ops"""
        ),
        "gin": words("array_ops jsonb_ops tsvector_ops gin_hstore_ops"),
        "gist": words(
            """box_ops circle_ops multirange_ops point_ops poly_ops range_ops tsquery_ops tsvector_ops
            gist_hstore_ops gist_ltree_ops"""
        ),
        "hash": words(
            """aclitem_ops array_ops bool_ops bpchar_ops bytea_ops char_ops cid_ops date_ops enum_ops float4_ops
            float8_ops inet_ops int2_ops int4_ops int8_ops interval_ops jsonb_ops macaddr8_ops macaddr_ops
            multirange_ops name_ops numeric_ops oid_ops oidvector_ops pg_lsn_ops range_ops record_ops text_ops
            tid_ops time_ops timestamp_ops timestamptz_ops timetz_ops uuid_ops xid8_ops xid_ops citext_ops"""
        ),
        "spgist": words("box_ops inet_ops poly_ops quad_point_ops range_ops text_ops"),
    }
)
