"""The text form, compared whole."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
import pytest

from migguard.diagnostics import Diagnostic, Help, Location, Severity
from migguard.report.text import render_helps, render_location, render_text
from tests.report.samples import DIAGNOSTICS

EXPECTED = Path(__file__).parent / "expected"


def test_samples_render_as_stored() -> None:
    assert render_text(DIAGNOSTICS) == (EXPECTED / "text.txt").read_text(encoding="utf-8")


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render_text(DIAGNOSTICS, color=True)

    assert click.unstyle(coloured) == render_text(DIAGNOSTICS)
    assert coloured.startswith("\x1b[31m\x1b[1merror[MG101 multiple-heads]\x1b[0m\x1b[1m: 2 heads")


def test_no_diagnostics_render_as_nothing() -> None:
    assert render_text(()) == ""


def test_without_colour_nothing_moves_the_cursor() -> None:
    text = render_text(DIAGNOSTICS)

    assert all(character == "\n" or character.isprintable() for character in text)
    text.encode("utf-8")


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_severity_is_the_first_word(severity: Severity) -> None:
    diagnostic = dataclasses.replace(DIAGNOSTICS[0], severity=severity)

    assert render_text([diagnostic]).startswith(f"{severity.value}[MG101 multiple-heads]: ")


@pytest.mark.parametrize(
    ("location", "underline"),
    [
        pytest.param(Location("a.py", 3, 5, 8, "a = bcd", "here"), "  |     ^^^ here", id="a span"),
        pytest.param(Location("a.py", 3, 5, None, "a = bcd"), "  |     ^", id="no end is one character"),
        pytest.param(Location("a.py", 3, None, None, "  a = bcd  "), "  |   ^^^^^^^", id="no column is the line"),
        pytest.param(Location("a.py", 3, 5, 99, "a = bcd"), "  |     ^^^", id="a span beyond the end"),
        pytest.param(Location("a.py", 3, 8, 8, "a = bcd"), "  |        ^", id="nothing, at the end of the line"),
        pytest.param(Location("a.py", 3, 50, 60, "a = bcd"), "  |        ^", id="wholly beyond the end"),
        pytest.param(Location("a.py", 3, 2, 4, "\tab"), "  |     ^^", id="a tab before it is four cells"),
        pytest.param(Location("a.py", 3, 2, 4, "日本語"), "  |   ^^^^", id="wide characters are two cells"),
        pytest.param(Location("a.py", 3, 3, 4, "e\u0301x"), "  |  ^", id="combining characters are none"),
        pytest.param(Location("a.py", 3, 2, 3, "\x00x"), "  |     ^", id="an escaped character is four cells"),
        pytest.param(Location("a.py", 1234, 1, 2, "x"), "     | ^", id="the gutter fits the line number"),
    ],
)
def test_underline_stands_under_its_span(location: Location, underline: str) -> None:
    assert render_location(location, "error")[-1] == underline


@pytest.mark.parametrize("source", ["", "\n", "   \n"])
def test_blank_source_line_is_shown_without_underline(source: str) -> None:
    assert render_location(Location("a.py", 3, None, None, source), "error") == [" --> a.py:3", "  |", "3 |"]


def test_long_source_line_is_cut_around_the_span() -> None:
    source = "x" * 500 + "HERE" + "y" * 500

    _, _, line, underline = render_location(Location("a.py", 3, 501, 505, source), "error")

    assert len(line) < 180
    start = underline.index("^")
    assert line[start : start + 4] == "HERE"
    assert underline.count("^") == 4
    assert line.startswith("3 | …")
    assert line.endswith("y…")


def test_commands_of_several_helps_stand_under_one_another() -> None:
    helps = [Help("short", "one"), Help("", "alone"), Help("a longer one", "two"), Help("no command")]

    assert render_helps(helps) == [
        "help: short:        one",
        "help: alone",
        "help: a longer one: two",
        "help: no command",
    ]


def test_message_of_a_diagnostic_without_location_stands_alone() -> None:
    assert render_text([Diagnostic("MG101", "2 heads")]) == "error[MG101 multiple-heads]: 2 heads\n"
