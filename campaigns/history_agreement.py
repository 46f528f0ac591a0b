"""Hold whole histories of other projects on the catalog against the real server: what the Inspector says, what
Alembic renders, the revision file that it writes, and the time that the verdict takes.

    python campaigns/history_agreement.py quetz [NAME …]

A clone of each project is expected below MIRROR (owner+name/repo or owner/name), an interpreter with its dependencies
in VENVS/foreign-<venv>. The servers are those of the tests (MIGGUARD_TEST_POSTGRES_URL, MIGGUARD_TEST_MYSQL_URL).
Exit status 1 where a difference is silent: neither flagged nor explained by a flag on its table.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.engine import URL

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from foreign_clone import MIGGUARD_ROOT, Clone, Done, copy_clone, run
from foreign_subjects import HISTORIES
from real_alembic import RealAlembic

from tests.servers import MYSQL, POSTGRES

REV_ID = "probe0000001"
PASSWORD = "x"  # some projects insist on one; the servers of the tests may have none


@dataclass
class Sides:
    """What came of a history on the real server and on the catalog."""

    real: dict[str, Any]
    catalog: dict[str, Any]

    def differences(self) -> list[tuple[str, str, str]]:
        """Key, real and catalog, of each line that differs."""
        found = []
        real, catalog = self.real["snapshot"], self.catalog["snapshot"]
        for key in sorted({*real, *catalog}):
            if real.get(key) != catalog.get(key):
                found.append((key, str(real.get(key)), str(catalog.get(key))))
        theirs, ours = self.real["rendered"], self.catalog["rendered"]
        found += [("rendered", line, "-") for line in theirs if line not in ours]
        found += [("rendered", "-", line) for line in ours if line not in theirs]
        if self.file_answer().startswith("DIFFERS"):
            difference = difflib.unified_diff(self.real["file"].splitlines(), self.catalog["file"].splitlines(), n=0)
            found.append(("file", "\n".join(difference), ""))
        return found

    def file_answer(self) -> str:
        """Is the written file the same? Alembic drops several tables in the order of a set of names."""
        theirs, ours = self.real["file"], self.catalog["file"]
        if theirs == ours:
            return "identical"
        same = sorted(theirs.splitlines()) == sorted(ours.splitlines())
        return "identical up to the order of dropped tables" if same else "DIFFERS"


class Campaign:
    """One history, from a copy of its clone to the figures."""

    def __init__(self, name: str, mirror: Path, venvs: Path, folder: Path) -> None:
        self.history = HISTORIES[name]
        self.name = name
        self.server = POSTGRES if self.history.is_postgresql else MYSQL
        self.python = venvs / f"foreign-{self.history.venv}" / "bin" / "python"
        owner, _, repository = self.history.repository.partition("/")
        places = (mirror / f"{owner}+{repository}" / "repo", mirror / owner / repository)
        self._source = next(place for place in places if place.exists())
        self._folder = folder
        self.failures = 0

    def play(self) -> None:
        """Everything; prints the report."""
        with self.server.fresh_database() as url:
            target = make_url(url).set(drivername=self.history.driver)
            if not self.history.is_postgresql:
                target = self._with_password(target)
            clone = copy_clone(self._source, self._folder / "project", self.history.commit)
            print(f"project  {self.history.repository} {clone.commit} on {self.server.version()}")
            self._prepare(clone, target)
            real, catalog = (self._replay(clone, target, is_catalog=flag) for flag in (False, True))
            if "error" in real:
                self.failures += 1
                print(f"the server refuses too, or the project cannot be loaded:\n{real['error'][-1500:]}")
                return
            if "error" in catalog:
                # rows that the replay does not have: `migguard check` must call it MG002
                self.failures += not catalog.get("flags")
                print(f"catalog  stops: {catalog['error'].strip().splitlines()[-1]}")
                print("flags    ", *self._flags(catalog)[-8:], sep="\n  ")
                self._compare_times(clone, target)
                return
            self._report(Sides(real, catalog))
            self._compare_times(clone, target)

    def _with_password(self, url: URL) -> URL:
        """A user of the database alone, for projects that insist on a password; dropped with the next one."""
        engine = create_engine(self.server.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE OR REPLACE USER mg_campaign@'%' IDENTIFIED BY 'x'"))
            connection.execute(text(f"GRANT ALL ON `{url.database}`.* TO mg_campaign@'%'"))
        engine.dispose()
        return url.set(username="mg_campaign", password=PASSWORD)

    def _prepare(self, clone: Clone, url: URL) -> None:
        history = self.history
        words = self._words(url)
        for name, content in history.files.items():
            (clone.folder / name).write_text(_fill(content, words), encoding="utf-8")
        for name, (old, new) in history.edits.items():
            file = clone.folder / name
            content = file.read_text(encoding="utf-8")
            assert old in content, name
            file.write_text(content.replace(old, _fill(new, words), 1), encoding="utf-8")
        variables = ", ".join(f'{name} = "{_fill(value, words)}"' for name, value in history.variables.items())
        settings = f'\n[tool.migguard]\nserver-version = "{self.server.version()}"\n'
        settings += f"env = {{ {variables} }}\n" if variables else ""
        with (clone.folder / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
        clone.git("add", "-f", "-A")
        clone.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "prepared")

    def _words(self, url: URL) -> dict[str, str]:
        return {
            "url": url.render_as_string(hide_password=False),
            "host": url.host or "",
            "port": str(url.port or ""),
            "user": url.username or "",
            "password": url.password or PASSWORD,
            "database": url.database or "",
        }

    def _replay(self, clone: Clone, url: URL, *, is_catalog: bool) -> dict[str, Any]:
        history = self.history
        name, _, numbers = self.server.version().partition(" ")
        ask = {
            "root": str(MIGGUARD_ROOT),
            "catalog": is_catalog,
            "versions": {name: [int(part) for part in numbers.split(".")]},
            "url": url.render_as_string(hide_password=False),
            "rev_id": REV_ID,
            "x": list(history.x),
            "config": history.config,
            "section": history.section,
            "flask_app": history.flask_app,
            "scripts": history.scripts,
        }
        question, answer = self._folder / "ask.json", self._folder / f"answer-{is_catalog}.json"
        question.write_text(json.dumps(ask), encoding="utf-8")
        program = str(Path(__file__).with_name("foreign_replay.py"))
        # Alembic walks over sets of names with None in them, whose hash is an address in older Pythons
        still = ["setarch", "-R"] if shutil.which("setarch") else []
        done = run(
            [*still, str(self.python), program, str(question), str(answer)],
            clone.folder / history.folder,
            self._variables(url),
        )
        if not answer.exists():
            return {"error": done.output}
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found

    def _variables(self, url: URL) -> dict[str, str]:
        words = self._words(url)
        filled = {name: _fill(value, words) for name, value in self.history.variables.items()}
        return {**filled, "PYTHONHASHSEED": "0", "PYTHONPATH": "."}

    def _flags(self, answer: dict[str, Any]) -> list[str]:
        return [f"{kind}: {text[:200]} {tables} {place}" for kind, text, tables, place in answer.get("flags", ())]

    def _report(self, sides: Sides) -> None:
        lines = len(sides.real["snapshot"]) + len(sides.real["rendered"])
        flags = sides.catalog["flags"]
        differences = sides.differences()
        named = " ".join(" ".join(tables) + text for _, text, tables, _ in flags)
        silent = [one for one in differences if not any(word in named for word in one[0].split("|")[1:2] if word)]
        # a flag that may concern any table covers all; one that names its tables covers these
        self.failures += bool(silent) and not any(not tables for _, _, tables, _ in flags)
        print(
            f"replay   {sides.real['revisions']} revisions, {lines} lines compared: "
            f"{len(differences)} differ, {len(flags)} flags"
        )
        print(f"file     {sides.file_answer()}, {len(sides.real['file'].splitlines())} lines")
        for key, theirs, ours in differences[:40]:
            print(f"  {key}\n    real    {theirs[:600]}\n    catalog {ours[:600]}")
        for flag in self._flags(sides.catalog):
            print(f"  flag {flag}")
        print(
            f"times    upgrade in process: real {sides.real['upgrade']:.2f} s, catalog {sides.catalog['upgrade']:.2f} s"
        )

    def _compare_times(self, clone: Clone, url: URL) -> None:
        history = self.history
        cold, warm = (clone.migguard("check", "--ref", "HEAD", python=self.python) for _ in range(2))
        self.server.empty(url.set(drivername=self.server.driver).render_as_string(hide_password=False))
        real = RealAlembic(
            self.python,
            history.folder,
            history.config,
            history.section,
            flask=history.flask_app is not None,
            flask_app=history.flask_app,
            scripts=history.scripts,
            variables=self._variables(url),
            x=history.x,
        )
        theirs = real.run(clone.folder, "upgrade", "check")
        print(f"verdict  migguard check exits {cold.status}, alembic check {theirs.status}")
        if cold.status == 2 or (cold.status == 0) != (theirs.status == 0):
            print(_indent(cold), _indent(theirs), sep="\n  --\n")
        print(
            f"times    migguard check {cold.seconds:.2f} s, again {warm.seconds:.2f} s; "
            f"alembic upgrade + check {theirs.seconds:.2f} s (one run)"
        )


def _indent(done: Done) -> str:
    return "\n".join(f"  {line}" for line in done.output.splitlines()[-25:])


def _fill(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: words[match[1]], text)


def main() -> int:
    """Play the named histories."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", choices=[*HISTORIES, "all"], metavar="NAME", help=", ".join(HISTORIES))
    parser.add_argument("--mirror", type=Path, default=Path(os.environ.get("MIGGUARD_MIRROR", "build/mirror")))
    parser.add_argument("--venvs", type=Path, default=Path(os.environ.get("MIGGUARD_VENVS", "build/venvs")))
    given = parser.parse_args()
    failures = 0
    for name in HISTORIES if given.names == ["all"] else given.names:
        with tempfile.TemporaryDirectory() as folder:
            campaign = Campaign(name, given.mirror, given.venvs, Path(folder).resolve())
            print(f"\n== {name}", flush=True)
            campaign.play()
            failures += campaign.failures
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
