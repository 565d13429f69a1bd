"""What nobody expected is a line on standard error, whatever the face; and what is interrupted leaves no trace."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Answer
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.repl import converse
from bpstep.scenario.loader import load


class Terminal(io.StringIO):
    """Lines that are typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """``stops`` moves, and raises what nobody expects; ``edits`` is interrupted."""

    def fail(session: Console, arguments: object) -> Answer:
        session.position = 7
        raise KeyError("tangent")

    def interrupted(session: Console, arguments: object) -> Answer:
        session.position = 7
        raise KeyboardInterrupt

    monkeypatch.delenv("BPSTEP_RAISE")
    monkeypatch.setitem(COMMANDS, "stops", replace(COMMANDS["stops"], run=fail))
    monkeypatch.setitem(COMMANDS, "edits", replace(COMMANDS["edits"], run=interrupted))


@pytest.mark.usefixtures("failing")
def test_the_prompt_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    session, to = Console(load("mazur-2-2-2")), io.StringIO()
    assert converse(session, io.StringIO("stops\nprint step\n"), to) == 3
    assert "step = 0" in to.getvalue()
    error = capsys.readouterr().err
    assert error.startswith("bpstep itself failed here (KeyError: 'tangent'")
    assert error.count("\n") == 1


@pytest.mark.usefixtures("failing")
def test_an_interrupted_command_leaves_the_session_as_it_was(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["edits", "print step", "quit"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    session, to = Console(load("mazur-2-2-2")), io.StringIO()
    assert converse(session, Terminal(), to) == 0
    assert "step = 0" in to.getvalue()
    assert "stopped; the session is as it was" in capsys.readouterr().err
    assert session.log == ["print step"]


@pytest.mark.usefixtures("failing")
def test_a_script_fails_at_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.bps"
    path.write_text("load mazur-2-2-2\nstep\nstops\nexpect step = 1\n", encoding="utf-8")
    assert main(["replay", str(path), "--keep-going"]) == 3
    error = capsys.readouterr().err
    assert f"{path}:3:1: bpstep itself failed here" in error
    assert ":4:" not in error


def test_the_command_line_ends_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BPSTEP_RAISE")
    monkeypatch.setattr("bpstep.engine.check.check_gradients", lambda *given: [].pop())
    assert main(["check", "mazur-2-2-2"]) == 3
    assert "bpstep itself failed here (IndexError" in capsys.readouterr().err


def test_the_tests_see_what_nobody_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpstep.engine.check.check_gradients", lambda *given: [].pop())
    with pytest.raises(IndexError):
        main(["check", "mazur-2-2-2"])
