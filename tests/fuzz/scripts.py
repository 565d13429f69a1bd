"""Scripts: shipped ones and made-up ones, mangled, and replayed as `bpstep replay` does; or typed at the plain prompt.
And command lines, for which there is no family of their own."""

from __future__ import annotations

from functools import cache

from bpstep.scenario.catalogue import scenario_folder
from tests.fuzz.case import LEAK, Case
from tests.fuzz.grammar import a_line
from tests.fuzz.mangling import mangled
from tests.fuzz.program import a_command_line, run
from tests.fuzz.talking import opened, scenario_named
from tests.fuzz.worlds import LARGE, SMALL
from tests.helpers.watched import watched

__all__ = ["SIZE", "a_script", "play", "shipped_scripts"]

SIZE = 5


@cache
def shipped_scripts() -> tuple[str, ...]:
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
    """Five scripts, or other things that the program is called with."""
    for number in range(SIZE):
        what = case.chance.random()
        if what < 0.15:
            run(case, a_command_line(case.chance))
        elif what < 0.3:
            run(case, ["repl", case.chance.choice(SMALL)], a_script(case))
        else:
            _replayed(case, f"s{number}.bps")


def a_script(case: Case) -> str:
    """The text of a script, mostly with something wrong."""
    chance = case.chance
    text = chance.choice(shipped_scripts()) if chance.random() < 0.6 else _written(case)
    return mangled(text, chance, values=chance.random() < 0.3) if chance.random() < 0.9 else text


def _replayed(case: Case, name: str) -> None:
    chance, text = case.chance, a_script(case)
    path = case.folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    case.story.append(text)
    how = chance.choice(([], ["--keep-going"], ["--json"], ["--update"], ["--update", "--in-place"]))
    with watched() as seen:
        run(case, ["replay", name, *how])
    if astray := seen.outside(case.folder, case.folder.parent):
        case.found(LEAK, "file of a script", str(astray))


def _written(case: Case) -> str:
    """A script of commands that fit a scenario."""
    chance = case.chance
    name = chance.choice(SMALL)
    session = opened(case, scenario_named(name))
    lines = [f"load {name}", *(a_line(chance, session) for _ in range(chance.randint(1, 12)))]
    blocks = ["cmp chain golden", "-- golden --", "nothing"] if chance.random() < 0.2 else []
    return "\n".join(lines + blocks) + "\n"
