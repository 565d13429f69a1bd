"""The command line: traces to the contract, exit codes, one clear line for every mistake, and the walls."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpstep.cli import main

MAZUR = "mazur-2-2-2"


def lines_of(capsys: pytest.CaptureFixture[str], *argv: str) -> list[dict[str, object]]:
    assert main(["trace", *argv]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_trace_is_as_the_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    header, *steps = lines_of(capsys, MAZUR)
    assert header["format"] == "bpstep-trace"
    assert (header["version"], header["scenario"], header["kind"], header["steps"]) == (
        1,
        MAZUR,
        "network",
        59,
    )
    assert [line["step"] for line in steps] == list(range(1, 60))
    found = steps[33]
    assert found["value"] == pytest.approx(0.05539942, abs=5e-9)
    assert found["product"] == found["value"]
    assert found["inputs"] == {"d(e[o1])": pytest.approx(0.138498562, abs=5e-10), "w[h1->o1]": 0.4}
    assert found["upstream"]["cell"] == "d(e[o1])"  # type: ignore[index]
    assert found["local"] == {"cell": "d(e[o1], y[h1])", "value": 0.4}
    expected = {
        "step": 34, "epoch": 1, "sample": 1, "phase": "backward", "op": "contribute", "node": "h1",
        "cell": "d(y[h1])", "was": None, "part": [1, 2],
        "formula": "d(y[h1]) += d(e[o1]) * w[h1->o1]", "numbers": "0.1385 * 0.4",
    }  # fmt: skip
    assert {key: found[key] for key in expected} == expected
    for line in steps:
        wanted = {
            "step",
            "epoch",
            "sample",
            "phase",
            "op",
            "cell",
            "was",
            "value",
            "formula",
            "numbers",
            "inputs",
        }
        assert wanted <= line.keys()
        assert ("upstream" in line) == (line["op"] == "contribute")
        assert ("part" in line) == (line.get("part") is not None)


def test_values_read_back_to_the_same_float(capsys: pytest.CaptureFixture[str]) -> None:
    from bpstep.engine.run import Run
    from bpstep.scenario.loader import load

    scenario = load("softmax")
    run = Run(scenario.problem, scenario.training)
    _, *steps = lines_of(capsys, "softmax")
    assert [line["value"] for line in steps] == [step.value for step in run.steps()]


def test_two_traces_have_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    main(["trace", "fan-out"])
    first = capsys.readouterr().out
    main(["trace", "fan-out"])
    assert capsys.readouterr().out == first


def test_epochs_and_last(capsys: pytest.CaptureFixture[str]) -> None:
    header, *steps = lines_of(capsys, MAZUR, "--epochs", "3", "--last")
    assert header["steps"] == 177
    assert (steps[0]["step"], steps[0]["epoch"], len(steps)) == (119, 3, 59)


def test_csv_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", MAZUR, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 59
    assert float(rows[33]["value"]) == pytest.approx(0.05539942, abs=5e-9)
    assert rows[33]["part"] == "1/2"
    assert main(["trace", MAZUR, "--format", "text"]) == 0
    assert "d(y[h1]) += d(e[o1]) * w[h1->o1]" in capsys.readouterr().out


LOOKS = ["--notation", "nielsen", "--glyphs", "ascii", "--digits", "3"]


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        (["trace", MAZUR, "--format", "text"], "z(h1) += w(i1->h1) . a(i1)"),
        (["check", MAZUR], "w(i1->h1) "),
        (["diff", MAZUR, "--rule", "article"], "w(i1->h1) "),
    ],
)
def test_a_text_looks_as_the_command_line_says(
    argv: list[str], names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 0
    usual = capsys.readouterr().out
    assert main([*argv, *LOOKS]) == 0
    text = capsys.readouterr().out
    assert text.isascii()
    assert len(text.splitlines()) == len(usual.splitlines())
    assert names in text
    assert names not in usual
    values = re.findall(r"(?:= -?|(?<= )[+-])0\.0*(\d+)(?=  |$)", text, re.MULTILINE)
    assert max(map(len, values)) == 3
    assert main([*LOOKS, *argv]) == 0, "how it shall look may be said first, too"
    assert capsys.readouterr().out == text


def test_the_looks_of_a_text_do_not_follow_the_settings_of_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["check", MAZUR]
    main(argv)
    text = capsys.readouterr().out
    (tmp_path / "config.toml").write_text('digits = 9\nnotation = "nielsen"\n', encoding="utf-8")
    monkeypatch.setenv("BPSTEP_CONFIG", str(tmp_path))
    main(argv)
    assert capsys.readouterr().out == text


def test_a_wrong_rule_changes_values_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    _, *right = lines_of(capsys, MAZUR)
    _, *wrong = lines_of(capsys, MAZUR, "--rule", "article")
    assert [(line["op"], line["cell"]) for line in right] == [(line["op"], line["cell"]) for line in wrong]
    assert wrong[33]["formula"] == "d(y[h1]) += d(y[o1]) * w[h1->o1]"
    assert wrong[33]["value"] != right[33]["value"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["trace", MAZUR, "--rule", "artikle"], 'unknown rule "artikle"; did you mean "article"?'),
        (["trace", "chain-rule", "--rule", "article"], "does not apply to chain-rule"),
        (["trace", "no-such"], "there is no built-in scenario and no file of this name"),
        (["trace", "no-such.toml"], "can not read the file: No such file or directory"),
        (["trace", "a\x1b[31mb.toml"], "a\\x1b[31mb.toml"),
        (
            ["trace", MAZUR, "--digits", "3"],
            "--digits goes with --format text: other traces are for programs",
        ),
        (["check", MAZUR, "--notation", "mazur"], "--notation: expected one of bpstep, nielsen"),
        ([MAZUR], "the screen needs a terminal"),
        ([], "the screen needs a terminal"),
        (["replay", "nothing.bps"], "can not read nothing.bps"),
        (["replay", "--in-place", "x.bps"], "--in-place goes with --update"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], message: str) -> None:
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert "\x1b" not in captured.err + captured.out


def test_a_broken_file_tells_every_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.toml"
    path.write_text('format = 1\ntitle = 3\n[expression]\ndefine = "y = q + r"\n', encoding="utf-8")
    assert main(["trace", str(path)]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert all(line.startswith(f"{path}:") for line in errors)


@pytest.mark.parametrize(
    ("define", "x", "cell"),
    [("y = 1/x", 0, "y"), ("y = ln(x)", -1, "y"), ("y = exp(x*x)", 40, "y"), ("y = sqrt(x)", 0, "d(y, x)")],
)
def test_what_is_not_finite_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], define: str, x: float, cell: str
) -> None:
    path = tmp_path / "f.toml"
    path.write_text(
        f'format = 1\ntitle = "t"\n[expression]\ndefine = "{define}"\n[expression.inputs]\nx = {x}\n',
        encoding="utf-8",
    )
    assert main(["trace", str(path)]) == 3
    captured = capsys.readouterr()
    steps = [json.loads(line) for line in captured.out.splitlines()][1:]
    first = next(step for step in steps if isinstance(step["value"], str))
    assert first["cell"] == cell
    assert first["value"] in ("inf", "-inf", "nan")
    assert f"step {first['step']}: " in captured.err
    assert all(isinstance(s["value"], str) or math.isfinite(s["value"]) for s in steps)


def test_new_writes_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    assert main(["new", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert main(["new", str(path)]) == 2
    assert path.read_text(encoding="utf-8") == text
    capsys.readouterr()
    assert main(["trace", str(path)]) == 0


def test_schema_and_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"format", "title", "network", "expression"} <= schema["properties"].keys()
    assert main(["list", "--json"]) == 0
    names = [row["name"] for row in json.loads(capsys.readouterr().out)["scenarios"]]
    assert MAZUR in names
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == names


def modules_of(*argv: str) -> set[str]:
    """What a fresh interpreter has imported after a command."""
    code = (
        "import sys, io\nsys.stdout = io.StringIO()\n"
        f"try:\n    from bpstep.cli import main\n    main({list(argv)!r})\n"
        "except SystemExit:\n    pass\nsys.stdout = sys.__stdout__\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_a_prompt_that_is_asked_nothing_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert main(["repl", MAZUR]) == 0
    assert capsys.readouterr().out == ""


def test_the_walls_hold_in_a_fresh_interpreter() -> None:
    code = "import sys, bpstep.engine.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"rich", "textual"}
    assert not modules_of("trace", MAZUR) & {"textual", "rich"}
    for words in (["list"], ["--help"]):
        assert not modules_of(*words) & {"numpy", "textual", "rich"}
