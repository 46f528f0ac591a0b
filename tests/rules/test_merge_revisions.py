"""MG108 and MG109: merge revisions that are not wanted, or that do something."""

from __future__ import annotations

from pathlib import Path

import pytest

from migguard.diagnostics import Severity
from migguard.rules import merge_not_allowed, merge_with_operations
from tests.rules import publishing
from tests.rules.graph_states import make_state, show
from tests.rules.publishing import path_of, source_of
from tests.sandbox import GitRepository

HEAD = "revision = 'm'\ndown_revision = ('b', 'c')\n\n\n"
LINEAR = {"pyproject.toml": '[tool.migguard.severity]\nmerge-not-allowed = "error"\n'}


def found_in(text: str) -> str:
    """What MG109 says of a merge revision with this text."""
    state = make_state({"versions/m.py": HEAD + text})
    return show(merge_with_operations.check(state, state.graph.revisions.values()))


# Reports


def test_operation_is_shown_where_it_stands() -> None:
    assert found_in('def upgrade():\n    """x"""\n    op.execute("x")\n') == (
        "MG109 merge revision `m` has operations\n  at versions/m.py:7\n  help move them to a revision that follows it"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def downgrade():\n    op.drop_table('x')\n", id="in downgrade"),
        pytest.param("def upgrade():\n    _copy_rows()\n", id="through a helper"),
        pytest.param("def upgrade():\n    for t in TABLES:\n        op.drop_table(t)\n", id="in a loop"),
        pytest.param("def upgrade():\n    return op.execute('x')\n", id="in a return"),
    ],
)
def test_any_operation_is_reported(text: str) -> None:
    assert found_in(text).startswith("MG109 ")


# Ignores


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n", id="Alembic's template"
        ),
        pytest.param('def upgrade():\n    """nothing"""\n    return None\n', id="a docstring and a return"),
        pytest.param("def upgrade():\n    ...\n", id="an ellipsis"),
        pytest.param("", id="no functions"),
        pytest.param("def helper():\n    op.execute('x')\n", id="a helper that nothing calls"),
    ],
)
def test_empty_merge_is_left_alone(text: str) -> None:
    assert found_in(text) == ""


@pytest.fixture
def mine(tmp_path: Path) -> GitRepository:
    """A clone whose upstream has a merge revision with an operation, on a branch with two new lines."""
    hub = publishing.make_hub(tmp_path)
    merge = source_of("m", None, "op.execute('x')").replace("None", "('x', 'y')")
    publishing.publish(hub, {path_of("x"): source_of("x", "b"), path_of("y"): source_of("y", "b"), path_of("m"): merge})
    repo = publishing.clone(hub, "mine", branch="feature")
    repo.commit({path_of("p"): source_of("p", "m"), path_of("q"): source_of("q", "m")})
    return repo


def test_only_what_is_not_published_is_looked_at(mine: GitRepository) -> None:
    """The published merge stays as it is."""
    mine.stage({path_of("n"): source_of("n", None, "op.execute('x')").replace("None", "('p', 'q')")})
    for hook in ("pre-commit", None):
        verdict = publishing.check(mine, hook=hook)
        assert publishing.told(verdict) == ["MG109 merge revision `n` has operations"]
        assert [item.severity for item in verdict.diagnostics] == [Severity.WARNING]
        assert verdict.exit_code == 0


def test_linear_policy_is_off_unless_configured(mine: GitRepository) -> None:
    """And then it is about new merges."""
    mine.stage({path_of("n"): source_of("n", None).replace("None", "('p', 'q')")})
    assert publishing.told(publishing.check(mine)) == []
    mine.stage(LINEAR)
    for hook in ("pre-commit", None):
        verdict = publishing.check(mine, hook=hook)
        assert show(verdict.diagnostics) == (
            "MG108 revision `n` merges `p`, `q`, and merge revisions are not allowed here\n"
            "  at migrations/versions/n.py:3 <('p', 'q')>\n"
            "  help put the one that nobody has applied behind the other, and remove this file"
        )
        assert verdict.exit_code == 1


def test_linear_policy_may_be_a_warning(mine: GitRepository) -> None:
    """As any rule's severity."""
    mine.stage({**LINEAR, path_of("n"): source_of("n", None).replace("None", "('p', 'q')")})
    mine.stage({"pyproject.toml": LINEAR["pyproject.toml"].replace("error", "warning")})
    verdict = publishing.check(mine)
    assert [(item.code, item.severity) for item in verdict.diagnostics] == [(merge_not_allowed.CODE, Severity.WARNING)]
