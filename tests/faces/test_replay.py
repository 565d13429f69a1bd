"""Scripts: checked whole, held to what they expect, and told so that the message alone finds the mistake."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.debugger.session_log import session_log
from bpstep.repl import converse
from bpstep.replay import replay_script
from bpstep.scenario.catalogue import builtin_names, scenario_folder
from bpstep.scenario.loader import load

pytest_plugins = ["pytester"]


def script(folder: Path, text: str, name: str = "one.bps") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", builtin_names())
def test_every_scenario_has_a_script_that_holds(name: str) -> None:
    path = scenario_folder() / f"{name}.bps"
    count, failures = replay_script(path)
    assert not failures
    assert count >= 5


def test_all_errors_are_told_and_nothing_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(tmp_path, "load mazur-2-2-2\nstepp\nuntil delta[h9]\nexpect y[h1 = 3\nsave never.bps\n")
    assert main(["replay", str(path)]) == 2
    errors = capsys.readouterr().err
    for place in (":2:1: ", ":3:7: ", ":4:"):
        assert f"{path}{place}" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "never.bps").exists()


def test_a_failure_names_the_step_and_its_factors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(tmp_path, "load mazur-2-2-2\nuntil delta[h1]\nexpect delta[h1] = 0.0089\n")
    assert main(["replay", str(path)]) == 1
    told = capsys.readouterr().err
    for part in (
        f"{path}:3:8: ",
        "expected  0.0089",
        "found     0.00877135468949",
        "allowed 5e-05",
        "step 37, contribute: d(e[h1]) += d(y[h1]) * d(y[h1], e[h1])",
        "d(y[h1]) = 0.0363503063931",
        "d(y[h1], e[h1]) = 0.241300708572",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("expectation", "holds"),
    [
        ("expect delta[h1] = 0.0088", True),
        ("expect delta[h1] = 0.00877", True),
        ("expect delta[h1] = 0.0087", False),
        ("expect delta[h1] = 8.77e-3", True),
        ("expect step = 37", True),
        ("expect delta[h1] ~ 0.0087", True),
        ("expect delta[h1] ~ 0.0086", False),
        ("expect delta[h1] ~ 0.0086 rel=2%", True),
        ("expect delta[h1] ~ 0.0086 abs=0.0002", True),
        ("expect delta[h1] < 0.01", True),
        ("expect delta[h1] >= 0.01", False),
        ("expect delta[h1] == d(y[h1]) * local[h1]", True),
        ("expect state delta[h1] final", True),
        ("expect state delta[h2] unset", True),
        ("expect state d(y[h1]) partial", False),
        ("expect delta[h2] < 1", False),
        ("expect delta[h2] = 0.1", False),
        ("! until delta[h1]", True),
        ("! goto 5", False),
        ("! expect delta[h1] > 1", True),
    ],
)
def test_expectations(tmp_path: Path, expectation: str, holds: bool) -> None:
    _, failures = replay_script(script(tmp_path, f"load mazur-2-2-2\nuntil delta[h1]\n{expectation}\n"))
    assert (not failures) is holds


def test_what_a_script_asks_for_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(
        tmp_path, "load mazur-2-2-2\nuntil delta[h1]\nprint delta[h1]\nstep\nshow step\nset lr = 2\n"
    )
    assert main(["replay", str(path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "d(e[h1]) = +0.00877135   (final)"
    assert any("step 38" in line for line in told[1:])
    assert told[-1] == f"{path}: 6 commands, all held"
    assert not any("set" in line for line in told)
    assert main(["replay", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_keep_going_tells_every_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = script(tmp_path, "load chain-rule\nexpect step = 1\nstep\nexpect step = 2\nexpect step = 1\n")
    assert main(["replay", "--json", "--keep-going", str(path)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [failure["line"] for failure in found["scripts"][0]["failures"]] == [2, 4]
    assert found["ok"] is False


def test_update_rewrites_numbers_and_blocks_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    text = "# a comment stays\nload mazur-2-2-2\nuntil y[h1]\nexpect y[h1] = 0.5000\n"
    text += "expect y[h1] > 0\ncmp step g\n-- g --\nold\n"
    path = script(tmp_path, text)
    assert main(["replay", "--update", str(path)]) == 0
    assert path.read_text("utf-8") == text
    new = (tmp_path / "one.bps.new").read_text("utf-8")
    assert "expect y[h1] = 0.5933\n" in new
    assert new.startswith("# a comment stays\nload mazur-2-2-2\n")
    assert "s(e(h1))" in new
    assert main(["replay", "--update", "--in-place", str(path)]) == 0
    assert main(["replay", str(path)]) == 0
    monkeypatch.setenv("CI", "true")
    assert main(["replay", "--update", str(path)]) == 2


def test_update_keeps_the_ends_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    text = "\ufeffload mazur-2-2-2\r\nuntil y[h1]\r\nexpect y[h1] = 0.5000\r\n# odd\x0c end\n"
    blocks = "cmp step g\r\n-- other --\r\nas it was  \r\n\r\n-- g --\r\nold\r\n"
    path = tmp_path / "one.bps"
    path.write_bytes((text + blocks).encode())
    assert main(["replay", "--update", "--in-place", str(path)]) == 0
    after = path.read_bytes().decode()
    assert after.startswith((text + blocks).replace("0.5000", "0.5933").removesuffix("old\r\n"))
    assert "\n" not in after.partition("-- g --")[2].replace("\r\n", "")
    assert main(["replay", str(path)]) == 0
    empty = script(tmp_path, "# nothing\n", "empty.bps")
    assert main(["replay", "--update", str(empty)]) == 0


def test_a_saved_script_names_its_scenario_with_slashes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "mine.toml").write_bytes((scenario_folder() / "xor.toml").read_bytes())
    session = Console(load(str(folder / "mine.toml")))
    session.folder = tmp_path
    assert session_log(session, session.folder).startswith("load a/mine.toml")
    monkeypatch.setattr("os.path.relpath", another_drive)
    assert session_log(session, session.folder).startswith(f"load {folder.as_posix()}/mine.toml")


def another_drive(path: object, start: object) -> str:
    raise ValueError("path is on mount 'C:', start on mount 'D:'")


def test_a_recorded_session_replays_to_the_same_place(tmp_path: Path) -> None:
    session = Console(load("mazur-2-2-2"))
    session.folder = tmp_path
    for line in (
        "step",
        "step",
        "n",
        "until delta[h1]",
        "back",
        "break delta[h2]",
        "continue",
    ):
        session.execute(line)
    session.execute("save mine.bps --expect")
    saved = (tmp_path / "mine.bps").read_text("utf-8")
    assert "step 2\n" in saved
    assert f"expect step = {session.position}" in saved
    assert replay_script(tmp_path / "mine.bps")[1] == []


def test_a_script_that_sources_itself_is_refused(tmp_path: Path) -> None:
    path = script(tmp_path, "load chain-rule\nsource one.bps\n")
    _, failures = replay_script(path)
    assert "sources" in failures[0].message


def test_a_pipe_is_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    to = io.StringIO()
    lines = "until delta[h1]\nwhy\nshow chain\nbreak delta[h2]\nc\nrc\nquit\nstep\n"
    assert converse(Console(load("mazur-2-2-2")), io.StringIO(lines), to) == 0
    text = to.getvalue()
    assert "step 37 of 59" in text
    assert "via o2           −0.01905" in text
    assert "chain rule to here" in text
    assert "step 41 of 59: stop 1" in text
    assert converse(Console(load("mazur-2-2-2")), io.StringIO("foo\n"), to) == 2
    assert "unknown command" in capsys.readouterr().err


def test_reverse_halts_where_forward_passed() -> None:
    for name in ("mazur-2-2-2", "fan-out", "softmax"):
        session = Console(load(name))
        session.execute("break local if value < 0.2")
        session.execute("watch cost" if name != "fan-out" else "watch d(x)")
        session.execute("break backward")
        forward = []
        while session.position < session.length:
            session.execute("continue")
            forward.append(session.position)
        backward = []
        while session.position > 0:
            session.execute("rcontinue")
            backward.append(session.position)
        assert backward[:-1] == forward[:-1][::-1]
        assert len(forward) > 3


def test_pytest_collects_scripts(pytester: pytest.Pytester) -> None:
    pytester.makefile(".bps", good="load chain-rule\nuntil d(x)\nexpect d(x) = 0.84363\n")
    pytester.makefile(".bps", bad="load chain-rule\nexpect step = 3\n")
    result = pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*bad.bps:2:8: step is 0, not 3*"])


def test_a_line_is_held_against_every_structure_that_there_may_be(tmp_path: Path) -> None:
    """Which cells there are depends on where a change acts, and a change may be taken back."""
    path = script(
        tmp_path,
        "load mazur-2-2-2\nset mode = forward w[i1->h1]\nbreak dot(cost)\ngoto 9\nset mode = reverse\n"
        "print dot(e[h1])\nundo\nprint dot(e[h1])\nrestart\nbreak delta[h1]\ncontinue\n"
        "set optimizer = adam\nset optimizer = sgd\n",
    )
    assert replay_script(path) == (13, [])


def test_a_script_that_is_sourced_is_checked_in_its_place(tmp_path: Path) -> None:
    script(tmp_path, "set mode = forward w[i1->h1]\nset notation = ng\n", "forward.bps")
    script(tmp_path, "print delta[h9]\ncmp chain missing\nload xor\n", "broken.bps")
    script(tmp_path, "source one.bps\n", "round.bps")
    path = script(tmp_path, "load mazur-2-2-2\nsource forward.bps\nuntil dot(y[h1])\nprint a(h1)\n")
    assert replay_script(path)[1] == []
    path = script(tmp_path, "load mazur-2-2-2\nsource broken.bps\nprint y[x1]\nsource round.bps\n")
    told = [(failure.file, failure.line) for failure in replay_script(path, "one.bps")[1]]
    assert told == [("broken.bps", 1), ("broken.bps", 2), ("round.bps", 1)]
