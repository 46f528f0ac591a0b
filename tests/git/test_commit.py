"""Files get into a follow-up commit or the merge commit itself; nothing else moves, and a kill loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migguard.errors import GitError, MigguardError
from migguard.git.commit import CommitResult, commit_on_head
from migguard.git.repository import Repository
from tests.git.forms import FORMS
from tests.sandbox import GitRepository

PATH = "migrations/versions/merge.py"
CONTENT = b"revision = 'm'\n"

#: Signs by writing the digest of what it is given; git only looks at the status line and the armour.
_SIGNER = """#!/bin/sh
cat > /dev/null
echo "[GNUPG:] SIG_CREATED $*" >&2
echo "-----BEGIN PGP SIGNATURE-----"
echo "signed"
echo "-----END PGP SIGNATURE-----"
"""


def _commit(repo: GitRepository, *, fold: bool = False, message: str = "Merge revisions") -> CommitResult:
    repository = Repository.discover(repo.path)
    return commit_on_head(repository, {PATH: CONTENT}, message, fold=fold, reflog="migguard: merge")


def _merge(repo: GitRepository, *options: str, branches: tuple[str, ...] = ("side",)) -> None:
    """A merge that is just being finished: as post-merge finds it."""
    repo.commit({"a.py": "1\n", "b.py": "1\n"}, "base")
    for branch in branches:
        repo.git("checkout", "-q", "-b", branch, "main")
        repo.commit({f"{branch}.py": "1\n"}, branch)
    repo.git("checkout", "-q", "main")
    repo.commit({"main.py": "1\n"}, "main")
    _finish_merge(repo, *options, *branches)


def _finish_merge(repo: GitRepository, *arguments: str) -> None:
    """Merge, and leave MERGE_HEAD as git leaves it for post-merge."""
    hook = repo.path / repo.git("rev-parse", "--git-path", "hooks") / "post-merge"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncp "$(git rev-parse --git-path MERGE_HEAD)" "$(git rev-parse --git-dir)/kept"\n')
    hook.chmod(0o755)
    repo.git("merge", "-q", "--no-edit", *arguments)
    git_dir = Path(repo.git("rev-parse", "--absolute-git-dir"))
    (git_dir / "kept").rename(git_dir / "MERGE_HEAD")


def _raw(repo: GitRepository, commit: str) -> str:
    """The headers and message of a commit but for its tree and signature."""
    text = repo.run("git", "cat-file", "commit", commit).stdout
    head, _, message = text.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith(("tree ", "gpgsig", " "))]
    return "\n".join(lines) + "\n\n" + message


def _files_of(repo: GitRepository, commit: str) -> set[str]:
    return set(repo.run("git", "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit).stdout.split("\0"))


def test_follow_up_commit_in_every_form(form: GitRepository) -> None:
    """One more commit with exactly one more file; the branch and its reflog know it."""
    if form.run("git", "rev-parse", "-q", "--verify", "HEAD", check=False).returncode:
        with pytest.raises(MigguardError, match="there is no commit yet to add to"):
            _commit(form)
        return
    form.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "all that is staged")
    form.write({PATH: CONTENT})
    branch = form.run("git", "symbolic-ref", "-q", "HEAD", check=False).stdout
    old = form.head()
    result = _commit(form)
    assert result == CommitResult(old, form.head())
    assert form.git("rev-parse", "HEAD^") == old
    assert _files_of(form, "HEAD") - _files_of(form, old) == {PATH}
    assert form.git("diff", "--name-status", "HEAD^", "HEAD") == f"A\t{PATH}"
    assert form.git("status", "--porcelain") == ""
    assert form.git("reflog", "-1", "--format=%gs", "HEAD") == "migguard: merge"
    assert (
        form.git("log", "-1", "--format=%B%an <%ae> %cn")
        == "Merge revisions\nAda Author <ada@example.com> Cid Committer"
    )
    assert form.run("git", "symbolic-ref", "-q", "HEAD", check=False).stdout == branch
    form.git("fsck", "--strict")
    assert list((Path(form.git("rev-parse", "--absolute-git-dir")) / "migguard").iterdir()) == []


def test_undo_that_is_printed_gives_back_what_was(repo: GitRepository) -> None:
    """`git reset --keep OLD`, with the user's edits untouched."""
    repo.commit({"a.py": "1\n"})
    repo.write({"a.py": "edited\n"})
    before = repo.state()
    repo.write({PATH: CONTENT})
    result = _commit(repo)
    repo.git("reset", "-q", "--keep", result.old)
    assert repo.state() == before


def test_unrelated_work_stays_where_it_is(repo: GitRepository) -> None:
    """Staged, unstaged, intended and deleted files are no part of the commit."""
    repo.commit({"a.py": "1\n", "b.py": "1\n", "c.py": "1\n"})
    repo.stage({"a.py": "staged\n", "new.py": "staged\n", "c.py": None})
    repo.write({"b.py": "unstaged\n", "a.py": "edited on top\n", "intended.py": "1\n", PATH: CONTENT})
    repo.git("add", "-N", "intended.py")
    status = repo.git("status", "--porcelain", "--untracked-files=all").replace(f"\n?? {PATH}", "")
    _commit(repo)
    assert repo.git("status", "--porcelain", "--untracked-files=all") == status
    assert repo.git("show", "--name-only", "--format=", "HEAD") == PATH


@pytest.mark.parametrize(
    ("options", "branches"),
    [
        pytest.param(("--no-ff",), ("side",), id="two branches"),
        pytest.param((), ("one", "two"), id="octopus"),
    ],
)
def test_fold_changes_nothing_of_the_merge_commit_but_its_tree(
    repo: GitRepository, options: tuple[str, ...], branches: tuple[str, ...]
) -> None:
    """Parents, author, dates, message."""
    _merge(repo, *options, branches=branches)
    repo.stage({"unrelated.py": "staged\n"})
    repo.write({PATH: CONTENT})
    old = repo.head()
    result = _commit(repo, fold=True)
    assert (result.old, result.new) == (old, repo.head())
    assert result.new != old
    assert _raw(repo, result.new) == _raw(repo, old)
    assert _files_of(repo, result.new) - _files_of(repo, old) == {PATH}
    assert repo.git("status", "--porcelain") == "A  unrelated.py"
    assert repo.git("reflog", "-1", "--format=%gs") == "migguard: merge"


def test_fold_keeps_the_merged_tag_the_encoding_and_odd_lines(repo: GitRepository) -> None:
    """Headers that a commit built by hand would drop, and a message that a clean-up would change."""
    repo.commit({"a.py": "1\n"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"side.py": "1\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"main.py": "1\n"})
    signer = repo.path / ".git/signer"
    signer.write_text(_SIGNER, encoding="utf-8")
    signer.chmod(0o755)
    repo.git("config", "gpg.program", str(signer))
    repo.git("tag", "-s", "-m", "signed words", "v1", "side")
    message = repo.path / ".git/words"
    message.write_bytes("Größe\n\n\n# kept\n".encode("iso-8859-1"))
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    _finish_merge(repo, "--no-ff", "--cleanup=verbatim", "-F", str(message), "v1")
    old = repo.head()
    assert "\nmergetag object " in _raw(repo, old)
    repo.git("config", "--unset", "i18n.commitEncoding")
    result = _commit(repo, fold=True)
    assert _raw(repo, result.new) == _raw(repo, old)


@pytest.mark.parametrize("fold", [pytest.param(True, id="fold"), pytest.param(False, id="follow-up")])
@pytest.mark.parametrize("is_signed", [True, False])
def test_signed_commit_is_followed_and_replaced_by_signed_ones(
    repo: GitRepository, *, fold: bool, is_signed: bool
) -> None:
    """And an unsigned one by unsigned ones."""
    signer = repo.path / ".git/signer"
    signer.write_text(_SIGNER, encoding="utf-8")
    signer.chmod(0o755)
    repo.git("config", "gpg.program", str(signer))
    _merge(repo, *(["--gpg-sign"] if is_signed else []))
    repo.git("config", "commit.gpgSign", str(is_signed and fold).lower())
    old = repo.head()
    assert ("gpgsig " in repo.git("cat-file", "commit", old)) is is_signed
    result = _commit(repo, fold=fold)
    assert ("gpgsig " in repo.git("cat-file", "commit", result.new)) is is_signed


def test_colleagues_signature_asks_for_no_key(repo: GitRepository) -> None:
    """After a fast-forward HEAD may be anybody's; the user's own settings decide."""
    signer = repo.path / ".git/signer"
    signer.write_text(_SIGNER, encoding="utf-8")
    signer.chmod(0o755)
    repo.git("config", "gpg.program", str(signer))
    repo.write({"a.py": "1\n"})
    repo.git("add", "a.py")
    repo.git("commit", "-q", "-S", "-m", "theirs", env={"GIT_COMMITTER_NAME": "Colleague"})
    repo.git("config", "gpg.program", "false")
    assert "gpgsig" not in repo.git("cat-file", "commit", _commit(repo).new)


def test_signing_that_fails_changes_nothing(repo: GitRepository) -> None:
    """No terminal for a passphrase, say."""
    repo.commit({"a.py": "1\n"})
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    before = repo.state()
    with pytest.raises(GitError, match="git commit"):
        _commit(repo)
    assert repo.state() == before


@pytest.mark.parametrize(
    ("situation", "message"),
    [
        pytest.param("no merge", "is not the merge commit", id="an ordinary commit"),
        pytest.param("merge is over", "is not the merge commit", id="a merge of the past"),
        pytest.param("other heads", "is not the merge commit", id="another merge under way"),
        pytest.param("moved", "is not the merge commit", id="something was committed before the merge"),
        pytest.param("pushed", "is on a remote already", id="a merge that was pushed"),
    ],
)
def test_fold_into_anything_but_the_fresh_merge_is_refused(repo: GitRepository, situation: str, message: str) -> None:
    """It would rewrite what others have."""
    _merge(repo)
    match situation:
        case "no merge":
            (repo.path / ".git/MERGE_HEAD").unlink()
            repo.commit({"x.py": "1\n"})
        case "merge is over":
            (repo.path / ".git/MERGE_HEAD").unlink()
        case "other heads":
            (repo.path / ".git/MERGE_HEAD").write_text(repo.git("rev-parse", "main~1") + "\n")
        case "moved":
            repo.git("update-ref", "ORIG_HEAD", "side")
        case "pushed":
            repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    before = repo.state()
    with pytest.raises(MigguardError, match=message) as caught:
        _commit(repo, fold=True)
    assert caught.value.hint == 'use `commit = "new"` for a follow-up commit'
    assert repo.state() == before


def test_other_staged_changes_of_a_path_are_not_overwritten(repo: GitRepository) -> None:
    """They would be lost; the same content, or an untouched file, is fine."""
    repo.commit({PATH: "committed\n"})
    repo.stage({PATH: "staged by hand\n"})
    before = repo.state()
    with pytest.raises(MigguardError, match=f"`{PATH}` has other staged changes"):
        _commit(repo)
    assert repo.state() == before
    repo.stage({PATH: CONTENT})
    assert _files_of(repo, _commit(repo).new) == {PATH, ""}
    repository = Repository.discover(repo.path)
    result = commit_on_head(repository, {PATH: b"next\n"}, "again", fold=False, reflog="x")
    assert repo.git("show", f"{result.new}:{PATH}") == "next"


def test_files_that_head_has_already_make_no_commit(repo: GitRepository) -> None:
    """Running twice is running once."""
    repo.commit({"a.py": "1\n"})
    first = _commit(repo)
    assert _commit(repo) == CommitResult(first.new, first.new)
    assert repo.head() == first.new


def test_mode_and_filters_of_a_file_are_kept(repo: GitRepository) -> None:
    """As `git add` would."""
    repo.write({PATH: "old\n", ".gitattributes": "*.py text eol=crlf\n"})
    (repo.path / PATH).chmod(0o755)
    repo.git("add", "-A")
    repo.commit({})
    repository = Repository.discover(repo.path)
    commit_on_head(repository, {PATH: b"new\r\n"}, "x", fold=False, reflog="x")
    assert repo.git("ls-tree", "HEAD", PATH).startswith("100755")
    assert repo.run("git", "cat-file", "blob", f"HEAD:{PATH}").stdout == "new\n"


def test_no_hook_of_the_user_runs(repo: GitRepository, tmp_path: Path) -> None:
    """A nested commit must not start the whole round again."""
    repo.commit({"a.py": "1\n"})
    (repo.path / ".git/hooks").mkdir(exist_ok=True)
    for name in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "post-rewrite"):
        hook = repo.path / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/{name}'\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
    _commit(repo)
    assert not list(tmp_path.glob("*commit*"))


def test_message_is_taken_word_by_word(repo: GitRepository) -> None:
    """Comment characters, blank lines and other encodings do not matter."""
    repo.commit({"a.py": "1\n"})
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.git("config", "commit.template", "/nowhere")
    text = "Größe\n\n# kept\n\n\n  indented"
    result = _commit(repo, message=text)
    raw = repo.run("git", "cat-file", "commit", result.new).stdout
    assert raw.partition("\n\n")[2] == text + "\n"
    assert "encoding" not in raw


def test_author_that_git_exports_to_hooks_is_not_ours(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """After amending a colleague's commit the follow-up is the user's own, and of now."""
    repo.commit({"a.py": "1\n"})
    for name, value in {"NAME": "Colleague", "EMAIL": "c@example.com", "DATE": "@1000000000 +0000"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
    repo.git("config", "user.name", "User")
    repo.git("config", "user.email", "user@example.com")
    assert repo.git("log", "-1", "--format=%an <%ae>", _commit(repo).new) == "User <user@example.com>"
    assert repo.git("log", "-1", "--format=%ad", "--date=format:%Y") != "2001"


def test_only_identity_there_is_stays(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exported by git, but without it there would be no author at all."""
    repo.commit({"a.py": "1\n"})
    repo.git("config", "user.useConfigOnly", "true")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "@1000000000 +0000")
    assert repo.git("log", "-1", "--format=%an", _commit(repo).new) == "Ada Author"


def test_no_identity_is_an_error_that_changes_nothing(repo: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of git."""
    repo.commit({"a.py": "1\n"})
    repo.git("config", "user.useConfigOnly", "true")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    before = repo.state()
    with pytest.raises(GitError) as caught:
        _commit(repo)
    assert "tell me who you are" in caught.value.stderr
    assert repo.state() == before


def test_settings_of_one_work_tree_count(tmp_path: Path) -> None:
    """They stand in its git folder, which the commit does not use."""
    repo = FORMS["linked worktree"](tmp_path)
    repo.git("config", "extensions.worktreeConfig", "true")
    repo.git("config", "--worktree", "author.name", "Of This Tree")
    os.environ.pop("GIT_AUTHOR_NAME")
    assert repo.git("log", "-1", "--format=%an", _commit(repo).new) == "Of This Tree"


def test_head_that_moved_meanwhile_is_left_alone(repo: GitRepository) -> None:
    """The index is put back, and the other commit stays."""
    repo.commit({"a.py": "1\n"})
    repository = Repository.discover(repo.path)
    index = repo.git("ls-files", "-s")

    def move(step: str) -> None:
        if step == "committed":
            repo.git("update-ref", "HEAD", repo.git("commit-tree", "-m", "other", "-p", "HEAD", "HEAD^{tree}"))

    with pytest.raises(GitError, match="update-ref"):
        commit_on_head(repository, {PATH: CONTENT}, "x", fold=False, reflog="x", on_step=move)
    assert repo.git("log", "-1", "--format=%s") == "other"
    assert repo.git("ls-files", "-s") == index


_KILLED = """
import os, sys
from pathlib import Path
from migguard.git.commit import commit_on_head
from migguard.git.repository import Repository

def step(name):
    if name == sys.argv[2]:
        os.kill(os.getpid(), 9)

commit_on_head(
    Repository.discover(Path(sys.argv[1])), {sys.argv[3]: b"revision = 'm'\\n"}, "Merge", fold=sys.argv[4] == "fold",
    reflog="x", on_step=step,
)
"""


@pytest.mark.parametrize("mode", ["fold", "new"])
@pytest.mark.parametrize("step", ["stored", "committed", "staged", "referred"])
def test_kill_after_any_step_loses_nothing(repo: GitRepository, step: str, mode: str) -> None:
    """At worst the file is staged; running again finishes the work."""
    _merge(repo)
    repo.stage({"unrelated.py": "staged\n"})
    repo.write({PATH: CONTENT, "a.py": "edited\n"})
    old, before = repo.head(), repo.state()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(repo.path), step, PATH, mode], cwd=root, capture_output=True, check=False
    )
    assert done.returncode == -9, done.stderr
    after = repo.state()
    staged = {
        "stored": " M a.py\nA  unrelated.py\n?? migrations/",
        "committed": " M a.py\nA  unrelated.py\n?? migrations/",
    }
    expected = {"staged": f" M a.py\nA  {PATH}\nA  unrelated.py", "referred": " M a.py\nA  unrelated.py"}
    assert repo.git("status", "--porcelain") == {**staged, **expected}[step]
    assert (repo.head() == old) is (step != "referred")
    assert {**after, "<HEAD>": "", "<index>": ""} == {**before, "<HEAD>": "", "<index>": ""}
    repo.git("fsck", "--strict")
    if step != "referred":
        assert _commit(repo, fold=mode == "fold").old == old
    assert repo.git("status", "--porcelain") == " M a.py\nA  unrelated.py"
    assert len(repo.git("rev-list", "--parents", "-1", "HEAD").split()) == (3 if mode == "fold" else 2)
