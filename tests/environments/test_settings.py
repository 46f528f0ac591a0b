"""Reading ini and TOML files as Alembic does, and held against Alembic itself."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from migguard.environments.model import Environment
from migguard.environments.settings import TOP, AlembicSettings, UnreadableSettings, read_ini, read_pyproject
from tests.environments.layouts import ENV, discover_one
from tests.sandbox import GitRepository

HERE = f"{TOP}/db"


def read(text: str) -> list[AlembicSettings]:
    """The sections of an ini file in folder `db`."""
    return list(read_ini("db/alembic.ini", text.encode()))


@pytest.mark.parametrize(
    ("text", "location"),
    [
        pytest.param("script_location = alembic", "alembic", id="as written"),
        pytest.param("script_location: alembic", "alembic", id="a colon"),
        pytest.param("SCRIPT_LOCATION = alembic", "alembic", id="capitals"),
        pytest.param("script_location = %(here)s/alembic", f"{HERE}/alembic", id="here"),
        pytest.param("base = db\nscript_location = %(base)s/alembic", "db/alembic", id="another option of the section"),
        pytest.param("script_location = a%%b", "a%b", id="an escaped percent sign"),
        pytest.param("script_location = app:migrations", "app:migrations", id="a package"),
        pytest.param("script_location =", None, id="an empty value"),
        pytest.param("script_location = alembic\r\n", "alembic", id="line ends of Windows"),
    ],
)
def test_script_location_is_read_with_its_interpolation(text: str, location: str | None) -> None:
    """As `Config.get_main_option` would give it."""
    assert [settings.script_location for settings in read(f"[alembic]\n{text}\n")] == [location]


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        pytest.param("[alembic]\nscript_location = a\n[loggers]\nkeys = root\n", ["alembic"], id="other sections"),
        pytest.param(
            "[one]\nscript_location = a\n[two]\nscript_location = b\n", ["one", "two"], id="a section per environment"
        ),
        pytest.param(
            "[DEFAULT]\nscript_location = a\n[alembic]\nx = 1\n[loggers]\nkeys = root\n",
            ["alembic"],
            id="a default location means the usual section, not [loggers]",
        ),
        pytest.param(
            "[DEFAULT]\nscript_location = a\n[one]\nversion_locations = v\n[two]\nversion_locations = w\n[b]\nx = 1\n",
            ["one", "two"],
            id="a default location with version locations of their own",
        ),
        pytest.param("[DEFAULT]\nscript_location = a\n[prod]\nsqlalchemy.url = x\n", ["prod"], id="only a default"),
        pytest.param("[alembic]\n", ["alembic"], id="the usual section without a location"),
        pytest.param("[tox]\nenvlist = py\n", [], id="another tool's file"),
        pytest.param("\ufeff[alembic]\n", ["alembic"], id="a byte order mark"),
    ],
)
def test_sections_for_alembic_are_told_from_the_rest(text: str, sections: list[str]) -> None:
    """Any section may be chosen with `-n`."""
    assert [settings.section for settings in read(text)] == sections


def test_wanted_section_is_read_although_it_says_nothing_itself() -> None:
    """`-n prod` works where `[DEFAULT]` has all that Alembic needs."""
    text = b"[DEFAULT]\nscript_location = a\n[alembic]\n[prod]\nx = 1\n"

    assert [(found.section, found.script_location) for found in read_ini("alembic.ini", text, {"prod"})] == [
        ("alembic", "a"),
        ("prod", "a"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(
            "script_location = %(MIGRATIONS)s/alembic",
            "`script_location = %(MIGRATIONS)s/alembic` has a value that only running Alembic can tell",
            id="a variable from outside",
        ),
        pytest.param(
            "script_location = a\nversion_locations = %(HOME)s/versions",
            "`version_locations = %(HOME)s/versions` has a value that only running Alembic can tell",
            id="a variable in the version locations",
        ),
        pytest.param(
            "script_location = 100%",
            "`script_location = 100%` has a value that only running Alembic can tell",
            id="a lone percent sign",
        ),
        pytest.param(
            "script_location = a\nversion_locations = a b\npath_separator = os  # the default",
            "`path_separator = os  # the default` is none of `space`, `newline`, `os`, `:`, `;`",
            id="a comment behind a value is part of it",
        ),
    ],
)
def test_location_that_the_file_does_not_tell_is_a_fault(text: str, fault: str) -> None:
    """Alembic's command line would stop there too."""
    assert [settings.fault for settings in read(f"[alembic]\n{text}\n")] == [fault]


@pytest.mark.parametrize("text", ["[alembic\n", "script_location = a\n", "[a]\nb = 1\nb = 2\n"])
def test_file_that_configparser_refuses_is_unreadable(text: str) -> None:
    """With one line of reason."""
    with pytest.raises(UnreadableSettings) as caught:
        read(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("[project]\n", None, id="no table"),
        pytest.param(
            '[tool.alembic]\nscript_location = "%(here)s/alembic"\n',
            AlembicSettings("db/pyproject.toml", "pyproject", "alembic", f"{HERE}/alembic"),
            id="here",
        ),
        pytest.param(
            '[tool.alembic]\nscript_location = "a"\nversion_locations = ["%(here)s/v", "w"]\n'
            "recursive_version_locations = true\n",
            AlembicSettings("db/pyproject.toml", "pyproject", "alembic", "a", (f"{HERE}/v", "w"), True),
            id="version locations",
        ),
        pytest.param(
            '[tool.alembic]\nscript_location = "%(home)s/a"\n',
            AlembicSettings(
                "db/pyproject.toml",
                "pyproject",
                "alembic",
                fault="a location in it has a value that only running Alembic can tell ('home')",
            ),
            id="an unknown variable",
        ),
    ],
)
def test_tool_alembic_is_read_from_pyproject(text: str, settings: AlembicSettings | None) -> None:
    """Since Alembic 1.16."""
    assert read_pyproject("db/pyproject.toml", text.encode()) == settings


INIS = [
    pytest.param("script_location = db/alembic", id="the default versions folder"),
    pytest.param("script_location = %(here)s/db/alembic", id="here"),
    pytest.param("script_location = ./db//alembic/", id="a path to normalise"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1 db/v2", id="legacy, spaces"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1, db/v2,db/v3", id="legacy, commas"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1   db/v2", id="legacy, several spaces"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1:db/v2\npath_separator = os", id="os"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1 : db/v2\npath_separator = :", id="colon"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1;db/v2\npath_separator = ;", id="semicolon"),
    pytest.param("script_location = db/alembic\nversion_locations = db/v1 db/v2\npath_separator = space", id="space"),
    pytest.param(
        "script_location = db/alembic\nversion_locations =\n  db/v1\n  %(here)s/db/v 2\n\npath_separator = newline",
        id="lines, with a space in a name",
    ),
    pytest.param(
        "script_location = db/alembic\nversion_locations = db/v1;db/v2\nversion_path_separator = ;", id="the old name"
    ),
    pytest.param(
        "script_location = db/alembic\nversion_locations = db/v1 db/v2\npath_separator = space\n"
        "version_path_separator = ;",
        id="both names",
    ),
    pytest.param(
        "script_location = db/alembic\nversion_locations = %(here)s/db/v1:db/v2\npath_separator = os", id="here and not"
    ),
    pytest.param("script_location = db/alembic\nrecursive_version_locations = true", id="recursive"),
    pytest.param("script_location = db/alembic\nrecursive_version_locations = True", id="not quite recursive"),
    pytest.param("script_location = db/alembic\nversion_locations =", id="empty version locations"),
]


@pytest.mark.parametrize("text", INIS)
def test_version_locations_are_those_of_alembic(
    text: str, repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ScriptDirectory` on the work tree is the reference for the folders and the revision files."""
    names = ("a1.py", "__init__.py", ".#b2.py", "c3.txt", "sub/d4.py", "sub/__init__.py")
    folders = ("db/alembic/versions", "db/v1", "db/v2", "db/v3", "db/v 2")
    files = {
        f"{folder}/{name}": f"revision = {f'{folder}/{name}'!r}\ndown_revision = None\n"
        for folder in folders
        for name in names
    }
    repo.stage({**files, "alembic.ini": f"[alembic]\n{text}\n", "db/alembic/env.py": ENV})
    monkeypatch.chdir(repo.path)
    expected, paths, recursive = read_with_alembic(repo.path)

    found = take_environment(repo)

    assert [repo.path / location for location in found.version_locations] == expected
    assert found.recursive == recursive
    assert {path for path in files if found.owns(path)} == paths


def read_with_alembic(top: Path) -> tuple[list[Path], set[str], bool]:
    """Alembic's version locations and revision files for `alembic.ini`, standing at the top."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        directory = ScriptDirectory.from_config(Config("alembic.ini"))
    locations = [Path(location) for location in directory._version_locations]
    paths = {str(Path(script.path).relative_to(top)) for script in directory.walk_revisions()}
    return locations, paths, directory.recursive_version_locations


def take_environment(repo: GitRepository) -> Environment:
    """The environment; the folders of revisions that are not its own are no subject here."""
    return discover_one(repo, {"pyproject.toml": '[tool.migguard]\nexclude = ["v?*/"]\n'})


@pytest.mark.parametrize(
    "text",
    [
        'script_location = "%(here)s/db/alembic"\n',
        'script_location = "db/alembic"\nversion_locations = ["db/v1", "%(here)s/db/v2"]\n',
        'script_location = "db/alembic"\nrecursive_version_locations = true\n',
    ],
)
def test_pyproject_version_locations_are_those_of_alembic(
    text: str, repo: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `alembic` reads them when standing beside the file."""
    repo.stage({"pyproject.toml": f"[tool.alembic]\n{text}", "db/alembic/env.py": ENV, "db/alembic/versions/x.txt": ""})
    monkeypatch.chdir(repo.path)
    directory = ScriptDirectory.from_config(Config(toml_file="pyproject.toml"))

    found = discover_one(repo, {"README": ""})

    assert [repo.path / location for location in found.version_locations] == list(directory._version_locations)
    assert found.recursive == directory.recursive_version_locations
