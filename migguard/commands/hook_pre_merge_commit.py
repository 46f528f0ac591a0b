"""The pre-merge-commit hook: stops a merge only for what no merge revision can mend afterwards."""

from __future__ import annotations

import os

from migguard.commands.terminal import Terminal
from migguard.context import CheckContext
from migguard.diagnostics import Severity
from migguard.errors import EXIT_CLEAN, EXIT_FINDINGS
from migguard.git.moment import detect_moment
from migguard.git.repository import Repository
from migguard.git.snapshot import IndexSnapshot
from migguard.rules.merge_sides import judge_sides
from migguard.rules.policy import Policy
from migguard.rules.verdict import judge

#: Ids that two files share, and files that Alembic cannot load. MG208 comes after them: it replays the revisions.
STOPPING = frozenset({"MG103", "MG105"})


def run(terminal: Terminal) -> int:
    """Look at the merge that git is about to commit; 1 stops it, and `git commit --no-edit` goes on with it.

    git keeps the merge as it is: MERGE_HEAD, its message, and the index (git 2.39). What HEAD has already, the merge
    does not bring.
    """
    repository = Repository.discover()
    moment = detect_moment(repository, "pre-merge-commit", os.environ)
    context = CheckContext(repository, IndexSnapshot(repository), moment)
    if not context.is_relevant or not context.discovery.environments:
        return EXIT_CLEAN
    verdict = judge(context, Policy(context.config), schema=False, publication=False)
    found = [item for item in verdict.errors if item.code in STOPPING]
    if found and context.base is not None:
        before = CheckContext(repository, context.base, moment, context.config)
        old = judge(before, Policy(context.config), schema=False, publication=False)
        known = {(item.code, item.message) for item in old.errors}
        found = [item for item in found if (item.code, item.message) not in known]
    if not found and context.config.schema_at == "commit":
        sides = [item for view in context.views for item in judge_sides(context, view)]
        found = [item for item in Policy(context.config).apply(sides) if item.severity is Severity.ERROR]
    if not found:
        return EXIT_CLEAN
    terminal.show_findings(verdict, found)
    terminal.help("once it is mended and staged, go on with", "git commit --no-edit")
    terminal.help("or give the merge up", "git merge --abort")
    return EXIT_FINDINGS
