"""The pages of the rules."""

from __future__ import annotations

import pytest

from migguard.cli import run_cli
from migguard.commands.explain import read_page, render_page
from migguard.diagnostics import RULES, RuleName

SECTIONS = ["What it does", "Why is this bad", "Example", "Options", "Fix safety"]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_rule_has_a_page_with_all_sections(rule: RuleName) -> None:
    page = read_page(rule)

    assert page.startswith(f"{rule.code} {rule.name}: ")
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == SECTIONS
    assert all(section.strip().count("\n") > 0 for section in page.split("\n## ")[1:])


@pytest.mark.parametrize("name", ["MG301", "mg301", "unstaged-revision"])
def test_rule_is_found_by_code_or_name(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run_cli(["explain", name]) == 0

    assert capsys.readouterr().out.startswith("MG301 unstaged-revision (error): ")


def test_page_is_rendered_plainly() -> None:
    page = render_page(RULES["MG301"])

    assert "\n\nWHAT IT DOES\n" in page
    assert "\n    error[MG301 unstaged-revision]: " in page
    assert "```" not in page
    assert "\n\n\n" not in page
    assert "##" not in page


def test_several_pages_are_printed_in_the_order_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["explain", "MG301", "MG001"]) == 0

    out = capsys.readouterr().out
    assert 0 == out.index("MG301 ") < out.index("\nMG001 ")


def test_without_a_name_all_rules_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["explain"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [[rule.code, rule.name, rule.severity.value] for rule in RULES.values()]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("multiple-head", "did you mean `multiple-heads`?", id="a typing mistake"),
        pytest.param("xyzzy", "all rules: migguard explain", id="nothing like it"),
    ],
)
def test_unknown_rule_exits_2(capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    assert run_cli(["explain", name]) == 2

    assert capsys.readouterr().err == f"error: unknown rule `{name}`\nhelp: {hint}\n"
