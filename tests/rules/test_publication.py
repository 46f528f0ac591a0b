"""MG401, MG402, MG403 and MG005 on real histories: which changes count, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.rules.verdict import Verdict
from tests.rules.graph_states import show
from tests.rules.publishing import PROJECT, check, clone, make_hub, path_of, publish, source_of, told, write
from tests.sandbox import GitRepository

EDITED = "MG401 the published revision `b` was edited"
REMOVED = "MG402 the published revision `b` was removed"
REPOINTED = "MG403 `down_revision` of the published revision `b` was changed"
OTHER = {path_of("b"): source_of("b", "a", "op.execute('other')")}


@pytest.fixture
def hub(tmp_path: Path) -> GitRepository:
    """The shared repository."""
    return make_hub(tmp_path)


@pytest.fixture
def mine(hub: GitRepository) -> GitRepository:
    """My clone, on branch `feature` with a revision of my own."""
    repo = clone(hub, "mine", branch="feature")
    repo.commit({path_of("c"): source_of("c", "b")}, "mine")
    return repo


def check_both(repo: GitRepository) -> list[str]:
    """What the pre-commit hook and a check by hand say; they agree."""
    hook, hand = (told(check(repo, hook=name)) for name in ("pre-commit", None))
    assert hook == hand
    return hand


# Reports


def test_edit_on_a_branch_names_place_ref_and_remedies(mine: GitRepository) -> None:
    """The whole text."""
    base = mine.git("rev-parse", "origin/main")[:10]
    mine.stage(OTHER)
    assert show(check(mine).diagnostics) == (
        f"{EDITED}\n"
        "  at migrations/versions/b.py:7\n"
        "  note it is on `origin/main`\n"
        f"  help take the edit back $ git restore --source={base} --staged --worktree -- migrations/versions/b.py\n"
        "  help make the change in a new revision $ migguard revision"
    )


def test_the_command_that_is_shown_takes_the_change_back(mine: GitRepository) -> None:
    """Edited, removed and repointed."""
    for change in (OTHER, {path_of("b"): None}, {path_of("b"): source_of("b", None)}):
        mine.stage(change)
        found = check(mine).errors
        assert found
        (command,) = {help_.command for item in found for help_ in item.helps if "restore" in (help_.command or "")}
        assert command is not None
        mine.run("sh", "-c", command)
        assert check_both(mine) == []


@pytest.mark.parametrize(
    ("files", "found"),
    [
        pytest.param(OTHER, [EDITED], id="edited"),
        pytest.param({path_of("b"): None}, [REMOVED], id="removed, without the revision that then lacks its parent"),
        pytest.param({path_of("b"): source_of("b", None, "op.execute('b')")}, [REPOINTED], id="repointed"),
        pytest.param(
            {path_of("b"): source_of("b", "a", "op.execute('b')", depends_on="a", branch_labels="x")},
            ["MG403 `branch_labels` and `depends_on` of the published revision `b` were changed"],
            id="labels and dependencies added",
        ),
        pytest.param(
            {path_of("b"): source_of("z", "a", "op.execute('b')"), path_of("c"): source_of("c", "z")},
            ["MG403 id of the published revision `b` was changed"],
            id="a new id in the same file",
        ),
        pytest.param(
            {
                path_of("b"): None,
                path_of("z"): source_of("z", "a", "op.execute('b')"),
                path_of("c"): source_of("c", "z"),
            },
            ["MG403 id of the published revision `b` was changed"],
            id="a new id in a new file",
        ),
        pytest.param(
            {path_of("b"): source_of("b", None, "op.execute('other')")}, [REPOINTED, EDITED], id="edited and repointed"
        ),
        pytest.param(
            {path_of("b"): None, path_of("late"): source_of("b", "a", "op.execute('other')")},
            [EDITED],
            id="edited under another name",
        ),
        pytest.param(
            {path_of("a"): source_of("a", None, "other()"), **OTHER},
            ["MG401 the published revision `a` was edited", EDITED],
            id="each revision",
        ),
    ],
)
def test_change_is_reported(mine: GitRepository, files: dict[str, str | None], found: list[str]) -> None:
    """Staged on a feature branch."""
    mine.stage(files)
    found_there = [line for line in check_both(mine) if not line.startswith("MG101")]
    assert found_there == found


def test_edit_in_a_folder_that_is_moved_is_reported(mine: GitRepository) -> None:
    """The revision is the same, wherever its environment lies."""
    mine.git("mv", "migrations", "db")
    mine.stage({"alembic.ini": "[alembic]\nscript_location = db\n", "db/versions/b.py": OTHER[path_of("b")]})
    assert check_both(mine) == [EDITED]


def test_new_values_are_noted(mine: GitRepository) -> None:
    """A reader sees what it was."""
    mine.stage({path_of("b"): source_of("b", None, "op.execute('b')")})
    found = [item for item in check(mine).diagnostics if item.code == "MG403"]
    assert [note.text for item in found for note in item.notes] == ["it was `a` and is none", "it is on `origin/main`"]
    assert [item.location.line for item in found if item.location] == [3]


def test_edit_in_an_earlier_commit_is_reported_by_hand_and_for_the_commit(mine: GitRepository) -> None:
    """A hook looks at its own commit; everything else at all that the branch has done."""
    mine.commit(OTHER, "slipped through")
    mine.commit({"README.md": "x\n"})
    assert told(check(mine, hook="pre-commit")) == []
    assert told(check(mine)) == [EDITED]
    assert told(check(mine, ref="HEAD")) == [EDITED]
    assert told(check(mine, ref="HEAD", from_ref="origin/main")) == [EDITED]


def test_edit_is_reported_in_a_detached_checkout_of_a_branch_that_was_pushed(mine: GitRepository) -> None:
    """CI: the branch under review is itself a remote-tracking ref, and proves nothing."""
    mine.commit(OTHER, "slipped through")
    mine.git("push", "-q", "origin", "feature")
    mine.git("checkout", "-q", "--detach", "origin/feature")
    assert told(check(mine, ref="HEAD")) == [EDITED]


def test_edit_is_reported_on_the_merge_commit_that_a_forge_makes(mine: GitRepository) -> None:
    """CI on a pull request: HEAD merges the branch into main."""
    mine.commit(OTHER, "slipped through")
    mine.git("push", "-q", "origin", "feature")
    mine.git("checkout", "-q", "--detach", "origin/main")
    mine.git("merge", "-q", "--no-ff", "--no-edit", "origin/feature")
    assert told(check(mine, ref="HEAD")) == [EDITED]


def test_direct_edit_on_main_is_reported(hub: GitRepository) -> None:
    """In the index against HEAD, in the commit against what was pushed, and on the server against its parent."""
    main = clone(hub, "main")
    main.stage(OTHER)
    assert check_both(main) == [EDITED]
    main.commit({}, "slipped through")
    main.commit({"README.md": "x\n"})
    assert told(check(main)) == [EDITED]
    assert told(check(main, ref="HEAD")) == [EDITED]
    main.git("push", "-q", "origin", "main")
    assert told(check(main, ref="HEAD~")) == [EDITED]
    assert told(check(main, ref="HEAD")) == []


def test_what_is_committed_on_main_is_published_before_the_push(hub: GitRepository) -> None:
    """Nothing is movable there."""
    main = clone(hub, "main")
    main.commit({path_of("c"): source_of("c", "b")})
    main.stage({path_of("c"): source_of("c", "b", "other()")})
    assert check_both(main) == ["MG401 the published revision `c` was edited"]


@pytest.mark.parametrize("branch", ["main", "master"])
def test_without_a_remote_the_main_branch_publishes(tmp_path: Path, branch: str) -> None:
    """On it, and on a branch off it."""
    repo = GitRepository.init(tmp_path / "alone", "-b", branch)
    repo.commit({**PROJECT, **write("a", "b")})
    repo.stage(OTHER)
    assert check_both(repo) == [EDITED]
    repo.git("switch", "-q", "-c", "feature")
    assert check_both(repo) == [EDITED]


def test_revision_of_a_hotfix_that_is_on_no_main_is_published(hub: GitRepository, mine: GitRepository) -> None:
    """Production may have it."""
    publish(hub, {path_of("h"): source_of("h", "b")}, "hotfix/1")
    mine.git("fetch", "-q")
    mine.git("switch", "-q", "-c", "more", "origin/hotfix/1")
    mine.stage({path_of("h"): source_of("h", "b", "other()")})
    found = check(mine)
    assert told(found) == ["MG401 the published revision `h` was edited"]
    assert "it is on `origin/hotfix/1`" in show(found.diagnostics)


def test_revision_of_a_colleagues_branch_is_published(hub: GitRepository, mine: GitRepository) -> None:
    """A stacked branch."""
    publish(hub, {path_of("h"): source_of("h", "b")}, "theirs")
    mine.git("fetch", "-q")
    mine.git("switch", "-q", "-c", "stacked", "--no-track", "origin/theirs")
    mine.stage({path_of("h"): source_of("h", "b", "other()")})
    assert check_both(mine) == ["MG401 the published revision `h` was edited"]


def test_revision_that_upstream_took_by_squash_is_published(hub: GitRepository, mine: GitRepository) -> None:
    """It is no common history, and the same revision."""
    publish(hub, {path_of("c"): mine.read(path_of("c"))}, message="squashed")
    mine.git("fetch", "-q")
    assert check_both(mine) == []
    mine.stage({path_of("c"): source_of("c", "b", "other()")})
    assert check_both(mine) == ["MG401 the published revision `c` was edited"]


def test_upstreams_edit_that_a_merge_undoes_is_reported(hub: GitRepository, mine: GitRepository) -> None:
    """`-s ours`: the newest published state is what counts."""
    publish(hub, OTHER)
    mine.git("fetch", "-q")
    mine.git("merge", "-q", "-s", "ours", "--no-commit", "origin/main")
    assert check_both(mine) == [EDITED]
    mine.git("commit", "-q", "--no-verify", "-m", "ours")
    assert told(check(mine, ref="HEAD")) == [EDITED]


def test_python_2_that_was_published_and_is_removed_is_reported(hub: GitRepository, mine: GitRepository) -> None:
    """Its id stands in the text."""
    old = "revision = 'd'\ndown_revision = 'b'\nprint 'x'\n"
    publish(hub, {path_of("d"): old})
    mine.git("pull", "-q", "--no-edit", "--no-rebase", "origin", "main")
    mine.stage({path_of("d"): None})
    assert "MG402 the published revision `d` was removed" in check_both(mine)


# Ignores


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({path_of("d"): source_of("d", "c")}, id="added"),
        pytest.param({path_of("c"): source_of("c", "b", "other()")}, id="my own edited, as before an amend"),
        pytest.param({path_of("c"): None}, id="my own removed"),
        pytest.param({path_of("c"): source_of("c", "b", branch_labels="x")}, id="my own repointed"),
        pytest.param({path_of("b"): source_of("b", "a", 'op.execute(\n        "b",\n    )  # b')}, id="reformatted"),
        pytest.param(
            {path_of("b"): None, path_of("2026_b"): source_of("b", "a", "op.execute('b')")},
            id="renamed: Alembic goes by the id",
        ),
        pytest.param(
            {
                **dict.fromkeys((*PROJECT, path_of("a"), path_of("b"), path_of("c"))),
                "alembic.ini": "[alembic]\nscript_location = db\n",
                "db/env.py": PROJECT["migrations/env.py"],
                **{f"db/versions/{name}.py": write("a", "b")[path_of(name)] for name in ("a", "b")},
            },
            id="the whole folder moved",
        ),
        pytest.param({"README.md": "x\n"}, id="another file"),
        pytest.param({f"{path_of('b')[:-3]}.txt": "x\n"}, id="a file that is no revision"),
    ],
)
def test_change_is_left_alone(mine: GitRepository, files: dict[str, str | None]) -> None:
    """Staged on a feature branch."""
    mine.stage(files)
    assert check_both(mine) == []


def test_branch_that_is_behind_has_edited_nothing(hub: GitRepository, mine: GitRepository) -> None:
    """Upstream edited, removed and added."""
    publish(hub, {**OTHER, path_of("a"): None, path_of("n"): source_of("n", "b")})
    mine.git("fetch", "-q")
    mine.stage({path_of("d"): source_of("d", "c")})
    assert check_both(mine) == []
    assert told(check(mine, ref="HEAD", from_ref="origin/main")) == []


def test_edit_that_is_taken_back_is_none(mine: GitRepository) -> None:
    """Committed, and reverted in the index."""
    mine.commit(OTHER, "slipped through")
    mine.stage({path_of("b"): write("a", "b")[path_of("b")]})
    assert check_both(mine) == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(OTHER, id="edited"),
        pytest.param({path_of("b"): source_of("b", None, "op.execute('b')")}, id="repointed"),
        pytest.param({path_of("b"): None, path_of("c"): source_of("c", "a")}, id="removed"),
    ],
)
def test_same_change_upstream_is_none(hub: GitRepository, mine: GitRepository, change: dict[str, str | None]) -> None:
    """Cherry-picked there, or by me."""
    publish(hub, {path: text for path, text in change.items() if path == path_of("b")})
    mine.git("fetch", "-q")
    mine.stage(change)
    found = [line for line in check_both(mine) if line.startswith("MG4")]
    assert found == []
    mine.commit({})
    assert [line for line in told(check(mine, ref="HEAD")) if line.startswith("MG4")] == []


def test_merge_of_an_upstream_that_has_gone_on_is_none(hub: GitRepository, mine: GitRepository) -> None:
    """Neither the branch's state nor the tip's, but one that upstream had."""
    first = publish(hub, OTHER)
    publish(hub, {path_of("b"): source_of("b", "a", "op.execute('third')")})
    mine.git("fetch", "-q")
    mine.git("merge", "-q", "--no-commit", "--no-ff", first)
    assert check_both(mine) == []
    mine.git("commit", "-q", "--no-verify", "-m", "merged")
    assert told(check(mine)) == []
    assert told(check(mine, ref="HEAD")) == []


def test_hotfix_branch_with_an_older_text_is_none(hub: GitRepository, mine: GitRepository) -> None:
    """Main edited the revision long ago; the release branch has it as it was."""
    publish(hub, {"README.md": "release\n"}, "release/1")
    publish(hub, OTHER)
    mine.git("fetch", "-q")
    for name in ("release/1", "main"):
        mine.git("switch", "-q", "-c", f"on-{name}", "--no-track", f"origin/{name}")
        mine.stage({path_of("n"): source_of("n", "b")})
        assert check_both(mine) == []
        mine.commit({})
        assert told(check(mine, ref="HEAD")) == []


def test_branch_that_was_pushed_is_still_mine(mine: GitRepository) -> None:
    """Its own push target publishes nothing."""
    mine.git("push", "-q", "origin", "feature")
    mine.stage({path_of("c"): source_of("c", "b", "other()")})
    assert check_both(mine) == []
    mine.commit({})
    assert told(check(mine)) == []
    mine.git("push", "-q", "origin", "feature")
    mine.git("checkout", "-q", "--detach", "origin/feature")
    assert told(check(mine, ref="HEAD")) == []


def test_file_that_cannot_be_read_any_more_is_left_to_its_own_rule(mine: GitRepository) -> None:
    """One cause, one finding."""
    mine.stage({path_of("b"): "revision = 'b'\ndown_revision = 'a'\nprint 'x'\n"})
    assert [line[:5] for line in check_both(mine)] == ["MG105"]


def test_python_2_that_becomes_python_3_is_noted(hub: GitRepository, mine: GitRepository) -> None:
    """Nobody can compare the two, and it has to be done."""
    publish(hub, {path_of("b"): "revision = 'b'\ndown_revision = 'a'\nprint 'x'\n"})
    mine.git("pull", "-q", "--no-edit", "--no-rebase", "origin", "main")
    mine.stage({path_of("b"): "revision = 'b'\ndown_revision = 'a'\nprint('x')\n"})
    assert check_both(mine) == [
        "note the edit of `migrations/versions/b.py` was not judged: Python 3 could not read what was published"
    ]


def test_first_commit_edits_nothing(tmp_path: Path) -> None:
    """There is nothing before it."""
    repo = GitRepository.init(tmp_path / "new")
    repo.stage({**PROJECT, **write("a", "b")})
    assert check_both(repo) == []
    repo.commit({})
    assert told(check(repo, ref="HEAD")) == []


def test_removal_of_a_revision_in_another_branch_of_an_unrelated_history_is_none(mine: GitRepository) -> None:
    """An orphan branch has nothing published before it."""
    mine.git("switch", "-q", "--orphan", "fresh")
    mine.commit({**PROJECT, **write("a")})
    mine.stage({path_of("x"): source_of("x", "a")})
    assert check_both(mine) == []


# Could not check

SHALLOW = "the history is shallow"


@pytest.fixture
def shallow(hub: GitRepository) -> GitRepository:
    """A clone with two commits of main."""
    publish(hub, {"README.md": "1\n"})
    publish(hub, {"README.md": "2\n"})
    return clone(hub, "shallow", "--depth=2", branch="feature")


def test_change_in_a_shallow_clone_cannot_be_told(shallow: GitRepository) -> None:
    """Exit 2, with the command."""
    shallow.stage({path_of("b"): None, path_of("a"): source_of("a", None, "other()")})
    for hook in ("pre-commit", None):
        verdict = check(shallow, hook=hook)
        assert show(verdict.diagnostics) == (
            f"MG005 cannot tell whether `a`, `b`, changed here, are published: {SHALLOW}\n"
            "  at migrations/versions/a.py\n"
            "  help fetch what is missing $ git fetch --unshallow"
        )
        assert verdict.exit_code == 2
    shallow.commit({})
    assert told(check(shallow, ref="HEAD"))[0].startswith("MG005 ")
    shallow.git("fetch", "-q", "--unshallow")
    # A single branch was cloned.
    shallow.git("remote", "set-branches", "origin", "*")
    shallow.git("fetch", "-q")
    assert [line[:5] for line in told(check(shallow, ref="HEAD"))] == ["MG402", "MG401"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({path_of("d"): source_of("d", "b")}, id="added"),
        pytest.param({path_of("b"): write("a", "b")[path_of("b")] + "# b\n"}, id="reformatted"),
        pytest.param({"README.md": "x\n"}, id="another file"),
    ],
)
def test_harmless_change_in_a_shallow_clone_is_none(shallow: GitRepository, files: dict[str, str]) -> None:
    """Publication does not matter then. By hand it is said that earlier commits were not looked at."""
    shallow.stage(files)
    assert told(check(shallow, hook="pre-commit")) == []
    verdict = check(shallow)
    assert (verdict.diagnostics, verdict.exit_code) == ((), 0)
    assert verdict.notes == (
        f"only the last change was searched for edits of published revisions: {SHALLOW} (`git fetch --unshallow`)",
    )


def test_commit_whose_parent_is_not_here_says_so(hub: GitRepository) -> None:
    """`actions/checkout` with its defaults."""
    shallow = clone(hub, "shallow", "--depth=1")
    verdict = check(shallow, ref="HEAD")
    assert verdict.exit_code == 0
    assert verdict.notes == (f"edits of published revisions were not looked for: {SHALLOW} (`git fetch --unshallow`)",)


def test_remote_that_was_never_fetched_cannot_be_told(tmp_path: Path, hub: GitRepository) -> None:
    """Whatever the branches here are called."""
    repo = GitRepository.init(tmp_path / "new")
    repo.commit({**PROJECT, **write("a", "b")})
    repo.git("remote", "add", "origin", str(hub.path))
    repo.stage(OTHER)
    assert check_both(repo) == [
        "MG005 cannot tell whether `b`, changed here, is published: no branch of a remote was fetched"
    ]


# Waivers


def waive(rule: str = "MG401", reason: str = "it never ran") -> dict[str, str]:
    """The settings with a waiver for `b`."""
    return {
        "pyproject.toml": f'[[tool.migguard.waivers]]\nrule = "{rule}"\nrevision = "b"\nreason = "{reason}"\n',
    }


def _waived(verdict: Verdict) -> list[tuple[str, str | None]]:
    return [(item.code, item.waived) for item in verdict.diagnostics]


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        pytest.param("MG401", OTHER, id="edited"),
        pytest.param("MG402", {path_of("b"): None, path_of("c"): source_of("c", "a")}, id="removed"),
        pytest.param("MG403", {path_of("b"): source_of("b", None, "op.execute('b')")}, id="repointed"),
    ],
)
def test_waived_change_is_shown_with_its_reason(mine: GitRepository, rule: str, files: dict[str, str | None]) -> None:
    """In the commit, on the branch, and when it has arrived."""
    mine.stage({**waive(rule), **files})
    assert (rule, "it never ran") in _waived(check(mine, hook="pre-commit"))
    mine.commit({})
    for verdict in (check(mine), check(mine, ref="HEAD")):
        assert (rule, "it never ran") in _waived(verdict)
        assert not [item for item in verdict.errors if item.code.startswith("MG4")]
    mine.git("push", "-q", "origin", "HEAD:main")
    mine.git("checkout", "-q", "--detach", "origin/main")
    assert (rule, "it never ran") in _waived(check(mine, ref="HEAD"))


def test_waiver_is_for_its_own_rule_and_revision(mine: GitRepository) -> None:
    """Another change of the same revision is another matter."""
    mine.stage({**waive(), path_of("b"): source_of("b", None, "op.execute('b')")})
    heads = "MG101 2 heads: `a`, `c`"
    idle = "note the waiver of MG401 for `b` does nothing: upstream has the change, or there is none"
    assert told(check(mine, hook="pre-commit")) == [heads, REPOINTED]
    assert told(check(mine)) == [heads, REPOINTED, idle]


def test_removal_that_is_waived_does_not_hide_that_the_graph_is_broken(mine: GitRepository) -> None:
    """The revision that followed it lacks its parent."""
    mine.stage({**waive("MG402"), path_of("b"): None})
    assert told(check(mine)) == ["MG102 revision `c` follows `b`, which does not exist"]


def test_waiver_is_void_once_upstream_has_the_change(hub: GitRepository, mine: GitRepository) -> None:
    """It is noted, and another edit needs another waiver."""
    publish(hub, {**waive(), **OTHER})
    mine.git("pull", "-q", "--no-edit", "--no-rebase", "origin", "main")
    assert told(check(mine, hook="pre-commit")) == []
    assert told(check(mine)) == [
        "note the waiver of MG401 for `b` does nothing: upstream has the change, or there is none"
    ]
    mine.stage({path_of("b"): source_of("b", "a", "op.execute('third')")})
    void = "note the waiver of MG401 for `b` is void: upstream has it already, and another change needs another reason"
    assert check_both(mine) == [EDITED, void]
    mine.stage(waive(reason="it never ran either"))
    assert check_both(mine) == []
