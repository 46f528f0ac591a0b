"""`.pre-commit-hooks.yaml`, as pre-commit reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MANIFEST = Path(__file__).parents[1] / ".pre-commit-hooks.yaml"

pytestmark = pytest.mark.checkout


def test_manifest_is_valid() -> None:
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)], check=True)


def test_every_hook_is_asked_always_and_in_its_own_stage() -> None:
    yaml = pytest.importorskip("yaml")

    hooks = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}

    assert {name: (hook["entry"], hook["stages"]) for name, hook in hooks.items()} == {
        "migguard": ("migguard hook pre-commit", ["pre-commit"]),
        "migguard-graph": ("migguard hook pre-commit --graph-only", ["pre-commit"]),
        "migguard-pre-merge-commit": ("migguard hook pre-merge-commit", ["pre-merge-commit"]),
        "migguard-post-merge": ("migguard hook post-merge", ["post-merge"]),
        "migguard-post-rewrite": ("migguard hook post-rewrite", ["post-rewrite"]),
        "migguard-post-checkout": ("migguard hook post-checkout", ["post-checkout"]),
        "migguard-pre-push": ("migguard hook pre-push", ["pre-push"]),
    }
    for hook in hooks.values():
        # A list of files would be empty for deleted revisions and clean merges, and the hook skipped.
        assert hook["always_run"] is True
        assert hook["pass_filenames"] is False
        assert hook["require_serial"] is True
        assert hook["language"] == "python"
        assert hook["minimum_pre_commit_version"] == "3.2.0"
    # What a passing hook prints is hidden otherwise: git ignores the status of the one, the other warns.
    assert hooks["migguard-post-merge"]["verbose"] is True
    assert hooks["migguard-post-rewrite"]["verbose"] is True
    assert hooks["migguard-post-checkout"]["verbose"] is True
    assert hooks["migguard-pre-push"]["verbose"] is True
