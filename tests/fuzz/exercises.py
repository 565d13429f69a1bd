"""Exercise files: shipped ones, mangled, and about any scenario; begun, asked for hints, answered and revealed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bpstep.debugger.console import Console
from bpstep.exercises.kinds import KINDS
from bpstep.exercises.loading import exercise_folder, load_path
from bpstep.exercises.tutor import ExerciseTutor
from tests.fuzz.case import Case
from tests.fuzz.mangling import mangled
from tests.fuzz.program import run
from tests.fuzz.talking import attached, say, scenario_named
from tests.fuzz.worlds import SMALL, made_up

__all__ = ["SIZE", "file_texts", "play"]

SIZE = 5
_ASKED = (
    "delta[h1]", "d(y[h1])", "y[o1]", "cost", "loss", "d(w[h1->o1])", "w[h1->o1]", "m(x)", "d(x)", "lr", "step",
    "t[o1]", "x",
)  # fmt: skip
_MORE = (
    [], [], ['at = "end"'], ['at = "update"'], ['wrong = ["article", "overwrite"]'], ["loss_below = 1", "updates = 9"],
    ["tolerance = { abs = 0.01 }"],
)  # fmt: skip
#: What a beginner tries.
_TRIED = (
    "hint", "hint", "hint", "hint", "answer 0.5", "answer right", "answer 1 2 3", "show step", "reveal", "reveal",
)  # fmt: skip
_RANGES = ((0, 1, 0.1), (-1, 1, 0.5), (-1e308, 1e308, 1e307), (0, 1e-300, 1e-301), (0, 1e9, 1e-9))
_KINDS = tuple(KINDS)


@cache
def file_texts() -> dict[str, str]:
    """The shipped exercises: file names and texts."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(exercise_folder().glob("*.toml"))}


def play(case: Case) -> None:
    """Five files, each in a folder of its own."""
    for number in range(SIZE):
        folder = case.folder / str(number)
        folder.mkdir()
        _one(case, folder)


def _text(case: Case) -> str:
    chance = case.chance
    if chance.random() < 0.6:
        return mangled(chance.choice(list(file_texts().values())), chance)
    scenario = "scenario/made-up.toml" if chance.random() < 0.4 else chance.choice(SMALL)
    lines = ["format = 1", 'id = "fuzz"', 'title = "t"', f'scenario = "{scenario}"']
    if chance.random() < 0.4:
        low, high, step = chance.choice(_RANGES)
        lines += ["[vary]", f'"{chance.choice(_ASKED)}" = {{ low = {low}, high = {high}, step = {step} }}']
    for _ in range(chance.randint(1, 3)):
        asked = [f'"{chance.choice(_ASKED)}"' for _ in range(chance.choice((1, 1, 3)))]
        lines += [
            "[[item]]",
            f'kind = "{chance.choice(_KINDS)}"',
            f"ask = [{', '.join(asked)}]",
            *chance.choice(_MORE),
        ]
    text = "\n".join(lines) + "\n"
    return mangled(text, chance) if chance.random() < 0.3 else text


def _one(case: Case, folder: Path) -> None:
    chance, text = case.chance, _text(case)
    (folder / "01.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    scenario = folder / "scenario"
    scenario.mkdir()
    (scenario / "made-up.toml").write_text(made_up(chance), encoding="utf-8")
    with case.input(text):
        exercises, problems = load_path(folder)
        case.hold_safe("message of an exercise file", "\n".join(map(str, problems)))
        found = [exercise for exercise in exercises if exercise.file == "01.toml"]
    if found:
        _learn(case, folder, found[0].id)
    if chance.random() < 0.25:
        _prove(case, folder)


def _learn(case: Case, folder: Path, name: str) -> None:
    """Begin it, and go through it as somebody who does not know much."""
    session = attached(case, Console(scenario_named("xor")))
    session.tutor = ExerciseTutor(session, folder=folder)
    say(case, session, f"exercise {name} seed={case.chance.randint(0, 3)}")
    for line in _TRIED:
        say(case, session, line)


def _prove(case: Case, folder: Path) -> None:
    """`bpstep exercises check`."""
    run(case, ["exercises", "check", "--path", str(folder)])
