"""The moment is told right from inside every hook, and the index snapshot is what then gets committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from migguard.git.moment import IndexKind, Operation, detect_moment
from migguard.git.repository import Repository
from tests.git.forms import FORMS
from tests.git.recorder import Recorder
from tests.sandbox import GitRepository


@pytest.fixture
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """Hooks that write down what they see."""
    return Recorder(tmp_path_factory.mktemp("recorder"))


COMMITS = [
    pytest.param(("-m", "x"), "real", True, id="plain"),
    pytest.param(("-a", "-m", "x"), "locked", False, id="all"),
    pytest.param(("-m", "x", "-i", "app/models.py"), "locked", False, id="include"),
    pytest.param(("-p", "-m", "x"), "locked", False, id="patch"),
    pytest.param(("-m", "x", "app/models.py"), "partial", False, id="path"),
    pytest.param(("--amend", "--no-edit"), "real", True, id="amend"),
]


@pytest.mark.parametrize(("arguments", "index", "may_stage"), COMMITS)
def test_commit_in_every_form_is_told_and_its_tree_is_the_snapshot(
    form: GitRepository, recorder: Recorder, arguments: tuple[str, ...], index: str, may_stage: bool
) -> None:
    """From a subfolder, with staged, unstaged and untracked changes around."""
    is_unborn = form.run("git", "rev-parse", "-q", "--verify", "HEAD", check=False).returncode != 0
    if is_unborn and "--amend" in arguments:
        arguments = ("-m", "x")
    form.write({"app/staged.py": "staged\n"})
    form.git("add", "app/staged.py")
    form.write({"app/models.py": "edited\n", "app/untracked.py": ""})
    recorder.install(form, "pre-commit")
    arguments = tuple(word.removeprefix("app/") for word in arguments)
    form.run("git", "commit", "-q", *arguments, cwd="app", stdin="y\n" * 20)
    moment = recorder.only("pre-commit")
    assert (moment["operation"], moment["index"], moment["may_stage"]) == ("commit", index, may_stage)
    assert (moment["real"], moment["may_write"], moment["prefix"]) == (True, True, "app")
    assert moment["tree"] == form.git("rev-parse", "HEAD^{tree}")
    assert moment["top"] == str(form.path)


def test_amend_with_nothing_staged_sees_the_whole_tree(tmp_path: Path, recorder: Recorder) -> None:
    """The changes of the amended commit are in the index, not in its diff."""
    repo = FORMS["plain"](tmp_path)
    recorder.install(repo, "pre-commit")
    repo.git("commit", "-q", "--amend", "-m", "other words")
    assert recorder.only("pre-commit")["tree"] == repo.git("rev-parse", "HEAD^{tree}")


def test_nothing_staged_still_runs_the_hook(tmp_path: Path, recorder: Recorder) -> None:
    """git asks the hook first and gives up afterwards."""
    repo = FORMS["plain"](tmp_path)
    recorder.install(repo, "pre-commit")
    assert repo.run("git", "commit", "-m", "x", check=False).returncode == 1
    assert recorder.only("pre-commit")["operation"] == "commit"


def _diverge(repo: GitRepository, *, conflict: bool, branches: tuple[str, ...] = ("side",)) -> dict[str, str]:
    """Branches off main that changed one line, or files of their own; main has moved as well."""
    heads = {"base": repo.commit({"shared": "base\n"})}
    for branch in branches:
        repo.git("checkout", "-q", "-b", branch, heads["base"])
        heads[branch] = repo.commit({"shared" if conflict else branch: f"{branch}\n"})
    repo.git("checkout", "-q", "main")
    heads["main"] = repo.commit({"shared" if conflict else "own": "main\n"})
    return heads


def test_commit_that_concludes_a_conflicted_merge(repo: GitRepository, recorder: Recorder) -> None:
    """The usual case: only pre-commit runs, with MERGE_HEAD."""
    heads = _diverge(repo, conflict=True)
    recorder.install(repo, "pre-commit", "pre-merge-commit", "post-merge")
    repo.run("git", "merge", "side", check=False)
    assert recorder.moments() == []
    repo.stage({"shared": "both\n"})
    repo.git("commit", "-q", "--no-edit")
    moment = recorder.only("pre-commit")
    assert (moment["operation"], moment["merge_heads"]) == ("merge", [heads["side"]])
    assert (moment["index"], moment["may_stage"], moment["may_edit"]) == ("real", True, True)
    assert moment["tree"] == repo.git("rev-parse", "HEAD^{tree}")
    assert len(recorder.moments()) == 1


@pytest.mark.parametrize(
    ("branches", "options"),
    [
        pytest.param(("side",), (), id="two branches"),
        pytest.param(("one", "two"), (), id="octopus"),
        pytest.param(("side",), ("-s", "ours"), id="strategy ours"),
    ],
)
def test_automatic_merge_is_told_before_and_after(
    repo: GitRepository, recorder: Recorder, branches: tuple[str, ...], options: tuple[str, ...]
) -> None:
    """Before, only the environment knows the heads; the index holds the merge already."""
    heads = _diverge(repo, conflict=False, branches=branches)
    recorder.install(repo, "pre-commit", "pre-merge-commit", "post-merge")
    repo.git("merge", "-q", "--no-edit", *options, *branches)
    expected = {heads[branch] for branch in branches}
    before, after = recorder.moments()
    assert (before["hook"], before["operation"], set(before["merge_heads"])) == ("pre-merge-commit", "merge", expected)
    assert before["tree"] == repo.git("rev-parse", "HEAD^{tree}")
    assert (after["hook"], after["operation"]) == ("post-merge", "merge")
    assert after["merge_heads"] == [heads[branch] for branch in branches]
    assert (after["may_write"], after["squash"], after["head"]) == (True, False, repo.head())


def test_merge_in_a_linked_work_tree_is_told(tmp_path: Path, recorder: Recorder) -> None:
    """Its state stands in a folder of its own."""
    repo = FORMS["linked worktree"](tmp_path)
    repo.git("checkout", "-q", "-b", "side")
    side = repo.commit({"a": "a"})
    repo.git("checkout", "-q", "linked")
    repo.commit({"b": "b"})
    recorder.install(repo, "pre-merge-commit", "post-merge")
    repo.git("merge", "-q", "--no-edit", "side")
    assert [(moment["operation"], moment["merge_heads"]) for moment in recorder.moments()] == [("merge", [side])] * 2


def test_fast_forward_is_no_merge(repo: GitRepository, recorder: Recorder) -> None:
    """git names the heads in the environment here, too."""
    repo.commit({"a": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"b": "1"})
    repo.git("checkout", "-q", "main")
    recorder.install(repo, "pre-merge-commit", "post-merge")
    repo.git("merge", "-q", "side")
    moment = recorder.only("post-merge")
    assert (moment["operation"], moment["merge_heads"], moment["squash"]) == ("none", [], False)


def test_squash_merge_and_the_commit_after_it(repo: GitRepository, recorder: Recorder) -> None:
    """One parent, but another branch's work."""
    _diverge(repo, conflict=False)
    recorder.install(repo, "pre-commit", "post-merge")
    repo.git("merge", "-q", "--squash", "side")
    repo.git("commit", "-q", "-m", "squashed")
    repo.commit({"later": "1"}, hooks=True)
    after, commit, later = recorder.moments()
    assert (after["hook"], after["operation"], after["squash"]) == ("post-merge", "none", True)
    assert (commit["operation"], commit["squash"], later["squash"]) == ("commit", True, False)


def test_merge_with_autostash_must_not_edit(repo: GitRepository, recorder: Recorder) -> None:
    """The unstaged edits come back when the hook is done."""
    _diverge(repo, conflict=False)
    recorder.install(repo, "post-merge")
    repo.write({"own": "unstaged\n"})
    repo.git("merge", "-q", "--no-edit", "--autostash", "side")
    moment = recorder.only("post-merge")
    assert (moment["autostash"], moment["may_write"], moment["may_edit"]) == (True, True, False)


def test_commit_at_a_stop_of_a_rebase_may_not_write(repo: GitRepository, recorder: Recorder) -> None:
    """And CHERRY_PICK_HEAD, which exists there as well, does not mislead."""
    _diverge(repo, conflict=True)
    recorder.install(repo, "pre-commit", "post-commit", "post-rewrite")
    repo.git("checkout", "-q", "side")
    repo.run("git", "rebase", "main", check=False)
    repo.stage({"shared": "both\n"})
    repo.git("commit", "-q", "-m", "by hand")
    moment = recorder.only("pre-commit")
    assert (moment["operation"], moment["may_write"], moment["may_stage"]) == ("rebase", False, False)
    assert recorder.moments("post-commit")[-1]["may_write"] is False


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_finished_rebase_may_write(repo: GitRepository, recorder: Recorder, backend: str) -> None:
    """git's files of the rebase are still there, but it is done."""
    _diverge(repo, conflict=False)
    repo.git("checkout", "-q", "side")
    recorder.install(repo, "post-rewrite", "post-commit")
    repo.git("rebase", "-q", backend, "main")
    moment = recorder.only("post-rewrite")
    assert (moment["operation"], moment["may_write"], moment["index"]) == ("rebase", True, "real")
    assert all(not earlier["may_write"] for earlier in recorder.moments("post-commit"))


def test_amend_in_the_middle_of_a_rebase_may_not_write(repo: GitRepository, recorder: Recorder) -> None:
    """A fixup reports an amend while the rebase goes on."""
    repo.commit({"a": "1"})
    repo.commit({"b": "1"}, "second")
    repo.commit({"b": "2"}, "fixup! second")
    repo.commit({"c": "2"}, "third")
    recorder.install(repo, "post-rewrite")
    repo.git("rebase", "-q", "-i", "--autosquash", "--root", env={"GIT_SEQUENCE_EDITOR": ":", "GIT_EDITOR": ":"})
    moments = recorder.moments("post-rewrite")
    assert [moment["may_write"] for moment in moments] == [False] * (len(moments) - 1) + [True]


def test_amend_by_hand_may_write(repo: GitRepository, recorder: Recorder) -> None:
    """post-rewrite with nothing else going on."""
    repo.commit({"a": "1"})
    recorder.install(repo, "post-rewrite")
    repo.git("commit", "-q", "--amend", "-m", "other")
    moment = recorder.only("post-rewrite")
    assert (moment["operation"], moment["may_write"]) == ("none", True)


@pytest.mark.parametrize(
    ("start", "operation"),
    [
        pytest.param(("cherry-pick", "side"), "cherry-pick", id="cherry-pick"),
        pytest.param(("revert", "--no-edit", "main~1"), "revert", id="revert"),
    ],
)
def test_conflict_of_a_pick_is_told(
    repo: GitRepository, recorder: Recorder, start: tuple[str, ...], operation: str
) -> None:
    """Only --continue runs pre-commit."""
    _diverge(repo, conflict=True)
    repo.commit({"shared": "again\n"})
    recorder.install(repo, "pre-commit")
    assert repo.run("git", *start, check=False).returncode == 1
    repo.stage({"shared": "both\n"})
    repo.git("-c", "core.editor=true", start[0], "--continue", env={"GIT_EDITOR": "true"})
    moment = recorder.only("pre-commit")
    assert (moment["operation"], moment["may_stage"]) == (operation, True)


def test_mailbox_is_told_from_a_rebase(repo: GitRepository, recorder: Recorder) -> None:
    """Both keep their state in one folder."""
    _diverge(repo, conflict=False)
    patch = repo.git("format-patch", "--stdout", "main..side")
    (repo.path / ".git/patch").write_text(patch + "\n", encoding="utf-8")
    recorder.install(repo, "pre-applypatch")
    repo.git("am", "-q", ".git/patch")
    moment = recorder.only("pre-applypatch")
    assert (moment["operation"], moment["may_write"]) == ("am", False)


@pytest.mark.parametrize(
    ("hook", "environ", "expected"),
    [
        pytest.param("pre-commit", {}, None, id="no runner"),
        pytest.param("pre-commit", {"PRE_COMMIT": "1"}, "pre-commit", id="pre-commit"),
        pytest.param("pre-commit", {"PRE_COMMIT": "1", "PREK_HOOK_STAGE": "pre-commit"}, "prek", id="prek"),
        pytest.param("pre-commit", {"PREK_HOOK_STAGE": "pre-commit"}, "prek", id="prek alone"),
        pytest.param("pre-commit", {"PREK_HOME": "/x"}, None, id="a setting of prek is no runner"),
    ],
)
def test_runner_is_told_by_its_variables(
    repo: GitRepository, hook: str, environ: Mapping[str, str], expected: str | None
) -> None:
    """A runner has put unstaged edits aside: nothing that exists may be edited."""
    moment = detect_moment(Repository.discover(repo.path), hook, {**environ, "GIT_INDEX_FILE": ".git/index"})
    assert moment.framework == expected
    assert moment.may_edit is (expected is None)
    assert (moment.may_write, moment.may_stage) == (True, True)


@pytest.mark.parametrize(
    ("environ", "arguments", "expected"),
    [
        pytest.param({}, ("1",), True, id="git itself"),
        pytest.param({}, ("0",), False, id="git itself, not a squash"),
        pytest.param({"PRE_COMMIT": "1", "PRE_COMMIT_IS_SQUASH_MERGE": "1"}, (), True, id="pre-commit"),
        pytest.param({"PRE_COMMIT": "1", "PRE_COMMIT_IS_SQUASH_MERGE": "0"}, (), False, id="pre-commit, no squash"),
        pytest.param({"PREK_HOOK_STAGE": "x", "PRE_COMMIT_SQUASH_MERGE": "1"}, (), True, id="prek"),
        pytest.param({"PREK_HOOK_STAGE": "x"}, (), False, id="prek, no squash"),
    ],
)
def test_squash_is_told_by_git_and_by_runners(
    repo: GitRepository, environ: Mapping[str, str], arguments: tuple[str, ...], expected: bool
) -> None:
    """Each in its own way."""
    moment = detect_moment(Repository.discover(repo.path), "post-merge", environ, arguments)
    assert moment.is_squash is expected


@pytest.mark.parametrize(
    ("hook", "environ", "expected"),
    [
        pytest.param("pre-commit", {"GIT_INDEX_FILE": ".git/index"}, True, id="a commit"),
        pytest.param("pre-commit", {}, False, id="pre-commit run by hand"),
        pytest.param("pre-commit", {"GIT_INDEX_FILE": "/x/.git/index.lock"}, False, id="commit -a"),
        pytest.param("pre-commit", {"GIT_INDEX_FILE": "/x/next-index-12.lock"}, False, id="commit PATH"),
        pytest.param("post-merge", {}, True, id="after a merge"),
        pytest.param(None, {}, True, id="a command by hand"),
    ],
)
def test_staging_only_in_the_users_own_index(
    repo: GitRepository, hook: str | None, environ: Mapping[str, str], expected: bool
) -> None:
    """Elsewhere the file would be lost or come back as a deletion."""
    assert detect_moment(Repository.discover(repo.path), hook, environ).may_stage is expected


def test_command_by_hand_sees_what_is_under_way(repo: GitRepository) -> None:
    """Nothing, a merge, a rebase."""
    repository = Repository.discover(repo.path)
    look: Callable[[], Operation] = lambda: detect_moment(repository, None, {}).operation  # noqa: E731
    assert look() is Operation.NONE
    heads = _diverge(repo, conflict=True)
    repo.run("git", "merge", "side", check=False)
    moment = detect_moment(repository, None, {})
    assert (moment.operation, moment.merge_heads) == (Operation.MERGE, (heads["side"],))
    assert (moment.index_kind, moment.is_real_commit) == (IndexKind.REAL, False)
    repo.git("merge", "--abort")
    repo.run("git", "rebase", "side", check=False)
    assert look() is Operation.REBASE
