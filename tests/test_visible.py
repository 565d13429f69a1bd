"""Nothing that a terminal might obey gets out: not through an answer, an error, a table, or a field."""

from __future__ import annotations

import io
import json
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpstep.cli import main
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, pointed_at
from bpstep.documents import json_line, json_text
from bpstep.repl import converse
from bpstep.scenario.loader import load
from bpstep.visible import first_unsafe, visible, visible_lines

MAZUR = load("mazur-2-2-2")

#: An escape sequence, the C1 form of it, a mark that turns the direction, a joiner, half a surrogate pair.
HOSTILE = "\x1b[2J\x9b31m\u202e\u2066\u200d\ufeff\ud800\x07"


@given(st.text(st.characters()))
def test_what_is_shown_is_printable_and_what_was_printable_is_as_it_was(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)
    assert all(line.isprintable() for line in visible_lines(text).split("\n"))
    assert (visible(text) == text) == (first_unsafe(text) is None)


@given(st.dictionaries(st.text(st.characters()), st.text(st.characters()) | st.floats(allow_nan=False)))
def test_json_loses_nothing_and_sends_nothing(document: dict[str, object]) -> None:
    told = {
        key: str(value) if value in (float("inf"), float("-inf")) else value
        for key, value in document.items()
    }
    for text in (json_text(document), json_line(document)):
        assert visible_lines(text) == text
        assert json.loads(text) == told


def test_every_control_and_format_character_is_shown() -> None:
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert visible(chr(code)).isascii()
            assert visible(chr(code)).isprintable()


@given(st.text(st.characters()), st.integers(0, 20))
def test_the_caret_stands_below_the_character_that_is_meant(line: str, column: int) -> None:
    shown, caret = pointed_at(line, column)
    assert len(caret) - 1 == len(visible(line[:column]))
    assert shown.startswith(visible(line[:column]))


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "form", ["{name}{bad}", "{name} {bad}", "{name} w{bad}[i1->h1]", "! {name} {bad}", "{name} xor {bad}"]
)
def test_no_command_sends_what_was_typed_to_the_terminal(
    name: str, form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    session = Console(MAZUR)
    converse(session, io.StringIO(form.format(name=name, bad=HOSTILE) + "\n"), out)
    captured = capsys.readouterr()
    for line in (out.getvalue() + captured.out + captured.err).split("\n"):
        assert line.isprintable(), line


def test_an_error_is_safe_whoever_shows_it() -> None:
    assert CommandError(HOSTILE).message.isprintable()
    assert str(CommandError(f"a\n{HOSTILE}")).startswith("a\n")


@pytest.mark.parametrize(
    "words",
    [
        ["trace", HOSTILE],
        ["open", "xor", HOSTILE],
        ["grade", HOSTILE],
        ["replay", HOSTILE],
        ["exercise", HOSTILE],
    ],
)
def test_no_argument_of_the_command_line_does(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        assert main(words) == 2
    captured = capsys.readouterr()
    assert all(line.isprintable() for line in (captured.out + captured.err).split("\n"))


#: To Python these are blanks between words; to a terminal they are not.
ODD_BLANKS = "\x1c\x85\u2028"


@pytest.mark.parametrize(
    "line", ["print 1{odd}+{odd}2", "expect 1{odd}+ 2 == 3", "watch e[h1]{odd}* 2", "until step{odd}> 2"]
)
def test_no_answer_echoes_what_it_took_for_a_blank(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    converse(Console(MAZUR), io.StringIO(line.format(odd=ODD_BLANKS) + "\nstops\n"), out)
    assert all(shown.isprintable() for shown in (out.getvalue() + capsys.readouterr().err).split("\n"))
    assert out.getvalue().count("\n") > 1


def test_no_failure_of_a_script_sends_what_stands_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = HOSTILE.replace("\ud800", "")
    script = tmp_path / "s.bps"
    script.write_text(f"load xor\ncmp legend golden\n-- golden --\n{hostile}\n", encoding="utf-8")
    assert main(["replay", str(script)]) == 1
    shown = capsys.readouterr()
    assert "\\u202e" in shown.err
    assert all(line.isprintable() for line in (shown.out + shown.err).split("\n"))
