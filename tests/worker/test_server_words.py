"""What is read of statements, names, URLs and errors for a real server."""

from __future__ import annotations

import pytest

from migguard.worker.engines.scratch_names import find_run, is_template, new_run, new_template_name, scratch_name
from migguard.worker.engines.scratch_url import BadServerUrl, find_scratch_url
from migguard.worker.engines.server_errors import find_lack
from migguard.worker.engines.statements import find_changes, find_qualifiers, find_reach


@pytest.mark.parametrize(
    ("sql", "changes"),
    [
        pytest.param('CREATE TABLE "user" (id INT)', ["created table user"], id="a table"),
        pytest.param("\n/* a */ create unlogged table if not exists s.t ()", ["created? table s.t"], id="conditional"),
        pytest.param("CREATE TEMP TABLE t (id int)", [], id="a temporary table"),
        pytest.param("DROP TABLE IF EXISTS a, b.c CASCADE", ["dropped? table a", "dropped? table b.c"], id="two drops"),
        pytest.param("ALTER TABLE ONLY `a` ADD x INT", ["altered table a"], id="a change"),
        pytest.param("ALTER TABLE a RENAME TO b", ["altered table a > b"], id="a new name"),
        pytest.param("CREATE UNIQUE INDEX CONCURRENTLY ix ON t (a)", ["created index ix"], id="an index"),
        pytest.param("CREATE INDEX ON t (a)", [], id="an index without a name"),
        pytest.param("DROP INDEX ix", ["dropped index ix"], id="an index that goes"),
        pytest.param("INSERT INTO t VALUES ('; CREATE TABLE x ()')", [], id="a statement in a string"),
        pytest.param("SELECT 1; -- ; DROP TABLE x\nCREATE TABLE t ()", ["created table t"], id="two statements"),
        pytest.param(r"INSERT INTO t VALUES ('\'); CREATE TABLE u ()", ["created table u"], id="a plain backslash"),
        pytest.param(r"INSERT INTO t VALUES (E'\'; DROP TABLE u')", [], id="an escape"),
        pytest.param("SELECT '\\'; # ;\nDROP TABLE u' # `", [], id="an escape on MySQL"),
        pytest.param("DO $a$ BEGIN CREATE TABLE x (); END $a$", [], id="a block"),
    ],
)
def test_changes_of_tables_are_read(sql: str, changes: list[str]) -> None:
    """Verb, kind and name; `?` where it depends on what is there."""
    found = [
        f"{one.verb}{'?' if one.is_conditional else ''} {one.kind} {one.name}"
        + (f" > {one.new_name}" if one.new_name else "")
        for one in find_changes(sql, "mysql" if "`" in sql or "#" in sql else "postgresql")
    ]
    assert found == changes


@pytest.mark.parametrize(
    ("sql", "reach"),
    [
        ("CREATE ROLE reader", "CREATE ROLE"),
        ("drop user if exists x", "DROP USER"),
        ("ALTER DATABASE app SET timezone = 'UTC'", "ALTER DATABASE"),
        ("GRANT admin TO app", "GRANT"),
        ("GRANT CREATE, CONNECT, TEMP ON DATABASE app TO x", "GRANT … ON DATABASE"),
        ("GRANT CONNECT ON DATABASE app TO x", "GRANT CONNECT ON DATABASE"),
        ("COMMENT ON DATABASE app IS 'x'", "COMMENT ON DATABASE"),
        ("SELECT 1; ALTER SYSTEM SET fsync = off", "ALTER SYSTEM"),
        ("COPY t FROM PROGRAM 'curl x'", "COPY T FROM PROGRAM"),
        ("DO $$ BEGIN EXECUTE 'CREATE ROLE x'; END $$", "CREATE ROLE"),
        ("CREATE FUNCTION f() RETURNS void AS $$ DROP ROLE x $$ LANGUAGE sql", "DROP ROLE"),
        ("GRANT SELECT ON t TO x", None),
        ("CREATE USER MAPPING FOR x SERVER s", None),
        ("ALTER TABLE t DROP role", None),
        ("SELECT * FROM u JOIN role ON role.id = u.role_id", None),
        ("INSERT INTO t VALUES ('create role x')", None),
        ("CREATE TABLE t (id int) -- drop database", None),
    ],
)
def test_reach_of_a_statement_on_postgresql(sql: str, reach: str | None) -> None:
    """What is shared by all databases of a server."""
    assert find_reach(sql, "postgresql") == reach


@pytest.mark.parametrize(
    ("sql", "reach"),
    [
        ("CREATE DATABASE x", "CREATE DATABASE"),
        ("ALTER DATABASE app CHARACTER SET utf8mb4", "ALTER DATABASE APP"),
        ("SET GLOBAL sql_mode = ''", "SET GLOBAL"),
        ("LOAD DATA INFILE 'x' INTO TABLE t", "LOAD"),
        ("ALTER DATABASE CHARACTER SET utf8mb4", None),
        ("ALTER TABLE t DROP role", None),
        ("SET SESSION sql_mode = ''", None),
        ("INSERT INTO t (a) SELECT a FROM u", None),
    ],
)
def test_reach_of_a_statement_on_mysql(sql: str, reach: str | None) -> None:
    """There, what names a database does."""
    assert find_reach(sql, "mysql") == reach


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("CREATE TABLE app.t (id INT)", {"app"}),
        ("SELECT a.id FROM a JOIN `Other` . t ON a.id = t.id", {"other", "t"}),
        ("SELECT a.id FROM a.a", {"a"}),
        ("INSERT INTO a VALUES ('x.y')", set()),
    ],
)
def test_names_that_may_be_databases_are_read(sql: str, names: set[str]) -> None:
    """`a` is a known table."""
    assert find_qualifiers(sql, {"a"}) == names


def test_names_of_ours_are_known_again() -> None:
    """And nobody else's, however alike."""
    run = new_run()
    name = scratch_name(run, 3)
    assert find_run(name) == run
    assert len(name) <= 63
    assert find_run(name[:-1] + ("0" if name[-1] != "0" else "1")) is None
    assert find_run("migguard_scratch") is None
    template = new_template_name()
    assert is_template(template)
    assert not is_template(name)
    assert find_run(template) is None


def test_server_of_the_same_name_comes_before_one_of_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """A MariaDB may stand for MySQL where there is nothing better; PostgreSQL stands for itself."""
    monkeypatch.setenv("MG_MARIA", "mariadb+pymysql://u:p@maria/")
    settings = ["postgresql://pg", "${MG_MARIA}"]
    found = find_scratch_url(settings, "mysql")
    assert found is not None
    assert found.address == "maria:3306"
    found = find_scratch_url([*settings, "mysql://my:3307"], "mysql")
    assert found is not None
    assert found.address == "my:3307"
    assert find_scratch_url(["mysql://my"], "postgresql") is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "`scratch-server`: the variable $MG_URL is not set"),
        ("u:hunter2@host", "`scratch-server`: the value of $MG_URL is no SQLAlchemy URL"),
        ("postgres://u:hunter2@host/x", "`scratch-server`: no engine for the dialect `postgres`"),
    ],
)
def test_bad_url_is_told_without_showing_it(monkeypatch: pytest.MonkeyPatch, value: str, message: str) -> None:
    """It may hold a password."""
    monkeypatch.setenv("MG_URL", value)
    with pytest.raises(BadServerUrl) as caught:
        find_scratch_url(["$MG_URL"], "postgresql")
    assert str(caught.value) == message


def test_password_is_hidden_in_every_spelling() -> None:
    """As it is, quoted for a URL, and escaped by a driver."""
    found = find_scratch_url(["postgresql://u:a%2Fb%20c@host/"], "postgresql")
    assert found is not None
    assert found.hide("x a/b c y a%2Fb%20c z a%2Fb+c") == "x *** y *** z ***"


class StateError(Exception):
    """An error as psycopg2 raises it."""

    def __init__(self, state: str | None, message: str) -> None:
        super().__init__(message)
        self.pgcode = state


@pytest.mark.parametrize(
    ("error", "lack"),
    [
        (StateError("42704", 'role "x" does not exist\nLINE 1'), 'role "x" does not exist'),
        (StateError("42704", 'type "x" does not exist'), None),
        (StateError("42P01", 'relation "x" does not exist'), None),
        (StateError(None, "server closed the connection unexpectedly"), "server closed the connection unexpectedly"),
        (Exception({"C": "42501", "M": "permission denied"}), "permission denied"),
        (Exception(1227, "Access denied; you need SUPER"), "Access denied; you need SUPER"),
        (Exception(1146, "Table 'x' doesn't exist"), None),
    ],
)
def test_faults_of_the_server_are_told_from_those_of_the_revision(error: Exception, lack: str | None) -> None:
    """Only the latter are the project's to mend."""
    assert find_lack(error) == lack
