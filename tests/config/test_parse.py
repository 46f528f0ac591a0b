"""Reading `[tool.migguard]`: every setting, and every mistake at once."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from migguard.config import Config, DatabaseConfig, EnvironmentConfig, ExpectedDrift, Waiver, parse_allow, parse_config
from migguard.diagnostics import Severity
from migguard.errors import ConfigError


def parse(text: str) -> Config:
    """The settings of a table's text."""
    return parse_config(f"[tool.migguard]\n{text}".encode(), "pyproject.toml")


def problems_of(text: str) -> list[tuple[str, str | None]]:
    """Message and hint of every mistake in a table's text."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert {problem.path for problem in caught.value.problems} == {"pyproject.toml"}
    return [(problem.message, problem.hint) for problem in caught.value.problems]


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "tool = 3\n", "[tool.black]\nline-length = 100\n"])
def test_file_without_the_table_gives_the_defaults(text: str) -> None:
    """Other tools' settings are none of ours."""
    assert parse_config(text.encode(), "pyproject.toml") == Config()


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param('python = "/opt/venv/bin/python"', {"python": "/opt/venv/bin/python"}, id="an absolute python"),
        pytest.param('python = "self"', {"python": "self"}, id="this python"),
        pytest.param('env = { A = "1", "b.c" = "" }', {"env": {"A": "1", "b.c": ""}}, id="environment variables"),
        pytest.param('exclude = ["tests/", "*.tpl"]', {"exclude": ("tests/", "*.tpl")}, id="globs"),
        pytest.param(
            'ignore = ["MG101", "replay-fails"]', {"ignore": frozenset({"MG101", "MG203"})}, id="codes and names"
        ),
        pytest.param(
            'severity = { multiple-heads = "warning", mg210 = "off", MG001 = "error" }',
            {"severity": {"MG101": Severity.WARNING, "MG210": Severity.OFF, "MG001": Severity.ERROR}},
            id="severities by name and by code in any case",
        ),
        pytest.param(
            'per-file-ignores = { "old/**" = ["MG105"], "a.py" = [] }',
            {"per_file_ignores": {"old/**": frozenset({"MG105"}), "a.py": frozenset()}},
            id="ignores per file",
        ),
        pytest.param(
            '[[tool.migguard.expected-drift]]\noperation = "remove_table"\ntable = "audit"\nreason = "by hand"\n'
            "until = 2027-01-31",
            {"expected_drift": (ExpectedDrift("remove_table", "audit", None, "by hand", datetime.date(2027, 1, 31)),)},
            id="expected drift with an end",
        ),
        pytest.param(
            '[[tool.migguard.waivers]]\nrule = "edited-published-revision"\nrevision = "a1"\nreason = "never ran"\n'
            '[[tool.migguard.waivers]]\nrule = "mg402"\nrevision = "a1"\nreason = "squashed"',
            {"waivers": (Waiver("MG401", "a1", "never ran"), Waiver("MG402", "a1", "squashed"))},
            id="waivers by name and by code",
        ),
        pytest.param('schema-at = "push"', {"schema_at": "push"}, id="schema at push"),
        pytest.param('on-missing = "generate"\nstage = true', {"on_missing": "generate", "stage": True}, id="generate"),
        pytest.param('on-divergence = "require"', {"on_divergence": "require"}, id="require"),
        pytest.param('on-divergence = "rebase"', {"on_divergence": "rebase"}, id="rebase"),
        pytest.param(
            '[[tool.migguard.databases]]\nname = "mine"\nurl = "$URL"\npersonal = true\nenvironment = "shop"',
            {"databases": (DatabaseConfig("mine", "$URL", personal=True, environment="shop"),)},
            id="a named database",
        ),
        pytest.param('commit = "fold"', {"commit": "fold"}, id="fold"),
        pytest.param(
            'on-cannot-check = "warn"',
            {"on_cannot_check": {"commit": "warn", "merge": "warn", "push": "warn"}},
            id="one word for every moment but CI",
        ),
        pytest.param('on-cannot-check = "fail"', {"on_cannot_check": {}}, id="the default said aloud"),
        pytest.param(
            'on-cannot-check = { commit = "warn", ci = "fail" }',
            {"on_cannot_check": {"commit": "warn", "merge": "fail", "push": "fail"}},
            id="a word per moment",
        ),
        pytest.param('published = ["main", "release/*"]', {"published": ("main", "release/*")}, id="published refs"),
        pytest.param("timeout = 30", {"timeout": 30.0}, id="whole seconds"),
        pytest.param("timeout = 0.5", {"timeout": 0.5}, id="parts of a second"),
        pytest.param("network = true", {"network": True}, id="network"),
        pytest.param(
            'overlay = ["app/_pb2/"]\nsnapshot = ["libs/**"]',
            {"overlay": ("app/_pb2/",), "snapshot": ("libs/**",)},
            id="overlay and snapshot",
        ),
    ],
)
def test_setting_is_read(text: str, settings: dict[str, Any]) -> None:
    """One setting changes one field."""
    assert parse(text) == Config(source="pyproject.toml", **settings)


def test_environment_with_every_key_is_read() -> None:
    """Paths come out normalised; the top is the empty path."""
    config = parse(
        """
        [[tool.migguard.environments]]
        name = "main"
        config = "./backend/alembic.ini"
        section = "tenant"
        script-location = "backend//migrations/"
        version-locations = ["backend/migrations/versions", "./plugins/a/versions"]
        recursive-version-locations = true
        project-dir = "."
        heads = ["expand", "contract"]
        python = ".venv/bin/python"
        flask-app = "shop:create_app()"
        x = ["tenant=1"]
        env = { DATABASE_URI = "sqlite://" }

        [[tool.migguard.environments]]
        """
    )

    assert config.environments == (
        EnvironmentConfig(
            name="main",
            config="backend/alembic.ini",
            section="tenant",
            script_location="backend/migrations",
            version_locations=("backend/migrations/versions", "plugins/a/versions"),
            recursive=True,
            project_dir="",
            heads=("expand", "contract"),
            python=".venv/bin/python",
            flask_app="shop:create_app()",
            x=("tenant=1",),
            env={"DATABASE_URI": "sqlite://"},
        ),
        EnvironmentConfig(name=""),
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(
            'ignore = ["multiple-head"]',
            "`tool.migguard.ignore[0]`: unknown rule `multiple-head`",
            "did you mean `multiple-heads` (MG101)?",
            id="a name with a typo",
        ),
        pytest.param(
            'ignore = ["Multiple_Heads"]',
            "`tool.migguard.ignore[0]`: unknown rule `Multiple_Heads`",
            "did you mean `multiple-heads` (MG101)?",
            id="a name in Python's spelling",
        ),
        pytest.param(
            'ignore = ["MG2011"]',
            "`tool.migguard.ignore[0]`: unknown rule `MG2011`",
            "did you mean `MG201`?",
            id="a code with a digit too many",
        ),
        pytest.param(
            'ignore = ["MG101", "E501"]',
            "`tool.migguard.ignore[1]`: unknown rule `E501`",
            None,
            id="another tool's code",
        ),
        pytest.param(
            'ignore = [3, "E9"]',
            "`tool.migguard.ignore[1]`: unknown rule `E9`",
            None,
            id="an index counts the broken items before it",
        ),
        pytest.param(
            'ignore = "MG101"',
            '`tool.migguard.ignore`: expected a list of strings, got "MG101"',
            None,
            id="a string for a list",
        ),
        pytest.param(
            'ignore = ["MG002"]',
            "`tool.migguard.ignore[0]`: MG002 says that something could not be checked, and cannot be silenced",
            'set `on-cannot-check = "warn"` to let commits through',
            id="ignoring what could not be checked",
        ),
        pytest.param(
            'severity = { environment-unavailable = "off" }',
            "`tool.migguard.severity.environment-unavailable`: "
            "MG001 says that something could not be checked, and cannot be silenced",
            'set `on-cannot-check = "warn"` to let commits through',
            id="switching off what could not be checked",
        ),
        pytest.param(
            'severity = { MG101 = "warn" }',
            '`tool.migguard.severity.MG101`: expected one of `error`, `warning`, `off`, got "warn"',
            "did you mean `warning`?",
            id="a severity by another name",
        ),
        pytest.param(
            'per-file-ignores = { "a/[b" = [] }',
            '`tool.migguard.per-file-ignores."a/[b"`: `[` without `]`',
            None,
            id="a glob that is none as a key",
        ),
        pytest.param(
            'per-file-ignores = { "a/**" = ["x"] }',
            '`tool.migguard.per-file-ignores."a/**"[0]`: unknown rule `x`',
            None,
            id="a rule that is none under a quoted key",
        ),
        pytest.param(
            'exclude = ["../x"]', "`tool.migguard.exclude[0]`: a glob cannot leave the repository", None, id="up"
        ),
        pytest.param("stages = true", "`tool.migguard.stages`: unknown key", "did you mean `stage`?", id="unknown key"),
        pytest.param(
            'on_missing = "block"',
            "`tool.migguard.on_missing`: unknown key",
            "did you mean `on-missing`?",
            id="snake case",
        ),
        pytest.param("stage = 1", "`tool.migguard.stage`: expected true or false, got 1", None, id="one for true"),
        pytest.param(
            "python = true", "`tool.migguard.python`: expected a string, got true", None, id="a flag for a string"
        ),
        pytest.param('python = " "', "`tool.migguard.python`: an empty string", None, id="an empty string"),
        pytest.param(
            "env = { A = 1 }", "`tool.migguard.env.A`: expected a string, got 1", "put it in quotes", id="number"
        ),
        pytest.param(
            "timeout = 0", "`tool.migguard.timeout`: expected a number of seconds above zero, got 0", None, id="no time"
        ),
        pytest.param(
            "timeout = inf",
            "`tool.migguard.timeout`: expected a number of seconds above zero, got inf",
            None,
            id="endless",
        ),
        pytest.param(
            'on-cannot-check = { ci = "warn" }',
            "`tool.migguard.on-cannot-check.ci`: CI always fails on what could not be checked",
            None,
            id="a warning in CI",
        ),
        pytest.param(
            'on-cannot-check = { comit = "warn" }',
            "`tool.migguard.on-cannot-check.comit`: unknown key",
            "did you mean `commit`?",
            id="a moment with a typo",
        ),
        pytest.param(
            'on-divergence = "block"',
            '`tool.migguard.on-divergence`: expected one of `merge`, `rebase`, `require`, got "block"',
            None,
            id="a word of another setting",
        ),
        pytest.param(
            'databases = [{ name = "mine" }]',
            "`tool.migguard.databases[0].url`: exactly one of `url` and `url-file` is needed",
            None,
            id="a database that is nowhere",
        ),
        pytest.param(
            'waivers = [{ rule = "MG401", revision = "a1" }]',
            "`tool.migguard.waivers[0].reason`: missing",
            None,
            id="a waiver without a reason",
        ),
        pytest.param(
            'waivers = [{ rule = "MG401", reason = "x" }]',
            "`tool.migguard.waivers[0].revision`: missing",
            None,
            id="a waiver without a revision",
        ),
        pytest.param(
            'waivers = [{ rule = "MG411", revision = "a1", reason = "x" }]',
            "`tool.migguard.waivers[0].rule`: unknown rule `MG411`",
            "did you mean `MG401`?",
            id="a waiver of a rule that is none",
        ),
        pytest.param(
            'waivers = [{ rule = "multiple-heads", revision = "a1", reason = "x" }]',
            "`tool.migguard.waivers[0].rule`: MG101 is not about published revisions, and cannot be waived here",
            "other rules: `ignore`, `per-file-ignores` or `expected-drift`",
            id="a waiver of another family",
        ),
        pytest.param(
            'waivers = [{ rule = "MG401", revision = "a1", reason = "x", until = 2027-01-01 }]',
            "`tool.migguard.waivers[0].until`: unknown key",
            None,
            id="a waiver with an end",
        ),
        pytest.param(
            'waivers = [{ rule = "MG401", revision = "a1", reason = "x" },'
            ' { rule = "MG401", revision = "a1", reason = "y" }]',
            "`tool.migguard.waivers[1]`: a second waiver of MG401 for `a1`",
            None,
            id="two waivers of one change",
        ),
        pytest.param(
            'ignore = ["publication-unknown"]',
            "`tool.migguard.ignore[0]`: MG005 says that something could not be checked, and cannot be silenced",
            'set `on-cannot-check = "warn"` to let commits through',
            id="ignoring that publication is unknown",
        ),
        pytest.param(
            'expected-drift = [{ operation = "*", table = "a" }]',
            "`tool.migguard.expected-drift[0].reason`: missing",
            None,
            id="drift without a reason",
        ),
        pytest.param(
            'expected-drift = [{ operation = "*", table = "a", reason = "b", until = "2027-01-01" }]',
            "`tool.migguard.expected-drift[0].until`: "
            'expected a date such as 2026-12-31, without quotes, got "2027-01-01"',
            None,
            id="a date in quotes",
        ),
        pytest.param(
            'expected-drift = [{ operation = "*", table = "a", reason = "b", until = 2027-01-01T00:00:00Z }]',
            "`tool.migguard.expected-drift[0].until`: "
            "expected a date such as 2026-12-31, without quotes, got a date with a time",
            None,
            id="a date with a time",
        ),
        pytest.param(
            "[tool.migguard.environments]\nname = 'a'",
            "`tool.migguard.environments`: expected tables, written `[[tool.migguard.environments]]`, got a table",
            None,
            id="one table where several may be",
        ),
        pytest.param(
            "environments = [3]",
            "`tool.migguard.environments[0]`: expected a table, got 3",
            None,
            id="a number as table",
        ),
        pytest.param(
            'environments = [{ script-location = "/srv/app" }]',
            "`tool.migguard.environments[0].script-location`: an absolute path",
            "write it relative to the top of the repository",
            id="an absolute path",
        ),
        pytest.param(
            'environments = [{ version-locations = ["a", "b/../../c"] }]',
            "`tool.migguard.environments[0].version-locations[1]`: a path outside the repository",
            None,
            id="a path that leaves the repository",
        ),
        pytest.param(
            'environments = [{ script_location = "a" }]',
            "`tool.migguard.environments[0].script_location`: unknown key",
            "did you mean `script-location`?",
            id="Alembic's spelling of a key",
        ),
        pytest.param(
            'environments = [{ name = "a" }, { name = "a" }]',
            "`tool.migguard.environments[1].name`: a second environment named `a`",
            None,
            id="one name twice",
        ),
        pytest.param(
            "environments = [{ heads = 0 }]",
            "`tool.migguard.environments[0].heads`: expected a number from 1 on or a list of branch labels, got 0",
            None,
            id="no heads",
        ),
        pytest.param(
            "environments = [{ heads = [] }]",
            "`tool.migguard.environments[0].heads`: an empty list",
            None,
            id="no labels",
        ),
        pytest.param(
            "environments = [{ heads = true }]",
            "`tool.migguard.environments[0].heads`: expected a number from 1 on or a list of branch labels, got true",
            None,
            id="a flag for a number",
        ),
    ],
)
def test_mistake_is_told_with_its_key_path(text: str, message: str, hint: str | None) -> None:
    """The whole message, and the hint where there is one."""
    assert (message, hint) in problems_of(text)


def test_mistakes_are_all_raised_at_once() -> None:
    """Nobody fixes one typo per run."""
    messages = [message for message, _ in problems_of('stages = true\nignore = ["x", 3]\ntimeout = "1"')]

    assert messages == [
        "`tool.migguard.ignore[0]`: unknown rule `x`",
        "`tool.migguard.ignore[1]`: expected a string that is not empty, got 3",
        '`tool.migguard.timeout`: expected a number of seconds above zero, got "1"',
        "`tool.migguard.stages`: unknown key",
    ]


def test_table_that_is_no_table_is_an_error() -> None:
    """`migguard = true` under `[tool]` is a mistake, not a default."""
    with pytest.raises(ConfigError) as caught:
        parse_config(b"[tool]\nmigguard = true\n", "pyproject.toml")
    assert caught.value.message == "`tool.migguard`: expected a table, got true"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"a = 1\nb = \n", "not TOML: invalid value (at line 2, column 5)", id="a value is missing"),
        pytest.param(b"a = 1\nb = '\xff'\n", "not TOML: line 2 is not UTF-8", id="not UTF-8"),
        pytest.param(
            b"[project]\n<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> other\n",
            "conflict markers from line 2 on",
            id="conflict markers",
        ),
    ],
)
def test_file_that_is_no_toml_is_told_with_its_line(data: bytes, message: str) -> None:
    """The line, without a traceback."""
    with pytest.raises(ConfigError) as caught:
        parse_config(data, "pyproject.toml")
    assert (caught.value.message, caught.value.path) == (message, "pyproject.toml")


def test_conflict_markers_inside_a_string_are_no_conflict() -> None:
    """A file that is TOML is read, whatever its strings say."""
    assert parse_config(b'[project]\ndescription = """\n<<<<<<< HEAD\n"""\n', "pyproject.toml") == Config()


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        pytest.param("", frozenset(), id="empty"),
        pytest.param("MG201", frozenset({"MG201"}), id="a code"),
        pytest.param(" mg201 ,multiple-heads,, ", frozenset({"MG201", "MG101"}), id="spaces, names and empty items"),
    ],
)
def test_allowed_rules_are_read(value: str, codes: frozenset[str]) -> None:
    """The result holds codes."""
    assert parse_allow(value) == codes


def test_unknown_allowed_rule_is_an_error() -> None:
    """A typo must not silently allow nothing."""
    with pytest.raises(ConfigError) as caught:
        parse_allow("MG201,unmigrated-model,foo")
    assert [(problem.message, problem.hint) for problem in caught.value.problems] == [
        ("`MIGGUARD_ALLOW`: unknown rule `unmigrated-model`", "did you mean `unmigrated-models` (MG201)?"),
        ("`MIGGUARD_ALLOW`: unknown rule `foo`", None),
    ]
