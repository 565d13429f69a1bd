"""Scripts: shipped ones and saved sessions, mangled, and replayed as `bpstep replay` does."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from functools import cache

from bpstep.cli import main
from bpstep.replay import replay_script
from bpstep.scenario.catalogue import scenario_folder
from tests.fuzz.case import FALSE, Case
from tests.fuzz.grammar import a_line
from tests.fuzz.mangling import mangled
from tests.fuzz.talking import opened, scenario_named
from tests.fuzz.worlds import LARGE, SMALL

__all__ = ["SIZE", "play"]

SIZE = 5


@cache
def _shipped() -> tuple[str, ...]:
    """The shipped scripts, without what takes long: to train for 20,000 epochs is a fine wish."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(scenario_folder().glob("*.bps"))]
    kept = [
        "\n".join(line for line in text.split("\n") if not _is_long(line))
        for text in texts
        if LARGE not in text
    ]
    return tuple(kept)


def _is_long(line: str) -> bool:
    words = line.split()
    return len(words) > 1 and words[0] == "train" and words[1].isdecimal() and int(words[1]) > 100


def play(case: Case) -> None:
    """Five scripts."""
    for number in range(SIZE):
        _one(case, f"s{number}.bps")


def _one(case: Case, name: str) -> None:
    chance = case.chance
    text = chance.choice(_shipped()) if chance.random() < 0.6 else _written(case)
    if chance.random() < 0.9:
        text = mangled(text, chance, values=chance.random() < 0.3)
    path = case.folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    out, err = io.StringIO(), io.StringIO()
    with case.input(text), redirect_stdout(out), redirect_stderr(err):
        if chance.random() < 0.7:
            _, failures = replay_script(path, name, keep_going=chance.random() < 0.5, aloud=True)
            case.hold_safe("failure of a script", "\n".join(map(str, failures)))
        else:
            more = chance.choice(([], ["--keep-going"], ["--json"], ["--update"]))
            code = main(["replay", str(path), *more])
            if code not in (0, 1, 2, 3):
                case.found(FALSE, "exit code of bpstep replay", str(code))
    case.hold_safe("output of a script", out.getvalue().replace("\t", ""))
    case.hold_safe("errors of a script", err.getvalue())


def _written(case: Case) -> str:
    """A script of commands that fit a scenario."""
    chance = case.chance
    name = chance.choice(SMALL)
    session = opened(case, scenario_named(name))
    lines = [f"load {name}", *(a_line(chance, session) for _ in range(chance.randint(1, 12)))]
    blocks = ["cmp chain golden", "-- golden --", "nothing"] if chance.random() < 0.2 else []
    return "\n".join(lines + blocks) + "\n"
