"""`--beside FILE` and `--at STEP`, as a session at the prompt is opened with them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bpstep.cli import main

#: What a prompt says to what is typed, opened with some words.
Told = Callable[..., str]


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("my numbers.json").write_text(json.dumps({"dz1": [0.0363503064, 0.0413703228]}), "utf-8")
    Path("right.json").write_text(json.dumps({"b1": [0.35, 0.35]}), "utf-8")
    return tmp_path


@pytest.fixture
def told(mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    def prompt(typed: str, *words: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["repl", "mazur-2-2-2", *words]) == 0
        return capsys.readouterr().out

    return prompt


def test_a_prompt_opens_at_the_first_wrong_number(mine: Path, told: Told) -> None:
    out = told("print step\nstep wrong\nsave it.bps\n", "--beside", "my numbers.json")
    assert out.startswith("2 of your 2 numbers are wrong; the first is delta[h1] (step 37).\n")
    assert "step = 37" in out
    assert "  ✗ yours +0.0413703   right +0.00995425   ratio 4.156" in out
    assert 'compare "./my numbers.json"' in (mine / "it.bps").read_text("utf-8")


def test_one_can_begin_at_another_step(told: Told) -> None:
    out = told("print step\n", "--beside", "my numbers.json", "--at", "12")
    assert "step = 12" in out
    assert "step = 59" in told("print step\n", "--at", "end")


def test_numbers_that_all_agree_are_told_and_nothing_moves(told: Told) -> None:
    out = told("print step\nprint b[h1]\n", "--beside", "right.json")
    assert out.startswith("All that is in right.json agrees: 2 numbers.\n")
    assert "step = 0" in out
    assert "✓ yours 0.350000" in out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--beside", "none.json"], "--beside: none.json: can not read the file"),
        (["--beside", "-"], "standard input is for commands and keys"),
        (["--at", "999"], "--at: there are steps 0 to 59, not 999"),
        (["--at", "here"], "--at: expected a step, start, end or epoch N"),
    ],
)
def test_what_can_not_be_opened_is_one_line(
    words: list[str], says: str, mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["repl", "mazur-2-2-2", *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_in_a_session_numbers_come_from_a_file(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("compare -\n"))
    assert main(["repl", "mazur-2-2-2"]) == 2
    assert "a session reads numbers from a file" in capsys.readouterr().err
