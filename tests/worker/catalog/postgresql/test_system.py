"""Questions to PostgreSQL's catalogs, settings and functions: as the real server answers, or recorded."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from migguard.worker.engines.catalog.flags import READ
from tests.worker.catalog.twin import Twin, make_twin

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE SCHEMA other;
CREATE TABLE users (
    id serial PRIMARY KEY, name varchar(50) NOT NULL DEFAULT 'x', age integer, mood mood DEFAULT 'ok',
    amount numeric(10, 2), tags text[], made timestamptz DEFAULT now(), CONSTRAINT uq_name UNIQUE (name)
);
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id integer CONSTRAINT fk_user REFERENCES users
    ON DELETE CASCADE, title text, CONSTRAINT long_enough CHECK (length(title) > 3)
);
CREATE TABLE other.things (id integer, "Name" text);
CREATE INDEX ix_title ON posts (title);
CREATE UNIQUE INDEX ix_age ON users (age) WHERE age > 5;
CREATE VIEW names AS SELECT name FROM users;
CREATE MATERIALIZED VIEW ages AS SELECT age FROM users;
CREATE SEQUENCE counter START 5;
CREATE TABLE old (a integer, b integer, c integer);
ALTER TABLE old DROP COLUMN b;
COMMENT ON TABLE users IS 'people'
"""


@pytest.fixture(scope="module")
def twin(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return make_twin(postgres_url, tmp_path_factory.mktemp("twin"))


def ask(connection: sa.engine.Connection, statement: str) -> Any:
    connection.exec_driver_sql(SCHEMA)
    result = connection.exec_driver_sql(statement)
    return list(result.keys()), sorted((tuple(row) for row in result), key=repr)


SAME = [
    "SELECT 1 FROM information_schema.tables WHERE table_name = 'users'",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN"
    " ('pg_catalog', 'information_schema')",
    "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'missing')",
    "SELECT EXISTS (SELECT FROM information_schema.tables WHERE table_name = 'users')",
    "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'users'",
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position",
    "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = 'users'",
    "SELECT data_type, udt_name FROM information_schema.columns WHERE table_name='users' AND column_name='mood'",
    "SELECT character_maximum_length FROM information_schema.columns WHERE table_name='users' AND column_name='name'",
    "SELECT numeric_precision, numeric_scale FROM information_schema.columns WHERE table_name='users' AND"
    " column_name='amount'",
    "SELECT column_default FROM information_schema.columns WHERE table_name = 'users' AND column_name IN"
    " ('id', 'name')",
    "SELECT is_identity FROM information_schema.columns WHERE table_name = 'posts' AND column_name = 'id'",
    "SELECT constraint_name FROM information_schema.table_constraints WHERE table_name='users' AND"
    " constraint_type='UNIQUE'",
    "SELECT tc.constraint_name FROM information_schema.table_constraints AS tc JOIN"
    " information_schema.key_column_usage AS kcu"
    " ON tc.constraint_name = kcu.constraint_name WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'posts'",
    "SELECT delete_rule FROM information_schema.referential_constraints WHERE constraint_name = 'fk_user'",
    "SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'other'",
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname != 'pg_catalog' AND schemaname !="
    " 'information_schema'",
    "SELECT indexname FROM pg_indexes WHERE tablename = 'users'",
    "SELECT 1 FROM pg_indexes WHERE indexname = 'ix_title'",
    "SELECT 1 FROM pg_type WHERE typname = 'mood'",
    "SELECT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'nothing')",
    "SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname='public'"
    " AND t.typtype='e'",
    "SELECT e.enumlabel FROM pg_enum e JOIN pg_type t ON e.enumtypid = t.oid WHERE t.typname = 'mood' ORDER"
    " BY e.enumsortorder",
    "SELECT enumlabel FROM pg_enum WHERE enumtypid = 'mood'::regtype",
    "SELECT 1 FROM pg_constraint WHERE conname = 'uq_name'",
    "SELECT conname FROM pg_constraint WHERE conrelid = 'users'::regclass AND contype = 'u'",
    "SELECT conname FROM pg_constraint WHERE conrelid = 'posts'::regclass::oid AND contype IN ('f', 'c')",
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'fk_user'",
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname ="
    " 'public' AND c.relkind = 'r'",
    "SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace",
    "SELECT 1 FROM pg_class WHERE relname = 'ix_age' AND relkind = 'i'",
    "SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'old'::regclass AND a.attnum > 0 AND NOT a.attisdropped",
    "SELECT attname FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'age'",
    "SELECT nspname FROM pg_namespace WHERE nspname = 'other'",
    "SELECT 1 FROM pg_namespace WHERE nspname = 'missing'",
    "SELECT extname FROM pg_extension",
    "SELECT EXISTS(SELECT 1 FROM pg_extension WHERE extname = 'citext')",
    "SELECT to_regclass('users') IS NOT NULL",
    "SELECT to_regclass('public.missing')",
    "SELECT to_regclass('other.\"things\"') IS NULL",
    "SELECT to_regtype('mood') IS NOT NULL",
    "SELECT 'users'::regclass IS NOT NULL",
    "SELECT 'missing'::regclass",
    "SELECT viewname FROM pg_views WHERE schemaname = 'public'",
    "SELECT matviewname FROM pg_matviews",
    "SELECT sequence_name FROM information_schema.sequences",
    "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    "SELECT current_schema()",
    "SELECT current_schema",
    "SELECT pg_advisory_lock(42)",
    "SELECT pg_try_advisory_lock(42)",
    "SELECT pg_advisory_xact_lock(1, 2)",
    "SELECT set_config('app.user', 'x', false)",
    "SELECT pg_catalog.set_config('search_path', 'other', true)",
    "SELECT setval('counter', 10)",
    "SELECT setval('missing', 10)",
    "SHOW standard_conforming_strings",
    "SHOW transaction isolation level",
    "SELECT current_setting('server_encoding')",
    "SELECT indisunique FROM pg_index WHERE indexrelid = 'ix_age'::regclass",
    "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'us%%' AND table_schema = 'public'",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ANY(ARRAY['public', 'other'])",
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false))",
    "SELECT pg_catalog.format_type(t.oid, NULL), ARRAY(SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = t.oid"
    " ORDER BY enumsortorder) FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
    " WHERE t.typtype = 'e' AND n.nspname = 'public'",
    "select c.relname, a.attname from pg_class as c join pg_depend d on d.objid=c.oid and"
    " d.classid='pg_class'::regclass and"
    " d.refclassid='pg_class'::regclass join pg_class t on t.oid=d.refobjid join pg_attribute a on a.attrelid=t.oid and"
    " a.attnum=d.refobjsubid where c.relkind='S' and c.oid=cast('users_id_seq' as regclass)",
    "select c.relname, a.attname from pg_class as c join pg_depend d on d.objid=c.oid and"
    " d.classid='pg_class'::regclass and"
    " d.refclassid='pg_class'::regclass join pg_class t on t.oid=d.refobjid join pg_attribute a on a.attrelid=t.oid and"
    " a.attnum=d.refobjsubid where c.relkind='S' and c.relname='users_id_seq'",
]


@pytest.mark.parametrize("statement", SAME)
def test_question_is_answered_as_by_the_server(twin: Twin, statement: str) -> None:
    real, ours, flags = twin.tell(lambda connection: ask(connection, statement))
    assert ours == real
    assert flags == []


RECORDED = [
    "SELECT count(*) FROM information_schema.tables",
    "SELECT relname FROM pg_class WHERE relkind = 'r'",
    "SELECT 1 FROM pg_type WHERE typname = 'int4'",
    "SELECT 1 FROM pg_type WHERE typname LIKE 'p%%'",
    "SELECT oid FROM pg_class WHERE relname = 'users'",
    "SELECT ordinal_position FROM information_schema.columns WHERE table_name = 'old' AND column_name = 'c'",
    "SELECT attnum FROM pg_attribute WHERE attrelid = 'old'::regclass AND attname = 'c'",
    "SELECT constraint_name FROM information_schema.table_constraints WHERE table_name = 'users'",
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'names'",
    "SELECT proname FROM pg_proc WHERE proname = 'now'",
    "SELECT rolname FROM pg_roles",
    "SELECT reltuples FROM pg_class WHERE relname = 'users'",
    "SELECT current_database()",
    "SELECT current_user",
    "SHOW timezone",
    "SELECT nextval('counter')",
    "SELECT n_live_tup FROM pg_stat_user_tables WHERE relname = 'users'",
    "SELECT has_table_privilege('users', 'SELECT')",
    "SELECT obj_description('users'::regclass)",
]


@pytest.mark.parametrize("statement", RECORDED)
def test_question_without_a_sure_answer_is_recorded(twin: Twin, statement: str) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql(SCHEMA)
        value = connection.exec_driver_sql(statement).scalar()
        return value == 3

    flags = twin.tell(story)[2]
    assert {flag.kind for flag in flags} == {READ}


def test_search_path_by_set_config_counts(twin: Twin) -> None:
    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("SELECT set_config('search_path', 'other', false)")
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        return sa.inspect(connection).get_table_names("other"), sa.inspect(connection).get_table_names("public")

    real, ours, flags = twin.tell(story)
    assert ours == real == (["t"], [])
    assert flags == []
