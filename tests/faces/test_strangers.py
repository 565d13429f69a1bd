"""Whoever carries out a script that may be a stranger's: replay, the screen, slides, a page, pytest, source."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.script import parse_script
from bpstep.exercises.store import Store
from bpstep.reach import Reach
from bpstep.scenario.loader import load
from bpstep.tui.stepper import Stepper
from bpstep.view.say.exports import attach
from tests.helpers.screens import opened, say, text_of
from tests.helpers.strangers import SECRETS, World, world_in
from tests.helpers.watched import tree, watched

pytest_plugins = ["pytester"]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = world_in(tmp_path)
    monkeypatch.chdir(made.elsewhere)
    return made


FACES = (
    ["replay", "FILE"], ["replay", "FILE", "--json"], ["replay", "FILE", "--update"], ["lint", "FILE"],
    ["slides", "FILE", "--out", "OUT"], ["record", "FILE", "-o", "OUT.cast"],
    ["export", "html", "FILE", "-o", "OUT.html"], ["chain-rule", "--script", "FILE"],
)  # fmt: skip


@pytest.mark.parametrize("face", FACES, ids=lambda face: " ".join(face[:1] + face[2:3]))
@pytest.mark.parametrize(
    "line",
    ["load ../groundless/secret.toml", "source ../groundless/secret.bps", "compare link/secret.json", "save to-new.bps",
     "export network ../groundless/new.svg", "source inner.bps"],
)  # fmt: skip
def test_a_script_is_refused_before_anything_runs(
    face: list[str],
    line: str,
    world: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (world.ground / "inner.bps").write_text("save ../groundless/new.bps\n", encoding="utf-8")
    script = world.ground / "demo.bps"
    script.write_text(f"load chain-rule\nsave first.bps\nprint x\n{line}\n", encoding="utf-8")
    words = [word.replace("FILE", str(script)).replace("OUT", str(world.root / "out")) for word in face]
    before = tree(world.root)
    with watched() as seen:
        assert main(words) == 2
    shown = capsys.readouterr()
    assert "leads out of the script's folder" in shown.err + shown.out
    assert "x = " not in shown.out
    assert not [
        path for path in seen.outside(world.ground, world.root) if Path(path).name.startswith(("sec", "new"))
    ]
    assert tree(world.root) == before
    if "--script" in face:
        assert main([*words, "--trust"]) == 2
        assert "needs a terminal" in capsys.readouterr().err
    elif not line.startswith("load"):  # what it goes on with is another scenario's
        assert main([*words, "--trust"]) == 0, capsys.readouterr().err


def test_what_lies_below_needs_no_trust(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    script = world.ground / "demo.bps"
    lines = [
        "load chain-rule", "source sub/../mine.bps", "source around/mine.bps", "compare mine.json", "save sub/new.bps",
        "export network sub/n.svg", "load mine.toml", "load ./around/mine.toml", "load fan-out",
    ]  # fmt: skip
    script.write_text("\n".join(lines), encoding="utf-8")
    assert main(["replay", str(script)]) == 0, capsys.readouterr().err
    assert (world.ground / "sub" / "n.svg").is_file()
    assert (world.ground / "sub" / "new.bps").is_file()
    named_by_a_link = world.elsewhere / "here.bps"
    named_by_a_link.symlink_to(script)
    assert main(["replay", str(named_by_a_link)]) == 2, (
        "the folder is that of the name, as it is for relative names"
    )


def test_what_a_person_types_is_not_limited_and_a_script_that_is_sourced_is(world: World) -> None:
    session = Console(load("xor"))
    attach(session)
    for line in (
        "load ../groundless/secret.toml", "load chain-rule", "save ../groundless/new.bps",
        "export network ../groundless/x", "compare ../groundless/secret.json", "source ../groundless/secret.bps",
    ):  # fmt: skip
        session.execute(line)
    (world.outside / "evil.bps").write_text("save ../ground/x.bps --force\n", encoding="utf-8")
    with pytest.raises(CommandError, match="leads out of the script's folder"):
        session.execute("source ../groundless/evil.bps")
    assert not session.reach.is_limited
    assert not (world.ground / "x.bps").exists()
    session.execute("source ../groundless/evil.bps --trust")
    assert (world.ground / "x.bps").exists()
    (world.outside / "more.bps").write_text("source evil.bps --trust\n", encoding="utf-8")
    with pytest.raises(CommandError, match="--trust is for whoever sits at the prompt"):
        session.execute("source ../groundless/more.bps")


def test_a_link_beside_a_script_is_no_way_to_write_elsewhere(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    script = world.ground / "demo.bps"
    script.write_text("load xor\nuntil delta[h1]\nexpect step = 3\n", encoding="utf-8")
    (world.ground / "demo.bps.new").symlink_to(world.outside / "secret.bps")
    out = world.ground / "out"
    out.mkdir()
    (out / "01-until-delta-h1.svg").symlink_to(world.outside / "new.svg")
    before = tree(world.outside)
    assert main(["replay", "--update", str(script)]) == 2
    script.write_text("load xor\nuntil delta[h1]\n", encoding="utf-8")
    assert main(["slides", str(script), "--out", str(out)]) == 2
    assert capsys.readouterr().err.count("is a link that leads out of") == 2
    assert tree(world.outside) == before


def test_pytest_trusts_scripts_when_it_is_told_to(pytester: pytest.Pytester) -> None:
    pytester.mkdir("sub")
    (pytester.path / "sub" / "one.bps").write_text("load ../net.toml\n", encoding="utf-8")
    (pytester.path / "net.toml").write_text(SECRETS["secret.toml"], encoding="utf-8")
    words = ("-p", "no:asyncio", "-p", "no:hypothesispytest")
    pytester.runpytest_inprocess(*words).assert_outcomes(failed=1)
    pytester.runpytest_inprocess("--bpstep-trust", *words).assert_outcomes(passed=1)


# --- what else a script may not do in a person's name ------------------------------------------------------------


def test_what_a_script_answers_no_learner_has_answered(tmp_path: Path) -> None:
    session = Console(load("xor"))
    attach(session, Store(tmp_path / "progress.json"))
    script = parse_script("", "demo.bps", Reach.below(tmp_path))
    for line in ("exercise first-chain-rule", "reveal", "next"):
        with script.reading(session):
            session.execute(line)
    assert (
        not (tmp_path / "progress.json").exists() or "reveal" not in (tmp_path / "progress.json").read_text()
    )
    session.execute("exercise first-chain-rule")
    session.execute("reveal")
    assert "reveal" in (tmp_path / "progress.json").read_text(encoding="utf-8")


def test_what_is_forbidden_is_found_where_cells_are_not_known(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    script = world.ground / "demo.bps"
    for line in (
        "save ../groundless/new.bps",
        "compare ../groundless/secret.json",
        "source mine.bps --trust",
    ):
        script.write_text(f"load xor\nprint lr\nexercise first-chain-rule\nhint\n{line}\n", encoding="utf-8")
        assert main(["replay", str(script)]) == 2
        shown = capsys.readouterr()
        assert shown.err.startswith(f"{script}:5:")
        assert "lr = " not in shown.out


def test_scripts_that_source_each_other_come_to_an_end(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for depth in range(4):
        text = f"source s{depth + 1}.bps\n" * 12
        (world.ground / f"s{depth}.bps").write_text(
            f"load xor\n{text}" if depth == 0 else text, encoding="utf-8"
        )
    (world.ground / "s4.bps").write_text("step\n", encoding="utf-8")
    assert main(["replay", str(world.ground / "s0.bps")]) == 2
    assert "scripts source more than 1 000 scripts in all" in capsys.readouterr().err
    session = Console(load("xor"))
    with pytest.raises(CommandError, match="scripts in all"):
        session.execute(f"source {world.ground / 's1.bps'}")
    session.execute(f"source {world.ground / 's3.bps'}")
    assert session.position == 12


async def test_a_script_that_is_sourced_on_the_screen_takes_its_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes long is carried out in turns, inside a script, too; and what fails there is told in rows."""
    monkeypatch.delenv("BPSTEP_RAISE")
    (world.ground / "long.bps").write_text("exercise first-chain-rule\nstpe\n", encoding="utf-8")
    (world.ground / "train.bps").write_text("train 2000\n", encoding="utf-8")
    async with opened("xor", (80, 24)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        await say(pilot, "source ../ground/long.bps")
        while stepper.is_working:
            await pilot.pause()
        rows = text_of(pilot).splitlines()
        at = next(
            k for k, row in enumerate(rows) if "long.bps:2:1: unknown command" in " ".join(rows[k : k + 2])
        )
        assert [row.strip() for row in rows if row.strip() in ("stpe", "^")] == ["stpe", "^"], rows[at:]
        await say(pilot, "load xor")
        await say(pilot, "source ../ground/train.bps")
        while stepper.is_working:
            await pilot.pause()
        assert "train.bps: 1 command" in text_of(pilot)
        assert stepper.session.position == stepper.session.length


async def test_a_script_on_the_screen_is_limited_and_who_sits_there_is_not(world: World) -> None:
    async with opened("xor", (120, 40)) as pilot:
        stepper = pilot.app.screen
        assert isinstance(stepper, Stepper)
        script = world.script("step", "save ../groundless/new.bps", "set theme = light --keep", "step")
        stepper.player.play_script(script, 0.001)
        said = []
        for _ in range(3):
            stepper.player.go_on()
            await pilot.pause()
            said.append(text_of(pilot))
            stepper.went_wrong = False
        assert "leads out of the script's folder" in said[1]
        assert "--keep is for the screen and the prompt" in said[2]
        assert not (world.outside / "new.bps").exists()
        await pilot.press("space")
        await say(pilot, "save ../groundless/new.bps")
        assert (world.outside / "new.bps").exists()
