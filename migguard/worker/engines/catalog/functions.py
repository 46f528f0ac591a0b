"""Functions of the servers that change nothing that is compared: what else a statement calls may do anything."""

from __future__ import annotations

from typing import Optional

from .words import words

_HARMLESS = words(
    """abs acos age any_value array_agg array_append array_cat array_fill array_length array_lower array_ndims
    array_position array_positions array_prepend array_remove array_replace array_to_json array_to_string
    array_upper ascii asin atan atan2 avg bigint bin bin_to_uuid bit bit_and bit_count bit_length bit_or bit_xor
    bool bool_and bool_or boolean btrim cardinality cast ceil ceiling char char_length character
    character_length chr clock_timestamp coalesce col_description collation concat concat_ws connection_id conv
    convert convert_from convert_to convert_tz cos cot count crc32 cume_dist curdate current_catalog
    current_database current_date current_role current_schema current_schemas current_setting current_time
    current_timestamp current_user currval curtime database date date_add date_diff date_format date_part
    date_sub date_trunc datediff day dayname dayofmonth dayofweek dayofyear decimal decode degrees dense_rank
    digest div double elt encode enum_first enum_last enum_range every exp extract field find_in_set first_value
    floor format format_type from_base64 from_days from_unixtime gen_random_bytes gen_random_uuid gen_salt
    generate_series generate_subscripts get_bit get_byte get_lock greatest group_concat grouping
    has_column_privilege has_schema_privilege has_sequence_privilege has_table_privilege hashtext hashtextextended
    hex hour if ifnull
    inet_aton inet_ntoa initcap instr int integer interval isfinite is_free_lock is_used_lock isnull json_agg
    json_array json_array_elements json_array_elements_text json_array_length json_arrayagg json_build_array
    json_build_object json_contains json_each json_each_text json_extract json_extract_path
    json_extract_path_text json_insert json_keys json_length json_merge_patch json_object json_object_agg
    json_object_keys json_objectagg json_quote json_remove json_replace json_search json_set json_strip_nulls json_table
    json_type json_typeof json_unquote json_valid json_value jsonb_agg jsonb_array_elements
    jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
    jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_agg jsonb_object_keys
    jsonb_path_exists jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set
    jsonb_strip_nulls jsonb_typeof justify_days justify_hours justify_interval lag last_day last_insert_id
    last_value lastval lcase lead least left length ln localtime localtimestamp locate log log10 log2 lower lpad
    ltrim make_date make_interval make_set make_time make_timestamp make_timestamptz max max_length md5
    microsecond mid min minute mod month monthname nextval now nth_value ntile nullif num_nonnulls num_nulls
    numeric obj_description octet_length ord overlay percent_rank percentile_cont percentile_disc period_diff
    pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_xact_lock
    pg_advisory_xact_lock_shared pg_backend_pid pg_column_size pg_database_size pg_encoding_to_char
    pg_get_constraintdef pg_get_expr pg_get_functiondef pg_get_indexdef pg_get_partkeydef pg_get_serial_sequence
    pg_get_triggerdef pg_get_userbyid pg_get_viewdef pg_is_in_recovery pg_notify pg_relation_size pg_size_pretty
    pg_sleep pg_table_is_visible pg_table_size pg_total_relation_size pg_try_advisory_lock
    pg_try_advisory_xact_lock pg_type_is_visible pg_function_is_visible phraseto_tsquery pi plainto_tsquery
    position pow power quarter quote quote_ident quote_literal quote_nullable radians rand random rank
    regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
    regexp_split_to_table regexp_substr release_lock repeat replace reverse right round row_count row_number
    row_to_json rpad rtrim sec_to_time second session_user set_config setseed setval setweight sha1 sha2 sha224
    sha256 sha384 sha512 sign signed similarity sin sleep smallint soundex space split_part sqrt starts_with
    statement_timestamp std stddev stddev_pop stddev_samp str_to_date strcmp string_agg string_to_array
    string_to_table strip strpos subdate substr substring substring_index sum sysdate system_user tan text time
    time_format time_to_sec timediff timeofday timestamp timestampadd timestampdiff timestamptz timezone
    to_base64 to_char to_date to_days to_hex to_json to_jsonb to_number to_regclass to_regnamespace to_regproc
    to_regprocedure to_regtype to_seconds to_timestamp to_tsquery to_tsvector transaction_timestamp translate
    trim trunc truncate ts_headline ts_rank ts_rank_cd txid_current ucase unhex unistr unix_timestamp unnest
    unsigned upper user utc_date utc_time utc_timestamp uuid uuid_generate_v1 uuid_generate_v1mc
    uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_to_bin uuidv4 uuidv7 values var_pop var_samp varchar
    variance version websearch_to_tsquery week weekday weekofyear weight_string width_bucket xmlagg xmlconcat
    xmlelement xmlforest year yearweek exists array row json jsonb crypt hmac unaccent word_similarity hstore
    akeys avals slice hstore_to_json hstore_to_jsonb lo_from_bytea point polygon box circle st_x st_y
    st_geomfromtext st_makepoint st_setsrid st_point st_transform st_asgeojson st_geogfromtext nlevel subpath
    text2ltree daterange int4range int8range numrange tsrange tstzrange lower_inc upper_inc isempty int4 int8
    int2 float4 float8 real float bytea inet"""
)


def is_harmless(schema: Optional[str], name: str) -> bool:
    """Whether a function is one of the server's own that changes no schema and writes no table."""
    return schema in {None, "pg_catalog", "sys"} and name.lower() in _HARMLESS
