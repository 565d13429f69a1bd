"""Whatever was typed, in any scenario and in both modes: no command fails otherwise than with its line, and the log of
a session leads to the same place again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from bpstep.debugger.answers import Reads
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.debugger.script import parse_script
from bpstep.debugger.script_check import faults_of
from bpstep.debugger.session_log import session_log
from bpstep.engine.blocks import PHASES
from bpstep.engine.steps import OPS
from bpstep.reach import ANYWHERE
from bpstep.replay import new_session
from bpstep.view.say.views import view
from tests.helpers.array_programs import ARRAYS
from tests.helpers.commands import (
    GENERATORS,
    SMALL,
    Lines,
    carried_out,
    looked_at,
    opened,
    played,
    smallest,
    state_of,
)
from tests.helpers.shipped import WALKED

#: So many commands a session, and in a net of real size; a session for each scenario and each mode.
COUNT, COUNT_AT_REAL_SIZE = 14, 6
REAL_SIZE = set(WALKED) - set(SMALL)


def test_every_command_is_drawn() -> None:
    assert set(GENERATORS) == set(COMMANDS)


def begun(scenario: str, chance: random.Random, mode: str, folder: Path) -> tuple[Console, Lines, list[str]]:
    """A session in a mode, and the line that led there."""
    session = opened(scenario, folder)
    lines = Lines(chance, session)
    first = "goto start" if mode == "reverse" else f"set mode = forward {lines.seed()}"
    carried_out(session, first)
    return session, lines, [first]


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("scenario", WALKED)
def test_a_session(scenario: str, mode: str, tmp_path: Path) -> None:
    """Random commands, each with what comes of it laid out as text; then the log, twice."""
    session, lines, typed = begun(scenario, random.Random(f"{scenario} {mode}"), mode, tmp_path)
    for _ in range(COUNT_AT_REAL_SIZE if scenario in REAL_SIZE else COUNT):
        typed.append(lines.draw())
        carried_out(session, typed[-1])
    looked_at(session)
    assert_replays(session, scenario, typed, tmp_path)


@pytest.mark.parametrize("mode", ["reverse", "forward"])
@pytest.mark.parametrize("name", ARRAYS)
def test_a_session_over_arrays(name: str, mode: str, tmp_path: Path) -> None:
    scenario = tmp_path / f"{name}.toml"
    scenario.write_text(ARRAYS[name], encoding="utf-8")
    test_a_session(str(scenario), mode, tmp_path)


def assert_replays(session: Console, scenario: str, typed: Sequence[str], folder: Path) -> None:
    """The log leads to the same state, after `restart` and as a script."""
    differs = difference(session, folder)
    if differs:
        few = smallest(
            typed[1:], lambda some: difference(played(scenario, [typed[0], *some], folder), folder) != ""
        )
        raise AssertionError("\n".join([differs, f"after: load {scenario}", typed[0], *few]))


def difference(session: Console, folder: Path) -> str:
    """In what a session differs from what its log leads to; "" where it does not."""
    there, log = state_of(session), list(session.log)
    # Trusted, as `save` says it has to be where the scenario lies outside the folder.
    trusted = ANYWHERE.of_script(folder / "saved.bps", trusted=True)
    script = parse_script(session_log(session, folder), "saved.bps", trusted)
    session.execute("restart")
    for entry in log:
        line = f"{entry.command} {entry.path}" if isinstance(entry, Reads) else entry
        try:
            session.execute(line)
        except CommandError as error:
            return f"restart, {line}: {error}"
    found = different("restart", there, state_of(session))
    failures = faults_of(script)
    if not failures and not found:
        replayed = new_session(script)
        failures = list(script.run(replayed))
        found = different("script", there, state_of(replayed))
    return found or "\n".join(map(str, failures))


def different(what: str, one: dict[str, object], other: dict[str, object]) -> str:
    """Where two states differ."""
    return "".join(
        f"{what}: {key}: {one[key]!r} is now {other[key]!r}\n"[:400] for key in one if one[key] != other[key]
    )


@pytest.mark.parametrize(
    "line",
    [
        "load chain-rule", "train 3", "restart", "fork b", "set lr = 2", "predict on", "break cost", "diff article",
        "exercise output-delta", "source some.bps", "source more.bps", "set digits = 9", "goto 9", "fold all",
        "save x.bps",
    ],
)  # fmt: skip
def test_what_is_tried_behind_an_exclamation_mark_is_undone_whole(line: str, tmp_path: Path) -> None:
    session = played(
        "mazur-2-2-2", ["goto 30", "set lr = 0.4", "watch cost", "step 3", "set notation = ng"], tmp_path
    )
    before, log = state_of(session), list(session.log)
    with pytest.raises(CommandError, match="was expected to fail"):
        session.execute(f"! {line}")
    assert state_of(session) == before
    assert session.log == log
    view(session, "weights", 80)
    assert difference(session, tmp_path) == ""


def test_what_is_suggested_is_there(tmp_path: Path) -> None:
    for scenario in SMALL:
        for wrt in ("", Lines(random.Random(1), opened(scenario, tmp_path)).seed()):
            session = opened(scenario, tmp_path, wrt=wrt)
            for name in session.scope.known_cells():
                assert parse(session.scope, name).cell is not None


def test_the_log_begins_with_the_options_of_the_session(tmp_path: Path) -> None:
    session = played("mazur-2-2-2", ["set digits = 7", "set theme = light", "load xor", "step 5"], tmp_path)
    assert session_log(session, tmp_path) == "load xor digits=7 theme=light\nstep 5\n"
    assert difference(session, tmp_path) == ""
    with pytest.raises(CommandError, match="nothing to take back"):
        session.execute("undo")


@pytest.mark.parametrize(
    "late", ["mode = forward {seed}", "optimizer = adam", "rule = article", "notation = ng"]
)
def test_what_a_session_takes_its_script_takes(late: str, tmp_path: Path) -> None:
    """A change that acts from the next batch on makes a run of two structures: what stands in a line may be in the one,
    and what it waits for in the other."""
    chance = random.Random(late)
    for scenario in chance.sample(SMALL, 3):
        session = opened(scenario, tmp_path)
        lines = Lines(chance, session)
        typed = ["step 2", f"set {late.format(seed=lines.seed())}"]
        for where in ("", "goto end", "back op 3", "goto start"):
            typed += [where] if where else []
            for stop in (*OPS, *PHASES, lines.cell()):
                typed += [
                    f"break {stop} if {lines.cell()} > 0 or {lines.cell()} < 1",
                    f"watch {lines.cell()}",
                ]
            typed += [f"until {lines.cell()}", f"expect {lines.cell()} < 1", f"! print {lines.cell()}"]
        for line in typed:
            carried_out(session, line)
        assert_replays(session, scenario, ["goto start", *typed], tmp_path)


@pytest.mark.parametrize("most", [1, 2, 16])
def test_what_was_taken_back_may_be_read_whatever_is_remembered(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many structures came meanwhile, the script that is saved is not refused before it runs."""
    monkeypatch.setattr("bpstep.debugger.script_check._MOST", most)
    changes = [
        "cost = squared-error",
        "notation = ng",
        "activation hidden = tanh",
        "mode = forward w[x1->h1]",
    ]
    typed = ["set optimizer = adam", *(f"set {change}" for change in changes), *["undo"] * len(changes)]
    typed += ["watch m(w[x1->h1]) - delta[h1]", "until d(w[x1->h1])"]
    session = played("xor", typed, tmp_path)
    assert session.log[-2:] == typed[-2:]
    assert difference(session, tmp_path) == ""
