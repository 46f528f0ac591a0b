"""`migguard explain`: the pages of the rules, which are the docstrings of their modules."""

from __future__ import annotations

import ast
import difflib
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib import resources

import click

from migguard.diagnostics import RULES, RuleName, find_rule
from migguard.errors import EXIT_CLEAN, MigguardError


def run(names: Sequence[str]) -> int:
    """Print the page of each named rule, or a line for every rule. Raises MigguardError for a name that is no rule."""
    rules = [_find(name) for name in names]
    text = "\n\n".join(render_page(rule) for rule in rules) if rules else "\n".join(_list_rules())
    lines = text.count("\n") + 1
    if sys.stdout.isatty() and lines >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text + "\n")
    else:
        click.echo(text)
    return EXIT_CLEAN


def read_page(rule: RuleName) -> str:
    """The rule's page as it stands in its module. The module is read, not imported: that would load half of us."""
    name = f"{rule.name.replace('-', '_')}.py"
    try:
        source = (resources.files("migguard") / "rules" / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MigguardError(f"`{rule.name}` has no page") from error
    return ast.get_docstring(ast.parse(source)) or ""


def render_page(rule: RuleName) -> str:
    """The page for a terminal: the heading with the default severity, sections in capitals, examples indented."""
    first, _, body = read_page(rule).partition("\n")
    heading = first.partition(": ")[2] or first
    title = f"{rule.code} {rule.name} ({rule.severity.value}): {heading}"
    return re.sub("\n{3,}", "\n\n", "\n".join([title, *_render_body(body)])).rstrip()


def _render_body(body: str) -> Iterator[str]:
    inside = False
    for line in body.splitlines():
        if re.match(r"\s*```", line):
            inside = not inside
            if not inside:
                yield ""
        elif inside:
            yield f"    {line}".rstrip()
        else:
            yield line.removeprefix("## ").upper() if line.startswith("## ") else line


def _find(name: str) -> RuleName:
    rule = find_rule(name)
    if rule is not None:
        return rule
    known = [*RULES, *(rule.name for rule in RULES.values())]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "all rules: migguard explain"
    raise MigguardError(f"unknown rule `{name}`", hint)


def _list_rules() -> Iterator[str]:
    widest = max(len(rule.name) for rule in RULES.values())
    for rule in RULES.values():
        yield f"{rule.code}  {rule.name:<{widest}}  {rule.severity.value}"
