"""check, diff, work and the modes of trace on the command line: to the contract, with their exit codes."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest

from bpstep.cli import main
from bpstep.engine.rules import RULES
from bpstep.scenario.loader import load

MAZUR = load("mazur-2-2-2")


def found(capsys: pytest.CaptureFixture[str], *argv: str, code: int = 0) -> dict[str, object]:
    assert main(list(argv)) == code
    document = json.loads(capsys.readouterr().out)
    assert isinstance(document, dict)
    return document


def test_work_counts_what_the_contract_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert found(capsys, "work", "where-is-the-back-propagation", "--json") == {
        "parameters": 18,
        "paths": 62,
        "multiplications": {"by_hand": 578, "forward": 218, "reverse": 42},
    }
    assert main(["work", "deep-784-128-10"]) == 0
    assert "reverse" in capsys.readouterr().out


def test_check_agrees_and_says_how_well(capsys: pytest.CaptureFixture[str]) -> None:
    document = found(capsys, "check", "mazur-2-2-2", "--json")
    assert document["ok"] is True
    rows = document["rows"]
    assert isinstance(rows, list)
    assert [row["cell"] for row in rows][:2] == ["w[i1->h1]", "w[i2->h1]"]
    assert set(rows[0]) == {"cell", "reverse", "forward", "numeric", "relative", "verdict"}
    assert document["worst"] == max(row["relative"] for row in rows)


#: The mistakes that can be made in this net, and change something: all of its layers are logistic.
MISTAKES = [
    name
    for name, rule in RULES.items()
    if name not in ("correct", "logistic-everywhere") and not rule.refuses(MAZUR.problem, MAZUR.training)
]


@pytest.mark.parametrize("rule", MISTAKES)
def test_check_catches_every_wrong_rule(capsys: pytest.CaptureFixture[str], rule: str) -> None:
    document = found(capsys, "check", "mazur-2-2-2", "--rule", rule, "--json", code=1)
    assert document["ok"] is False


def test_check_in_words_fails_with_the_same_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "mazur-2-2-2", "--rule", "article"]) == 1
    assert "disagree" in capsys.readouterr().out.split("\n")[0]


def test_diff_says_where_the_article_parts(capsys: pytest.CaptureFixture[str]) -> None:
    document = found(capsys, "diff", "article-2-3-2-1", "--rule", "article", "--json")
    assert document["rule"] == "article"
    first = document["first"]
    assert isinstance(first, dict)
    assert set(first) == {"step", "cell", "correct", "rule"}
    assert first["cell"] == "d(y[f4])"
    ratios = {row["cell"]: row["ratio"] for row in document["rows"]}  # type: ignore[attr-defined]
    assert ratios["w[f4->f6]"] == 1.0
    assert ratios["w[f1->f4]"] == pytest.approx(first["rule"] / first["correct"], rel=1e-12)
    assert found(capsys, "diff", "article-linear", "--rule", "article", "--json")["first"] is None


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["diff", "article-2-3-2-1", "--rule", "bias-forgotten"], "no biases"),
        (["diff", "chain-rule", "--rule", "article"], "does not apply"),
        (["diff", "xor", "--rule", "articel"], 'did you mean "article"'),
        (["check", "xor", "--rule", "nothing"], "unknown rule"),
        (["repl", "xor", "--rule", "nothing"], "unknown rule"),
        (["trace", "xor", "--mode", "forward"], "--wrt"),
        (["trace", "xor", "--mode", "forward", "--wrt", "e[h1]"], "input or a parameter"),
        (["trace", "xor", "--mode", "forward", "--wrt", "w[x1->h7]"], "there is no cell"),
    ],
)
def test_what_does_not_apply_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_forward_mode_is_traced(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "mazur-2-2-2", "--mode", "forward", "--wrt", "w[i1->h1]"]) == 0
    header, *steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert header["mode"] == "forward"
    assert {step["phase"] for step in steps} == {"forward"}
    assert steps[0]["cell"] == "dot(w[i1->h1])"
    assert steps[-1]["cell"] == "dot(cost)"
    assert steps[-1]["value"] == pytest.approx(0.00043857, abs=5e-9)


def test_a_prompt_can_begin_with_a_wrong_rule(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("until d(y[f4])\nprint d(y[f4])\n"))
    assert main(["repl", "article-2-3-2-1", "--rule", "article"]) == 0
    assert "−0.385339" in capsys.readouterr().out


class _Terminal(io.StringIO):
    """Where somebody sees what is said of work under way."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("words", [["check", "mazur-2-2-2"], ["diff", "mazur-2-2-2", "--rule", "article"]])
def test_what_is_worked_out_says_how_far_it_is(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bpstep.progress_line._SHOWN_AFTER", 0.0)
    monkeypatch.setattr("bpstep.progress_line.BETWEEN_REPORTS", 0.0)
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    main(words)
    assert re.search(r"\d+ of \d+", terminal.getvalue())
    assert "Ctrl-C" in terminal.getvalue()
