"""One set of diagnostics that every renderer renders."""

from __future__ import annotations

from migguard.diagnostics import Diagnostic, Help, Location, Note, Severity

DIAGNOSTICS = (
    Diagnostic(
        "MG101",
        "2 heads after merging `main`: `a1b2c3`, `d4e5f6`",
        Location(
            "migrations/versions/a1b2c3_add_email.py",
            14,
            17,
            25,
            'down_revision = "9f8e7d"\n',
            "yours follows `9f8e7d`, and so does upstream's `d4e5f6`",
        ),
        notes=(Note("`d4e5f6` (add phone) came with `origin/main`"),),
        helps=(Help("put yours last", "migguard rebase"), Help("keep both lines", "migguard merge")),
    ),
    Diagnostic(
        "MG201",
        "column `user.email` is in the staged models but in no staged revision",
        Location("app/models.py", 31, 5),
        helps=(Help("create the revision", "migguard revision"),),
        environment="billing",
    ),
    Diagnostic(
        "MG301",
        "`c4d5e6_add_index.py` exists but is not part of this commit",
        helps=(Help("", "git add migrations/versions/c4d5e6_add_index.py"),),
    ),
    Diagnostic(
        "MG103",
        "`a1b2c3` is the id of two files",
        Location("migrations/versions/a1b2c3_two.py", 9, 12, 20, 'revision = "a1b2c3"'),
        notes=(
            Note("the other one", Location("migrations/versions/a1b2c3_one.py", 9, 12, 20, 'revision = "a1b2c3"')),
            Note("whole files have no line", Location("migrations/versions/a1b2c3_one.py")),
        ),
        helps=(Help("give one of them another id"),),
    ),
    Diagnostic(
        "MG302",
        "`a1b2c3_add_email.py` is staged in part",
        Location("migrations/versions/a1b2c3_add_email.py"),
        severity=Severity.WARNING,
    ),
    Diagnostic(
        "MG202",
        "table `audit` is in the staged revisions but in no staged model",
        Location("migrations/versions/b2_audit.py", 20, 5, 20, "    op.create_table(", "created here"),
        notes=(Note("not shown where it does not count"),),
        helps=(Help("not shown either", "migguard revision"),),
        environment="billing",
        waived="kept for the auditors until 2027",
    ),
    Diagnostic(
        "MG105",
        "unreadable: \x1b[31mred\x07 and a\nnew line",
        Location(
            "versions/\x1b]0;title\x07 caf\udcc3\udca9.py", 2, 7, 12, '\tx = "日本語" + "é\u202e\x00"', "wide and tabs"
        ),
        notes=(Note("two\tcolumns"),),
        helps=(Help("", "git add 'versions/new\nline.py'"),),
    ),
)
