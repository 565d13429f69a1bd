"""`bpstep lint`: what it finds is what stands in the way of opening a file, and nothing is run for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.script import Script
from bpstep.linting import findings_of
from bpstep.scenario.catalogue import builtin_path, scenario_folder
from bpstep.scenario.loader import ScenarioError, load
from tests.helpers.mangle import mangled

EXERCISE = (scenario_folder() / "exercises" / "07-output-delta.toml").read_text("utf-8")
SCENARIO = builtin_path("xor").read_text("utf-8")
SCRIPT = "load xor\nuntil delta[h1]\nexpect step > 0\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of each; it is the one that names are relative to, and no script is run in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Script, "run", lambda *_: pytest.fail("it was run"))
    for name, text in (("net.toml", SCENARIO), ("one.toml", EXERCISE), ("a.bps", SCRIPT)):
        Path(name).write_text(text, "utf-8")
    return tmp_path


def test_what_is_shipped_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("xor.toml", "xor.bps", "whose-fault.bps", "exercises")
    assert main(["lint", *(str(scenario_folder() / name) for name in names)]) == 0
    assert capsys.readouterr().out.endswith("files: no errors\n")


def test_one_of_each_in_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")
    assert main(["lint", "."]) == 0
    assert capsys.readouterr().out == "3 files: no errors\n", "what is nobody's of ours is passed over"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("net.toml", 'activation = "sigmoid"', 'activation = "sigmiod"', 'did you mean "sigmoid"?'),
        ("net.toml", "[network]", "[network", "not TOML"),
        ("one.toml", 'ask = "delta[o1]"', 'ask = "delta[o9]"', 'one.toml:14:1: item[0].ask: there is no cell "delta'),
        ("one.toml", 'at = "cost"', 'at = "nowhere"', "one.toml:33:1: item[2].at: "),
        ("one.toml", '"w[h1->o1]"', '"w[h9->o1]"', "there is no such weight"),
        ("one.toml", 'kind = "value"', 'kind = "oral"', "expected one of value"),
        ("a.bps", "until delta[h1]", "until delta[h9]", "a.bps:2:7: there is no cell"),
        ("a.bps", "load xor", "load rox", "a.bps:1:6: "),
        ("a.bps", "expect step > 0", "expcet step > 0", 'did you mean "expect"?'),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_file_line_and_column(
    name: str, old: str, new: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(name)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert main(["lint", "."]) == 2
    out = capsys.readouterr().out
    assert (
        any(says in line and line.startswith(f"./{name}:") for line in out.splitlines()) or f"./{says}" in out
    ), out
    assert out.splitlines()[-1].startswith("3 files: ")


def test_two_exercises_of_one_id_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("two.toml").write_text(EXERCISE, "utf-8")
    assert main(["lint", "."]) == 2
    assert '"output-delta" is the id of one.toml, too' in capsys.readouterr().out


def test_a_warning_is_no_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("net.toml").write_text(SCENARIO.replace("learning_rate = ", "learning_rate = -"), "utf-8")
    assert main(["lint", "net.toml"]) == 0
    out = capsys.readouterr().out
    assert "net.toml:" in out
    assert ": warning: training.learning_rate: " in out
    assert out.endswith("1 file: no errors, 1 warning\n")


def test_the_findings_as_one_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.bps").write_text("load xor\nstep\x1b[2J\n", "utf-8")
    assert main(["lint", "--json", "."]) == 2
    out = capsys.readouterr().out
    assert "\x1b" not in out
    found = json.loads(out)
    assert (found["ok"], found["files"]) == (False, 3)
    assert [(one["file"], one["line"], one["severity"]) for one in found["findings"]] == [
        ("./a.bps", 2, "error")
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [(["nothing.toml"], "can not read"), (["notes.md"], "expected a scenario or an exercise (.toml), or a script"),
     (["none"], "there is no *.toml or *.bps in the folder none"), (["*.xyz"], "nothing matches")],
)  # fmt: skip
def test_what_can_not_be_looked_at_is_one_line(
    words: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("notes.md").write_text("Hello.", "utf-8")
    Path("none").mkdir()
    assert main(["lint", *words]) == 2
    out, err = capsys.readouterr()
    assert says in out + err


def test_what_passes_opens_and_what_does_not_is_told_in_the_same_lines(tmp_path: Path) -> None:
    """On scenarios that are broken in any way, lint and loading agree, line by line."""
    verdicts = set()
    for seed in range(60):
        file = tmp_path / f"{seed}.toml"
        file.write_bytes(mangled(seed).encode("utf-8", "surrogatepass"))
        try:
            load(file)
            expected: list[str] = []
        except ScenarioError as error:
            expected = [str(problem) for problem in error.problems]
        found = [str(one) for one in findings_of([str(file)], [str(file)])[1] if one.severity == "error"]
        if "item[" not in "".join(found) and "scenario: " not in "".join(
            found
        ):  # a key of an exercise came in
            assert found == expected, seed
        verdicts.add(bool(found))
    assert verdicts == {True, False}
