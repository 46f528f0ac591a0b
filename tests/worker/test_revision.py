"""Writing revisions: through the project's own template, hooks and options, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.worker.protocol import RevisionRequest
from tests.worker.stage import ENV, INI, MODELS, USER_TABLE, Stage, plain_project, revision, summary

EMAIL = MODELS + "    email = sa.Column(sa.String(50))\n"


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def test_revision_is_returned_and_taken_out_of_the_tree(stage: Stage) -> None:
    stage.write(plain_project(models=EMAIL))
    before = files_of(stage.top)
    answer = stage.ask("revision", revision=RevisionRequest(rev_id="b2"))
    assert summary(answer) == ["add_column user email"]
    (written,) = answer.files
    assert written.path == "migrations/versions/b2_add_email_to_user.py"
    assert (written.revision, written.down_revisions, written.message) == ("b2", ["a1"], "add email to user")
    assert answer.message == "add email to user"
    assert "op.add_column('user', sa.Column('email', sa.String(length=50), nullable=True))" in written.content
    assert files_of(stage.top) == before


def test_nothing_missing_writes_nothing(stage: Stage) -> None:
    answer = stage.write(plain_project()).ask("revision")
    assert (summary(answer), answer.files, answer.message) == ([], [], None)


def test_options_reach_alembic(stage: Stage) -> None:
    wanted = RevisionRequest(
        message="Mine", head="a1", splice=True, branch_label="side", depends_on=["b2"], rev_id="c3"
    )
    files = {**plain_project(models=EMAIL), "migrations/versions/b2.py": revision("b2", "a1")}
    (written,) = stage.write(files).ask("revision", revision=wanted).files
    assert written.path.endswith("c3_mine.py")
    assert "branch_labels = ('side',)" in written.content
    assert "depends_on = 'b2'" in written.content
    assert "down_revision = 'a1'" in written.content


def test_several_heads_and_none_given_is_alembics_refusal(stage: Stage) -> None:
    files = {**plain_project(models=EMAIL), **{f"migrations/versions/{n}.py": revision(n, "a1") for n in ("b2", "c3")}}
    answer = stage.write(files).ask("revision")
    assert answer.failure is not None
    assert answer.failure.kind == "revision"
    assert "Multiple heads are present" in answer.failure.message
    assert [one.down_revisions for one in stage.ask("revision", revision=RevisionRequest(head="b2")).files] == [["b2"]]


def test_file_template_and_render_item_are_honoured(stage: Stage) -> None:
    render = "    render_item=lambda kind, item, context: 'sa.Text()' if kind == 'type' else False,\n    "
    env = ENV.replace("target_metadata=", f"\n{render}target_metadata=")
    ini = INI + "file_template = rev_%%(slug)s_%%(rev)s\n"
    answer = stage.write(plain_project(models=EMAIL, env=env, ini=ini)).ask("revision")
    assert answer.files[0].path == f"migrations/versions/rev_add_email_to_user_{answer.files[0].revision}.py"
    assert "sa.Text()" in answer.files[0].content


def test_several_directives_write_several_files(stage: Stage) -> None:
    process = """
def process(context, revision, directives):
    from alembic.operations import ops

    (first,) = directives
    extra = ops.MigrationScript("e5", ops.UpgradeOps([]), ops.DowngradeOps([]), message="data", head="d4")
    first.rev_id = "d4"
    directives[:] = [first, extra]


with engine.connect"""
    env = ENV.replace("with engine.connect", process, 1).replace(
        "Base.metadata)", "Base.metadata, process_revision_directives=process)"
    )
    answer = stage.write(plain_project(models=EMAIL, env=env)).ask("revision")
    assert [(one.revision, one.down_revisions) for one in answer.files] == [("d4", ["a1"]), ("e5", ["d4"])]


def test_write_hooks_do_not_run_in_the_tree_but_on_the_final_path(stage: Stage) -> None:
    ini = INI + "\n[post_write_hooks]\nhooks = mark\nmark.type = exec\nmark.executable = ./mark.sh\n"
    ini += "mark.options = REVISION_SCRIPT_FILENAME\n"
    stage.write({**plain_project(models=EMAIL, ini=ini), "mark.sh": '#!/bin/sh\necho "# formatted" >> "$1"\n'})
    for root in (stage.top, stage.tree):
        (root / "mark.sh").chmod(0o755)
    (written,) = stage.ask("revision").files
    assert "# formatted" not in written.content
    stage.write({written.path: written.content}, snapshot=False)
    answer = stage.ask("write-hooks", paths=[written.path])
    assert answer.failure is None
    assert (stage.top / written.path).read_text() == written.content + "# formatted\n"


def test_unknown_write_hook_is_told_in_alembics_words(stage: Stage) -> None:
    ini = INI + "\n[post_write_hooks]\nhooks = mark\nmark.type = unheard_of\n"
    answer = stage.write(plain_project(ini=ini)).ask("write-hooks", paths=["migrations/versions/a1_first.py"])
    assert answer.failure is not None
    assert answer.failure.kind == "revision"
    assert "No formatter with name 'unheard_of' registered" in answer.failure.message


@pytest.mark.parametrize(
    ("table", "drop"),
    [
        pytest.param('op.create_table("old", sa.Column("id", sa.Integer()))', "remove_table old", id="table"),
        pytest.param('op.add_column("user", sa.Column("old", sa.Integer()))', "remove_column user old", id="column"),
    ],
)
def test_drops_are_written_only_where_allowed(stage: Stage, table: str, drop: str) -> None:
    stage.write({**plain_project(models=EMAIL), "migrations/versions/b2.py": revision("b2", "a1", table)})
    answer = stage.ask("revision", revision=RevisionRequest(allow_drops=False))
    assert drop in summary(answer)
    assert answer.files == []
    assert [one.kind for one in answer.blocked_drops] == [drop.split()[0]]
    assert len(stage.ask("revision").files) == 1


def test_foreign_table_writes_nothing(stage: Stage) -> None:
    env = ENV + "Base.metadata.create_all(engine)\n"
    tag = MODELS + '\n\nclass Tag(Base):\n    __tablename__ = "tag"\n    id = sa.Column(sa.Integer, primary_key=True)\n'
    answer = stage.write(plain_project(models=tag, env=env)).ask("revision")
    assert [one.kind for one in answer.not_followed] == ["foreign-table"]
    assert (answer.files, answer.message) == ([], None)


def test_second_versions_folder_is_written_to_when_named(stage: Stage) -> None:
    ini = INI + "version_locations = migrations/versions migrations/more\n"
    stage.write(
        {**plain_project(models=EMAIL, ini=ini, first=revision("a1", None, USER_TABLE)), "migrations/more/.keep": ""}
    )
    wanted = RevisionRequest(version_path="migrations/more")
    (written,) = stage.ask("revision", revision=wanted).files
    assert written.path.startswith("migrations/more/")
