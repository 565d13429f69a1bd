"""What a learner saves can be replayed from where it lies, as the line says that tells of it."""

from __future__ import annotations

import itertools
import os
import shlex
from pathlib import Path

import pytest

from bpstep.cli import main
from bpstep.debugger.answers import Said
from bpstep.debugger.console import Console
from bpstep.scenario.loader import load

NET = """\
format = 1
title = "t"
{samples}
[network]
inputs = ["x"]
cost = "half-squared-error"
[[network.layer]]
neurons = ["o"]
activation = "sigmoid"
weights = [[1]]
"""
INLINE = "[[sample]]\ninput = [1]\ntarget = [0]\n"
PLACES = ("", "in", "out")


def seen_from(folder: str, *path: str) -> str:
    return Path(os.path.relpath(Path(*path), folder or ".")).as_posix()


@pytest.mark.parametrize("script", ["mine.bps", "in/mine.bps", "in/sub/mine.bps"])
def test_a_saved_session_is_replayed_wherever_what_it_reads_lies(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scenario, the samples that it names, the numbers that were compared: the line that is told works, and it says
    to trust the script just where it does not work without."""
    monkeypatch.chdir(tmp_path)
    Path("in/sub").mkdir(parents=True)
    Path("out").mkdir()
    for place in PLACES:
        Path(place, "data.csv").write_text("x,o\n0,1\n1,0\n", "utf-8")
        Path(place, "numbers.json").write_text('{"y[o]": 0.5}', "utf-8")
    found = set()
    for scenario, samples, numbers in itertools.product(PLACES[:2], (None, *PLACES), (None, *PLACES[1:])):
        named = "" if samples is None else f'samples = "{seen_from(scenario, samples, "data.csv")}"'
        text = NET.format(samples=named) + (INLINE if samples is None else "")
        Path(scenario, "net.toml").write_text(text, "utf-8")
        session = Console(load(f"./{scenario}/net.toml"))
        if numbers is not None:
            session.execute(f"compare {seen_from('', numbers, 'numbers.json')}")
        answer = session.execute(f"save {script} --force")
        assert isinstance(answer, Said)
        _, *words = shlex.split(answer.text.partition("replay it with: ")[2])
        assert main(words) == 0, (scenario, samples, numbers, capsys.readouterr().err)
        trusted = "--trust" in words
        assert main(words[:2]) == (2 if trusted else 0), (scenario, samples, numbers)
        found.add(trusted)
    assert found == {"mine.bps": {False}, "in/mine.bps": {False, True}, "in/sub/mine.bps": {True}}[script]
