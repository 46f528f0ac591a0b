"""The README shows what the program says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from migguard.diagnostics import RULES

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).parent.parent


def test_screens_are_what_the_demo_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering the demo into the README changes nothing; `campaigns/demo.py --write README.md` renews it."""
    from campaigns.demo import STATUSES, play, render_screens

    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    steps = list(play(tmp_path))
    text = (ROOT / "README.md").read_text("utf-8")
    assert [step.status for step in steps] == STATUSES
    assert render_screens(steps, text) == text


def test_settings_shown_are_settings(tmp_path: Path) -> None:
    """The whole configuration block parses."""
    from migguard.config import parse_config

    text = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    config = parse_config(block.encode(), "README.md")
    assert config.on_missing == "generate"
    assert config.environments[0].heads == ("expand", "contract")


def test_hooks_shown_are_hooks() -> None:
    """Every id of the README's YAML and table is in the manifest, and every id of the manifest in the table."""
    text = (ROOT / "README.md").read_text("utf-8")
    manifest = set(re.findall(r"- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")))
    assert set(re.findall(r"\{ id: (\S+) \}", text)) <= manifest
    assert set(re.findall(r"^\| `(migguard[a-z-]*)` \|", text, re.MULTILINE)) >= manifest


def test_rules_named_are_rules() -> None:
    """No code in the README is one that does not exist."""
    named = set(re.findall(r"MG\d\d\d", (ROOT / "README.md").read_text("utf-8")))
    assert named <= set(RULES)
