"""When output is coloured."""

from __future__ import annotations

import io

import pytest

from migguard.report.color import ColorMode, decide_color, paint


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("mode", "stream", "environ", "colored"),
    [
        pytest.param("auto", _Terminal(), {}, True, id="a terminal"),
        pytest.param("auto", io.StringIO(), {}, False, id="a pipe"),
        pytest.param("auto", _Terminal(), {"TERM": "dumb"}, False, id="a dumb terminal"),
        pytest.param("auto", _Terminal(), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param("auto", _Terminal(), {"NO_COLOR": ""}, True, id="NO_COLOR empty means nothing"),
        pytest.param("auto", io.StringIO(), {"FORCE_COLOR": "1"}, True, id="FORCE_COLOR"),
        pytest.param("auto", io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR goes first"),
        pytest.param("always", io.StringIO(), {"NO_COLOR": "1"}, True, id="asked for"),
        pytest.param("never", _Terminal(), {"FORCE_COLOR": "1"}, False, id="asked against"),
    ],
)
def test_color_is_decided(mode: ColorMode, stream: io.StringIO, environ: dict[str, str], *, colored: bool) -> None:
    assert decide_color(mode, stream, environ) is colored


def test_empty_text_gets_no_escapes() -> None:
    assert paint("", "error", color=True) == ""
