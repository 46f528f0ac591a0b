"""What text from outside may not do to a terminal."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from migguard.report.escape import escape_command, escape_controls


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("plain ünïcode 日本 🎉", "plain ünïcode 日本 🎉", id="printable text stays"),
        pytest.param("a\x1b[2Jb", "a\\x1b[2Jb", id="escape sequences"),
        pytest.param("a\nb\tc\rd", "a\\nb\\tc\\rd", id="line breaks and tabs"),
        pytest.param("a\x9b31mb", "a\\x9b31mb", id="eight-bit control sequences"),
        pytest.param("a\u202eb\u2066", "a\\u202eb\\u2066", id="reordering characters"),
        pytest.param("a\u2028b", "a\\u2028b", id="line separators"),
        pytest.param("caf\udce9", "caf\\xe9", id="an undecodable byte of a path"),
        pytest.param("\ud800", "\\ud800", id="a lone surrogate"),
        pytest.param(r"C:\new", r"C:\new", id="backslashes stay"),
    ],
)
def test_controls_are_shown_as_escapes(text: str, escaped: str) -> None:
    assert escape_controls(text) == escaped


@pytest.mark.parametrize(
    ("command", "escaped"),
    [
        pytest.param("git add 'a b.py'", "git add 'a b.py'", id="nothing to escape, nothing changed"),
        pytest.param("a && b", "a && b", id="operators stay"),
        pytest.param("git add 'a\nb.py'", "git add $'a\\nb.py'", id="a line break in a word"),
        pytest.param("git add 'it'\"'\"'s\x1b.py' 'x y'", "git add $'it\\'s\\x1b.py' 'x y'", id="quotes"),
        pytest.param("git add '\n", "git add '\\n", id="not a command"),
    ],
)
def test_command_stays_one_line(command: str, escaped: str) -> None:
    assert escape_command(command) == escaped


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("word", ["a\nb", 'it\'s\x1b[0m \\ "x"', "tab\there", "back\\slash\x07"])
def test_escaped_command_still_means_the_same(word: str) -> None:
    quoted = "'" + word.replace("'", "'\"'\"'") + "'"

    command = escape_command(f"printf %s {quoted}")

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == word
