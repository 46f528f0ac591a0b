"""MG106: what merging two whole graphs would break."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from migguard.commands.check import require_environments
from migguard.context import CheckContext
from migguard.diagnostics import Diagnostic, Severity
from migguard.git.moment import detect_moment
from migguard.git.predict import find_tip
from migguard.git.repository import Repository
from migguard.git.snapshot import TreeSnapshot
from migguard.rules.merge_verdict import judge_merge
from tests.rules.graph_states import show, write_files
from tests.sandbox import GitRepository

INI = "[alembic]\nscript_location = migrations\n"
VERSIONS = "migrations/versions"

Files = Mapping[str, "str | None"]


def _revisions(*lines: str) -> dict[str, str | None]:
    """Revision files of a real environment, from lines."""
    return {f"migrations/{path}": text for path, text in write_files(*lines).items()}


def _part(repo: GitRepository, base: Files, main: Files, side: Files) -> None:
    """`main`, the upstream, and `side`, checked out, each with a commit on top of the base."""
    repo.commit({"alembic.ini": INI, "migrations/env.py": "", **base}, "base")
    repo.git("switch", "-q", "-c", "side")
    repo.commit(side, "side")
    repo.git("switch", "-q", "main")
    repo.commit(main, "main")
    repo.git("switch", "-q", "side")


def _judge(repo: GitRepository, severity: Severity = Severity.ERROR) -> tuple[Diagnostic, ...]:
    repository = Repository.discover(repo.path)
    context = CheckContext(repository, TreeSnapshot(repository, "side", "`side`"), detect_moment(repository, None, {}))
    require_environments(context)
    return judge_merge(context, find_tip(repository, "side"), find_tip(repository, "main"), severity)


# Reports


def test_two_heads_are_named_with_the_side_they_are_on(repo: GitRepository) -> None:
    _part(repo, _revisions("a"), _revisions("b<a"), _revisions("c<a"))

    assert show(_judge(repo)) == (
        "MG106 merging with `main` would give 2 heads: `b`, `c`\n"
        f"  at {VERSIONS}/c.py:3 <'a'> `c` follows `a`\n"
        f"  note `b` (about b) is a head too, on `main` ({VERSIONS}/b.py:3 <'a'>)\n"
        "  help merge, and join the heads $ git merge main && migguard merge"
    )


def test_your_own_file_is_shown_whatever_its_name(repo: GitRepository) -> None:
    _part(repo, _revisions("a"), _revisions("c<a"), _revisions("b<a"))

    (found,) = _judge(repo)

    assert found.location is not None
    assert found.location.path == f"{VERSIONS}/b.py"
    assert found.subject == {"revision": "b"}


def test_one_id_in_two_files_wants_a_new_id_for_yours(repo: GitRepository) -> None:
    (source,) = _revisions("b<a").values()
    assert source is not None
    _part(repo, _revisions("a"), {f"{VERSIONS}/b_add_email.py": f"{source}\n"}, {f"{VERSIONS}/b_add_phone.py": source})

    (found,) = _judge(repo)

    assert found.message == "merged with `main`, 2 files declare revision `b`"
    assert found.location is not None
    assert found.location.path == f"{VERSIONS}/b_add_phone.py"
    assert [note.text for note in found.notes] == ["`b` is also here, on `main`"]
    assert found.helps[0].text.startswith("give this file a new id, `revision = ")


def test_parent_that_upstream_took_back_is_named_with_its_file(repo: GitRepository) -> None:
    _part(repo, _revisions("a", "b<a"), {f"{VERSIONS}/b.py": None}, _revisions("c<b"))

    assert show(_judge(repo)) == (
        "MG106 merged with `main`, revision `c` follows `b`, which does not exist\n"
        f"  at {VERSIONS}/c.py:3 <'b'>\n"
        f"  note `b` was in `{VERSIONS}/b.py`, and `main` has it no more\n"
        "  help merge, and mend it there $ git merge main"
    )


def test_parent_that_you_took_back_is_missed_by_upstream(repo: GitRepository) -> None:
    _part(repo, _revisions("a", "b<a"), _revisions("c<b"), {f"{VERSIONS}/b.py": None})

    assert show(_judge(repo)) == (
        "MG106 merged with `main`, revision `c` follows `b`, which does not exist\n"
        f"  at {VERSIONS}/c.py:3 <'b'>\n"
        "  note this file is on `main`\n"
        f"  note `b` was in `{VERSIONS}/b.py`, and yours has it no more\n"
        "  help merge, and mend it there $ git merge main"
    )


def test_revision_in_conflict_is_named_without_a_line(repo: GitRepository) -> None:
    edited = [
        {f"{VERSIONS}/b.py": "\n".join(['"""b"""', "revision = 'b'", "down_revision = 'a'", f"print({word!r})", ""])}
        for word in ("main", "side")
    ]
    _part(repo, _revisions("a", "b<a"), *edited)

    assert show(_judge(repo)) == (
        "MG106 merged with `main`, `b.py` has conflict markers\n"
        f"  at {VERSIONS}/b.py\n"
        "  help merge, and solve the conflict $ git merge main"
    )


def test_cycle_that_two_edits_close_is_found(repo: GitRepository) -> None:
    _part(repo, _revisions("a", "b", "c<a,b"), _revisions("a<b"), _revisions("b<a"))

    (found,) = _judge(repo)

    assert found.message == "merged with `main`, revision `b` follows itself through `a`"
    assert found.notes[0].text == "`a` follows `b`, on both sides"


def test_conflicts_elsewhere_hide_nothing(repo: GitRepository) -> None:
    """The settings of both tools, env.py and a document are in conflict."""
    base, main, side = (
        {
            "README.md": f"{word}\n",
            "alembic.ini": f"{INI}# {word}\n",
            "migrations/env.py": f"# {word}\n",
            "pyproject.toml": f'[tool.migguard]\nignore = ["MG302"]  # {word}\n',
        }
        for word in ("base", "main", "side")
    )
    _part(repo, {**base, **_revisions("a")}, {**main, **_revisions("b<a")}, {**side, **_revisions("c<a")})

    assert [found.message for found in _judge(repo)] == ["merging with `main` would give 2 heads: `b`, `c`"]


def test_third_head_is_one_more_than_upstream_has(repo: GitRepository) -> None:
    _part(repo, _revisions("a"), _revisions("b<a", "c<a"), _revisions("d<a"))

    (found,) = _judge(repo)

    assert found.message == "merging with `main` would give 3 heads: `b`, `c`, `d`"


def test_heads_of_a_label_are_joined_by_name(repo: GitRepository) -> None:
    settings = '[[tool.migguard.environments]]\nname = "m"\nconfig = "alembic.ini"\nheads = ["x", "y"]\n'
    base = {"pyproject.toml": settings, **_revisions("a", "b<a#x", "c<a#y")}
    _part(repo, base, _revisions("d<c"), _revisions("e<c"))

    (found,) = _judge(repo)

    assert found.message == "merging with `main` would give 2 heads of label `y`: `d`, `e`"
    assert found.helps[0].command == "git merge main && migguard merge d e"
    assert found.environment == "m"


def test_severity_is_what_the_moment_makes_of_it(repo: GitRepository) -> None:
    _part(repo, _revisions("a"), _revisions("b<a"), _revisions("c<a"))

    (found,) = _judge(repo, Severity.WARNING)

    assert found.severity is Severity.WARNING


# Ignores


@pytest.mark.parametrize(
    ("base", "main", "side"),
    [
        pytest.param(_revisions("a"), {"x": "1"}, _revisions("b<a"), id="upstream added none"),
        pytest.param(_revisions("a"), _revisions("b<a"), {"x": "1"}, id="you added none"),
        pytest.param(_revisions("a"), _revisions("b<a"), _revisions("b<a"), id="both have the same one"),
        pytest.param(_revisions("a"), _revisions("b<a"), _revisions("b<a", "c<b"), id="yours follows upstream's"),
        pytest.param(
            _revisions("a"), _revisions("b<a", "c<a"), {"x": "1"}, id="two heads that upstream has on its own"
        ),
        pytest.param(_revisions("a"), {"x": "1"}, _revisions("b<a", "c<a"), id="two heads that you have on your own"),
        pytest.param(
            _revisions("a", "b<gone"), {"x": "1"}, _revisions("c<b"), id="a parent that is missing on both sides"
        ),
        pytest.param(
            _revisions("a"), _revisions("b<a"), _revisions("b<a", "c<a", "m<b,c"), id="yours is merged already"
        ),
        pytest.param(
            _revisions("a"),
            {f"{VERSIONS}/b.py": "<<<<<<< x\n"},
            _revisions("c<a"),
            id="upstream committed conflict markers",
        ),
    ],
)
def test_what_a_side_has_alone_is_left_to_it(repo: GitRepository, base: Files, main: Files, side: Files) -> None:
    _part(repo, base, main, side)

    assert _judge(repo) == ()


def test_heads_that_are_expected_are_fine(repo: GitRepository) -> None:
    settings = '[[tool.migguard.environments]]\nname = "m"\nconfig = "alembic.ini"\nheads = 2\n'
    _part(repo, {"pyproject.toml": settings, **_revisions("a")}, _revisions("b<a"), _revisions("c<a"))

    assert _judge(repo) == ()


def test_other_environments_are_left_alone_where_one_is_named(repo: GitRepository) -> None:
    _part(repo, _revisions("a"), _revisions("b<a"), _revisions("c<a"))
    repository = Repository.discover(repo.path)
    context = CheckContext(repository, TreeSnapshot(repository, "side"), detect_moment(repository, None, {}))
    sides = find_tip(repository, "side"), find_tip(repository, "main")

    assert judge_merge(context, *sides, Severity.ERROR, only=["another"]) == ()
    assert judge_merge(context, *sides, Severity.ERROR, only=[context.views[0].environment.name]) != ()
