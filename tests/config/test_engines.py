"""Reading which engines answer, what they imitate, and where the scratch server is."""

from __future__ import annotations

import pytest

from migguard.config import Config, EngineConfig, parse_config
from migguard.errors import ConfigError

SERVER = "postgresql+psycopg://ci@db/postgres"


def parse(text: str) -> Config:
    """The settings of a table's text."""
    return parse_config(f"[tool.migguard]\n{text}".encode(), "pyproject.toml")


def problems_of(text: str) -> list[tuple[str, str | None]]:
    """Message and hint of every mistake in a table's text."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return [(problem.message.removeprefix("`tool.migguard."), problem.hint) for problem in caught.value.problems]


def test_without_settings_the_catalog_answers() -> None:
    """The servers that it then imitates are stated, not found out."""
    engines = parse("").engines
    assert engines.engines == ("catalog",)
    assert engines.versions == {"postgresql": "15", "mysql": "8.0", "mariadb": "10.11"}
    assert engines.scratch_servers == ()


@pytest.mark.parametrize(
    ("text", "engines"),
    [
        pytest.param('engine = "embedded"', EngineConfig(("embedded",)), id="one engine as a word"),
        pytest.param(
            f'engine = ["catalog", "server"]\nscratch-server = "{SERVER}"',
            EngineConfig(("catalog", "server"), {}, (SERVER,)),
            id="engines in an order of their own",
        ),
        pytest.param(
            'server-version = "postgresql 16.4"', EngineConfig(None, {"postgresql": "16.4"}), id="one version as a word"
        ),
        pytest.param(
            'server-version = ["mysql  8.4.2", "mariadb 11"]',
            EngineConfig(None, {"mysql": "8.4.2", "mariadb": "11"}),
            id="versions of several servers",
        ),
        pytest.param(
            'scratch-server = ["$PG_URL", "${MY_URL}"]',
            EngineConfig(None, {}, ("$PG_URL", "${MY_URL}")),
            id="variables",
        ),
    ],
)
def test_engine_setting_is_read(text: str, engines: EngineConfig) -> None:
    """Strings and lists of strings mean the same."""
    assert parse(text).engines == engines


def test_environment_overrides_what_holds_for_all() -> None:
    """Versions are joined; the engines and the servers are replaced as a whole."""
    config = parse(
        'engine = ["catalog"]\nserver-version = ["postgresql 14", "mysql 8.4"]\nscratch-server = "$SERVER"\n'
        '[[tool.migguard.environments]]\nname = "a"\n'
        '[[tool.migguard.environments]]\nname = "b"\nengine = "server"\nserver-version = "postgresql 17"\n'
    )
    first, second = (entry.engines.fill(config.engines) for entry in config.environments)
    assert first == config.engines
    assert second.engines == ("server",)
    assert second.versions == {"postgresql": "17", "mysql": "8.4", "mariadb": "10.11"}
    assert second.scratch_servers == ("$SERVER",)


def test_server_of_each_environment_is_enough() -> None:
    """Only an environment that has none is a mistake."""
    parse(
        'engine = ["server"]\n[[tool.migguard.environments]]\nname = "a"\nscratch-server = "$A"\n'
        '[[tool.migguard.environments]]\nname = "b"\nengine = "catalog"\n'
    )


_NO_SERVER = 'add scratch-server = "$VARIABLE" (its value: a SQLAlchemy URL of a server for scratch databases)'
_WANTED = 'expected a server and its version, such as "postgresql 16.4", "mysql 8.0" or "mariadb 10.11", got'


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(
            'engine = "catalogue"', "engine`: unknown engine `catalogue`", "did you mean `catalog`?", id="typo"
        ),
        pytest.param(
            'engine = ["catalog", "sqlite"]',
            "engine[1]`: unknown engine `sqlite`",
            "leave it out: SQLite is always replayed by the real library",
            id="SQLite as an engine",
        ),
        pytest.param(
            'engine = ["embedded", "embedded"]', "engine[1]`: `embedded` a second time", None, id="an engine twice"
        ),
        pytest.param("engine = []", "engine`: an empty list", None, id="no engine"),
        pytest.param("engine = 3", "engine`: expected a list of strings, got 3", None, id="a number"),
        pytest.param('engine = "server"', "engine`: `server` without `scratch-server`", _NO_SERVER, id="no server"),
        pytest.param(
            'engine = ["server"]\n[[tool.migguard.environments]]\nname = "a"\n',
            "environments[0].engine`: `server` without `scratch-server`",
            _NO_SERVER,
            id="no server in an environment",
        ),
        pytest.param(
            'server-version = "16.4"', f'server-version`: {_WANTED} "16.4"', None, id="a version without its server"
        ),
        pytest.param(
            'server-version = ["mysql 8.0", "postgres 16"]',
            f'server-version[1]`: {_WANTED} "postgres 16"',
            "did you mean `postgresql 16`?",
            id="a nickname",
        ),
        pytest.param(
            'server-version = "mysql"',
            f'server-version`: {_WANTED} "mysql"',
            "did you mean `mysql 8.0`?",
            id="a server without its version",
        ),
        pytest.param(
            'server-version = ["mysql 8.0", "mysql 5.7"]',
            "server-version[1]`: a second version of mysql",
            None,
            id="two versions of one server",
        ),
        pytest.param(
            'scratch-server = "localhost:5432"',
            "scratch-server`: expected a SQLAlchemy URL or `$VARIABLE`",
            'such as "postgresql+psycopg://user@host/postgres"',
            id="an address that is no URL",
        ),
        pytest.param(
            'scratch-server = "postgres://u:secret@h/postgres"',
            "scratch-server`: no engine for the dialect `postgres`",
            "did you mean `postgresql`?",
            id="a scheme that SQLAlchemy does not know",
        ),
        pytest.param(
            'scratch-server = "oracle://h/x"', "scratch-server`: no engine for the dialect `oracle`", None, id="oracle"
        ),
        pytest.param(
            'scratch-server = "sqlite:///x.db"',
            "scratch-server`: SQLite needs no server",
            "leave it out: SQLite is always replayed by the real library",
            id="SQLite as a server",
        ),
        pytest.param(
            'scratch-server = ["postgresql://a/postgres", "postgresql+psycopg://b/postgres"]',
            "scratch-server[1]`: a second server for `postgresql`",
            None,
            id="two servers of one dialect",
        ),
        pytest.param('scratch-server = ["$A", "$A"]', "scratch-server[1]`: `$A` twice", None, id="one variable twice"),
    ],
)
def test_mistake_in_an_engine_setting_is_told(text: str, message: str, hint: str | None) -> None:
    """The whole message, and the hint where there is one."""
    assert problems_of(text) == [(message, hint)]


def test_password_of_a_broken_url_is_not_shown() -> None:
    """A mistake in a URL is told without the URL."""
    text = "".join(f"{message} {hint}" for message, hint in problems_of('scratch-server = "pg://u:hunter2@h/db"'))
    assert "hunter2" not in text
