"""Functions whose text in SHOW CREATE TABLE was compared with MariaDB 10.11."""

from __future__ import annotations

#: Shown by their own name.
PLAIN = frozenset(
    "abs ascii char_length coalesce concat concat_ws crc32 curdate curtime dayofmonth dayofweek dayofyear elt exp field "
    "find_in_set floor format greatest hex hour if ifnull inet_aton json_array json_contains json_extract json_keys "
    "json_length json_object json_quote json_search json_set json_type json_unquote json_valid json_value last_day lcase "
    "least left ln locate log log10 lpad ltrim makedate md5 month nullif octet_length ord pow quarter quote rand repeat "
    "replace reverse right round sha sha2 sign space sqrt str_to_date strcmp substr to_days trim truncate ucase unhex "
    "unix_timestamp user utc_timestamp uuid weekday year addtime ceiling nvl2 current_user minute second rtrim".split()
)
#: Shown by another name.
RENAMED = {
    "length": "octet_length",
    "character_length": "char_length",
    "lower": "lcase",
    "upper": "ucase",
    "ceil": "ceiling",
    "power": "pow",
    "day": "dayofmonth",
    "nvl": "ifnull",
    "substring": "substr",
    "mid": "substr",
    "sha1": "sha",
    "now": "current_timestamp",
    "current_timestamp": "current_timestamp",
    "localtime": "current_timestamp",
    "localtimestamp": "current_timestamp",
    "current_date": "curdate",
    "current_time": "curtime",
}
#: Without parentheses they are functions too.
BARE = frozenset(
    "current_timestamp localtime localtimestamp current_date current_time current_user utc_timestamp utc_date "
    "utc_time".split()
)
#: Refused (1901) in CHECK and in stored generated columns, which must not depend on the session or the moment.
VOLATILE = frozenset(
    "rand current_timestamp uuid curdate curtime utc_timestamp user current_user sysdate database connection_id "
    "last_insert_id unix_timestamp_now sleep version utc_date utc_time uuid_short".split()
)
#: Their result is a truth value, so that AND and OR take them as they are.
TRUTH_FUNCTIONS = frozenset[str]()
