"""`bpstep worksheet` as a lecturer types it; what is wrong with a line is told in one, and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.session import Session
from bpstep.engine.cells import b, d, e
from bpstep.scenario.catalogue import scenario_folder
from bpstep.scenario.loader import load

SCENARIO = str(scenario_folder() / "fan-out.toml")
EXERCISE = str(scenario_folder() / "exercises" / "04-used-twice.toml")


def run(*words: str) -> int:
    try:
        return main(["worksheet", *words])
    except SystemExit as error:
        return int(error.code or 0)


@pytest.mark.parametrize("what", ["fan-out", SCENARIO, "used-twice", EXERCISE])
@pytest.mark.parametrize("ending", ["md", "tex", "html"])
def test_sheets_and_their_key_are_written_in_every_format(what: str, ending: str, tmp_path: Path) -> None:
    sheet, key = tmp_path / f"sheet.{ending}", tmp_path / "key.md"
    assert run(what, "--out", str(sheet), "--key", str(key)) == 0
    assert {"md": "(1)", "tex": r"\blank{1}", "html": "(1)"}[ending] in sheet.read_text("utf-8")
    assert "| no. | what | value | how it comes about |" in key.read_text("utf-8")


def test_without_a_file_the_sheets_are_data(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run("fan-out", "--variants", "2", "--key", str(tmp_path / "key.tex")) == 0
    out, err = capsys.readouterr()
    assert out.count("# ") == 2
    assert err.count("\n") == 1


def test_the_numbers_of_a_sheet_can_be_opened(tmp_path: Path) -> None:
    """The key names a file for each sheet, and a run of it has the right values that stand in the key."""
    folder, key = tmp_path / "variants", tmp_path / "key.md"
    words = ["one-neuron", "--blank", "delta[n], b[n]", "--variants", "2", "--out", str(tmp_path / "a.md")]
    assert run(*words, "--key", str(key), "--scenarios", str(folder)) == 0
    text = key.read_text("utf-8")
    for number in (1, 2):
        file = folder / f"variant-{number}.toml"
        assert f"bpstep {file}".replace("_", r"\_") in text
        session = Session(load(file))
        session.position = session.length
        part = text.split(f"## Variant {number}")[1].split("## Variant")[0]
        right = [float(found.replace("−", "-")) for found in re.findall(r"\*\*(.*?)\*\*", part)]
        values = [session.moment.value(cell) for cell in (d(e("n")), b("n"))]
        assert values == pytest.approx(right, rel=1e-3)
    assert run(*words, "--force", "--scenarios", str(folder)) == 0
    assert run(*words[:-2], "--scenarios", str(folder)) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fan-out", "--blank", "q[*]"], "no step of fan-out writes"),
        (["fan-out", "--key", "key.pdf"], "expected a name that ends in .md, .tex or .html"),
        (["fan-out", "--out", "a.md", "--format", "tex"], "does not end in .tex"),
        (["fan-out", "--out", "a.md", "--key", "a.md"], "name the same file"),
        (
            ["fan-out", "--out", "there.md"],
            "it exists already, and is left as it is; with --force it is written anew",
        ),
        (["fan-out", "--out", "no/such/folder.md"], "no/such/folder.md: No such file or directory"),
        (["fan-out", "--sample", "2"], "there is no sample 2; fan-out has 1 sample"),
        (["xor", "--sample", "9"], "there is no sample 9"),
        (["fan-out", "--variants", "0"], "invalid whole number from 1 on value"),
        (["fan-out", "--variants", "100000"], "expected at most 500"),
        (["fan-out", "--seed", "-1"], "expected a whole number from 0 on"),
        (["fanout"], 'did you mean "fan-out"?'),
        (["used-twice", "--blank", "d(*)"], "an exercise asks its own questions"),
        (["train-xor"], "none of these questions is for paper"),
        (["missing.toml"], "missing.toml"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    words: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.md").write_text("mine", "utf-8")
    assert run(*words) == (3 if "No such file" in says else 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["there.md"]
    assert Path("there.md").read_text("utf-8") == "mine"
