"""What projects do with engines, pools and raw connections of the stand-in for their driver."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event, pool
from sqlalchemy.ext.asyncio import create_async_engine

from migguard.worker.engines.catalog.flags import OPAQUE
from tests.worker.catalog.twin import CatalogSide, Twin, make_twin

DRIVERS = ["psycopg2", "psycopg", "pg8000", "asyncpg"]
URL = "postgresql+psycopg://user:secret@nowhere.invalid/app"


@pytest.fixture
def side(tmp_path: Path) -> CatalogSide:
    return CatalogSide(tmp_path)


@pytest.fixture(scope="module")
def twin(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Twin:
    return make_twin(postgres_url, tmp_path_factory.mktemp("twin"))


def refuse(*arguments: Any, **options: Any) -> Any:
    """What nothing may call."""
    raise AssertionError("the project's own connection was made")


@pytest.mark.parametrize("driver", DRIVERS)
def test_version_flags_are_those_of_the_configured_server(side: CatalogSide, driver: str) -> None:
    from types import MappingProxyType

    from migguard.worker.engines import Settings

    side.engines._stage.settings = Settings(given_versions=MappingProxyType({"postgresql": (18, 1)}))
    engine = side.create_engine(f"postgresql+{driver}://u@h/db")
    if engine.dialect.is_async:
        engine = side.create_engine("postgresql+psycopg://u@h/db")
    with engine.connect() as connection:
        assert connection.dialect.server_version_info == (18, 1)
        assert connection.dialect.default_schema_name == "public"
        assert getattr(connection.dialect, "supports_virtual_generated_columns", True)
        assert connection.get_isolation_level() == "READ COMMITTED"


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"creator": refuse}, id="creator"),
        pytest.param({"poolclass": pool.NullPool}, id="NullPool"),
        pytest.param({"poolclass": pool.StaticPool}, id="StaticPool"),
        pytest.param({"pool": pool.QueuePool(refuse)}, id="pool with a creator"),
        pytest.param({"pool_pre_ping": True, "pool_recycle": 0, "pool_size": 2, "max_overflow": 1}, id="pool options"),
        pytest.param({"isolation_level": "AUTOCOMMIT"}, id="isolation level"),
        pytest.param({"connect_args": {"sslmode": "require", "application_name": "x"}}, id="connect_args"),
        pytest.param({"execution_options": {"schema_translate_map": {None: "public"}}}, id="schema_translate_map"),
        pytest.param({"echo": False, "future": True, "json_serializer": str}, id="other options"),
    ],
)
def test_engine_however_made_reaches_the_catalog(side: CatalogSide, options: dict[str, Any]) -> None:
    engine = side.create_engine(URL, **options)
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True))
    metadata.create_all(engine)
    assert sa.inspect(engine).get_table_names() == ["t"]
    with engine.begin() as connection:
        connection.execute(metadata.tables["t"].insert(), [{"id": 1}, {"id": 2}])
    engine.dispose()
    assert sa.inspect(engine).get_table_names() == ["t"]
    assert side.flags.flags == []


def test_do_connect_listener_is_not_asked(side: CatalogSide) -> None:
    engine = side.create_engine(URL)
    event.listen(engine, "do_connect", refuse)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1


def test_listeners_may_set_up_the_connection(side: CatalogSide) -> None:
    engine = side.create_engine(URL)

    @event.listens_for(engine, "connect", insert=True)
    def set_up(connection: Any, record: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA IF NOT EXISTS tenant")
            cursor.execute("SET search_path TO tenant, public")
        connection.autocommit = before
        connection.set_client_encoding("UTF8")
        connection.add_notice_handler(lambda notice: None)

    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        assert connection.dialect.default_schema_name == "tenant"
        assert sa.inspect(connection).get_table_names("tenant") == ["t"]
    assert side.flags.flags == []


def test_options_of_the_connection_set_the_search_path(twin: Twin) -> None:
    options = {"options": "-c search_path=tenant -c lock_timeout=1000"}
    url = twin.real.url.render_as_string(hide_password=False)
    engines = [sa.create_engine(url, connect_args=options), twin.side.create_engine(url, connect_args=options)]

    def story(connection: sa.engine.Connection) -> Any:
        connection.exec_driver_sql("CREATE SCHEMA tenant")
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        return sa.inspect(connection).get_table_names(), sa.inspect(connection).get_table_names("tenant")

    twin.tell(lambda connection: None)
    from tests.worker.catalog.twin import run

    assert run(story, engines[0]) == run(story, engines[1]) == (["t"], ["t"])
    for engine in engines:
        engine.dispose()


def test_raw_connection_is_the_same_database(side: CatalogSide) -> None:
    engine = side.create_engine(URL)
    raw = engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("CREATE TABLE t (id integer, name text)")
    cursor.execute("INSERT INTO t VALUES (%s, %s)", (1, "it's"))
    cursor.executemany("INSERT INTO t VALUES (%s, %s)", [(2, "a"), (3, "b")])
    assert cursor.rowcount == 2
    cursor.execute("SELECT to_regclass('t') IS NOT NULL")
    assert cursor.fetchone() == (True,)
    assert cursor.fetchone() is None
    raw.commit()
    raw.close()
    assert sa.inspect(engine).get_table_names() == ["t"]
    assert side.flags.flags == []


def test_copy_and_streams_write_rows(side: CatalogSide) -> None:
    engine = side.create_engine("postgresql+psycopg2://u@h/db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        streamed = connection.execution_options(stream_results=True).execute(sa.text("SELECT * FROM t"))
        assert list(streamed.yield_per(10)) == []
        raw = connection.connection.dbapi_connection
        assert raw is not None
        cursor: Any = raw.cursor("named")
        cursor.copy_expert("COPY t FROM STDIN", io.StringIO("1\n"))
        cursor.copy_from(io.StringIO("2\n"), "t")
        assert side.flags.flags == []
        assert connection.execute(sa.text("SELECT * FROM t")).all() == []
    assert len(side.flags.flags) == 1


def test_method_that_only_the_driver_has_is_recorded(side: CatalogSide) -> None:
    engine = side.create_engine(URL)
    raw: Any = engine.raw_connection().driver_connection
    assert raw.info.server_version is not None
    assert side.flags.flags == []
    raw.lobject(0, "w").write("x")
    assert {flag.kind for flag in side.flags.flags} == {OPAQUE}


@pytest.mark.parametrize(
    ("statement", "driver", "name", "code"),
    [
        ("SELECT * FROM missing", "psycopg", "ProgrammingError", "42P01"),
        ("SELECT * FROM missing", "psycopg2", "ProgrammingError", "42P01"),
        ("CREATE TABLE t (id integer)", "psycopg2", "ProgrammingError", "42P07"),
        ("DROP TABLE t", "psycopg2", "InternalError", "2BP01"),
        ("DROP TABLE t", "pg8000", "ProgrammingError", "2BP01"),
        ("SELECT * FROM missing", "pg8000", "ProgrammingError", "42P01"),
    ],
)
def test_refusal_is_the_error_of_the_driver(
    side: CatalogSide, statement: str, driver: str, name: str, code: str
) -> None:
    engine = side.create_engine(f"postgresql+{driver}://u@h/db")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE u (id integer REFERENCES t)")
        with pytest.raises(sa.exc.DBAPIError) as caught:
            connection.exec_driver_sql(statement)
    assert type(caught.value).__name__ == name
    assert getattr(caught.value.orig, "pgcode" if driver == "psycopg2" else "sqlstate") == code
    if driver == "pg8000":
        assert caught.value.orig is not None
        assert caught.value.orig.args[0]["C"] == code


def test_refusal_is_an_error_of_the_driver_where_the_project_has_imported_it(side: CatalogSide) -> None:
    import psycopg.errors

    engine = side.create_engine(URL)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        with pytest.raises(sa.exc.ProgrammingError) as caught:
            connection.exec_driver_sql("CREATE TABLE t (id integer)")
    assert isinstance(caught.value.orig, psycopg.errors.DuplicateTable)
    assert caught.value.orig.sqlstate == "42P07"


@pytest.mark.parametrize(
    ("driver", "written"),
    [("psycopg2", "5%"), ("psycopg", "5%"), ("pg8000", "5%%")],
)
def test_percent_signs_reach_the_server_as_the_driver_sends_them(side: CatalogSide, driver: str, written: str) -> None:
    engine = side.create_engine(f"postgresql+{driver}://u@h/db")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT '5%', '5%%'")).one() == ("5%", "5%%")
        assert connection.execute(sa.text("SELECT '5%', :x"), {"x": "it's"}).one() == ("5%", "it's")
        assert connection.exec_driver_sql("SELECT '5%%'").scalar() == written
        raw = connection.execution_options(no_parameters=True)
        assert raw.exec_driver_sql("SELECT '5%%'").scalar() == "5%%"


def test_ddl_with_parameters_is_for_drivers_that_bind_themselves(side: CatalogSide) -> None:
    statement = sa.text("CREATE TABLE t (a text DEFAULT :value)")
    with side.create_engine("postgresql+psycopg2://u@h/one").connect() as connection:
        connection.execute(statement, {"value": "it's"})
        assert sa.inspect(connection).get_columns("t")[0]["default"] == "'it''s'::text"
    with (
        side.create_engine("postgresql+psycopg://u@h/two").connect() as connection,
        pytest.raises(sa.exc.ProgrammingError),
    ):
        connection.execute(statement, {"value": "it's"})


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_async_engine(side: CatalogSide, driver: str) -> None:
    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("j", sa.JSON))

    async def main() -> Any:
        engine = create_async_engine(f"postgresql+{driver}://u@h/db", pool_size=2)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
            await connection.execute(metadata.tables["t"].insert(), [{"id": 1, "j": {"a": 1}}])
        async with engine.connect() as connection:
            names = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
            rows = (await connection.execute(sa.text("SELECT count(*) FROM t WHERE false"))).all()
            raw = await connection.get_raw_connection()
            inner: Any = raw.driver_connection
            if driver == "asyncpg":
                await inner.set_type_codec("json", encoder=str, decoder=str, schema="pg_catalog")
                await inner.execute("CREATE TABLE u (id integer)")
                names.append(await inner.fetchval("SELECT to_regclass('u') IS NOT NULL"))
        await engine.dispose()
        return names, len(rows)

    with side.redirected():
        names, count = asyncio.run(main())
    assert names == (["t", True] if driver == "asyncpg" else ["t"])
    assert count == 1
    assert side.flags.flags == []


def test_databases_are_told_apart_by_their_urls(side: CatalogSide) -> None:
    urls = [
        "postgresql+psycopg://u@h/one",
        "postgresql+psycopg2://other:pw@h/one",
        "postgresql+psycopg://u@h/two",
        "postgresql+psycopg://u@elsewhere/one",
        "postgresql+psycopg://u@localhost/three",
        "postgresql+psycopg://u@127.0.0.1:5432/three",
    ]
    engines = [side.create_engine(url) for url in urls]
    with engines[0].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
    with engines[4].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE u (id integer)")
    names = [sa.inspect(engine).get_table_names() for engine in engines]
    assert names == [["t"], ["t"], [], [], ["u"], ["u"]]


def test_creators_of_urls_without_a_database_are_told_apart(side: CatalogSide) -> None:
    def first() -> None:
        raise AssertionError

    def second() -> None:
        raise AssertionError

    url = "postgresql+pg8000://"
    engines = [side.create_engine(url, creator=creator) for creator in (first, first, second)]
    with engines[0].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
    assert sa.inspect(engines[1]).get_table_names() == ["t"]
    assert side.flags.flags == []
    assert sa.inspect(engines[2]).get_table_names() == []
    assert [flag.kind for flag in side.flags.flags] == [OPAQUE]


def test_wipe_empties_what_a_pool_still_holds(side: CatalogSide) -> None:
    engine = side.create_engine(URL)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
    side.wipe()
    assert sa.inspect(engine).get_table_names() == []


def test_every_change_is_told_to_the_watch(side: CatalogSide) -> None:
    side.watch.active = True
    engine = side.create_engine(URL)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA other")
        connection.exec_driver_sql("CREATE TABLE other.t (id integer PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        connection.exec_driver_sql("CREATE INDEX i ON t (id)")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (id integer)")
        connection.exec_driver_sql("CREATE TEMP TABLE x (id integer)")
        connection.exec_driver_sql("DROP TABLE t")
    told = [(one.verb, one.kind, one.name) for one in side.watch.changes]
    assert ("created", "table", "other.t") in told
    assert ("created", "table", "t") in told
    assert ("dropped", "table", "t") in told
    assert not any("x" in name.split(".") for _, _, name in told)
    assert len(told) == len(set(told))
