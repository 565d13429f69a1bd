"""What is handed out: worksheets, pages, slides, recordings and pictures of files that are mangled; what lint says of
them; and the help and the completion of a shell.

What is written holds: it is of its format, nothing that an author wrote has become markup in it, and nothing is written
where the program says that it could not.  What lint passes opens, and what it refuses does not.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.topics import TOPICS
from bpstep.debugger.view_names import EXPORTED, OTHERS, PICTURE
from bpstep.scenario.loader import load
from bpstep.scenario.problems import ScenarioError
from tests.fuzz.case import FALSE, LEAK, Case
from tests.fuzz.exercises import file_texts
from tests.fuzz.mangling import NASTY_WORDS, mangled
from tests.fuzz.program import run
from tests.fuzz.scripts import a_script, shipped_scripts
from tests.fuzz.worlds import SMALL, made_up, shipped
from tests.helpers.watched import watched

__all__ = ["SIZE", "play"]

SIZE = 5
#: What an author may call a scenario, in the hope that somebody's browser or TeX obeys.
_TITLE = r"<script>alert(1)</script>\\input{x}"
_BLANKS = ("*", "delta[*]", "d(w[*])", "w[*]", "d(*)", "y[*], e[*]", "cost", "nothing", "d(", "*, *")
_LOOKS = (
    [], [], ["--width", "60"], ["--width", "400"], ["--theme", "light"], ["--notation", "nielsen"], ["--digits", "2"],
    ["--theme", "mono", "--notation", "autodiff"], ["--width", "1"], ["--digits", "²"],
)  # fmt: skip
_SHEETS, _OTHERS = (".md", ".tex", ".html"), ("", ".docx", ".PDF", ".svg", ".txt.")


#: A page holds what it shows in characters that nobody writes, which stand for what came before.
_PACKED = re.compile("[\ue000-\uf8ff]")


def play(case: Case) -> None:
    """Five of them."""
    for number in range(SIZE):
        case.chance.choice((_of_a_scenario, _of_a_scenario, _of_a_script, _of_an_exercise, _of_nothing))(
            case, number
        )


# --- the files ----------------------------------------------------------------------------------------


def _of_a_scenario(case: Case, number: int) -> None:
    chance = case.chance
    text = made_up(chance) if chance.random() < 0.5 else shipped(chance.choice(SMALL))
    text = mangled(text, chance) if chance.random() < 0.4 else text
    text = (
        re.sub(r"(?m)^title = .*$", lambda _: f'title = "{_TITLE}"', text) if chance.random() < 0.5 else text
    )
    name = _written(case, f"s{number}.toml", text)
    what = chance.random()
    if what < 0.4:
        _make(case, ["worksheet", name, *_of_a_sheet(case)], f"o{number}{chance.choice(_SHEETS)}", "--out")
    elif what < 0.85:
        kind = "html" if chance.random() < 0.2 else chance.choice(EXPORTED)
        ending = _ending(case, kind)
        steps = chance.choice(([], [], ["--at", str(chance.randint(0, 60))], ["--at", "end"]))
        _make(
            case,
            ["export", kind, name, *steps, *chance.choice(_LOOKS)],
            f"o{number}{ending}",
            "-o",
        )
    else:
        code, _ = run(case, ["lint", name, *chance.choice(([], ["--json"]))])
        with case.input(f"load {name}"):
            try:
                load(name)
            except ScenarioError as error:
                if code == 0:
                    case.found(FALSE, "lint passes a scenario that does not open", str(error))
            else:
                if code:
                    case.found(FALSE, "lint refuses a scenario that opens", text)


def _of_a_script(case: Case, number: int) -> None:
    is_right = case.chance.random() < 0.6
    text = case.chance.choice(shipped_scripts()) if is_right else a_script(case)
    name = _written(case, f"s{number}.bps", text)
    chance, out = case.chance, f"o{number}"
    what = chance.random()
    if what < 0.3:
        _make(case, ["slides", name, *chance.choice(_LOOKS)], out, "--out")
    elif what < 0.6:
        _make(case, ["record", name, *chance.choice(_LOOKS[:8])], f"{out}.cast", "-o")
    elif what < 0.8:
        kind = chance.choice(("html", *EXPORTED))
        ending = _ending(case, kind)
        _make(case, ["export", kind, name, *chance.choice(_LOOKS)], f"{out}{ending}", "-o")
    else:
        linted, _ = run(case, ["lint", name])
        replayed, _ = run(case, ["replay", name])
        if linted and not replayed:
            case.found(FALSE, "lint refuses a script that holds", f"lint {linted}, replay {replayed}")


def _of_an_exercise(case: Case, number: int) -> None:
    chance = case.chance
    text = chance.choice(list(file_texts().values()))
    name = _written(case, f"e{number}.toml", mangled(text, chance) if chance.random() < 0.4 else text)
    if chance.random() < 0.3:
        run(case, ["lint", name])
    else:
        _make(case, ["worksheet", name, *_of_a_sheet(case)], f"o{number}{chance.choice(_SHEETS)}", "--out")


def _of_nothing(case: Case, number: int) -> None:
    """The help, and the completion of a shell, for words of any sort."""
    chance = case.chance
    word = chance.choice((*TOPICS, *COMMANDS, *NASTY_WORDS))
    word = mangled(word, chance, values=False) if word and chance.random() < 0.4 else word
    shell = chance.choice(("bash", "zsh", "tcsh", "fish", word))
    words = ["completion", shell] if chance.random() < 0.2 else ["help", *word.split()]
    run(case, [word.replace("\x00", "") for word in words])


def _written(case: Case, name: str, text: str) -> str:
    (case.folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    case.story.append(text)
    return name


def _ending(case: Case, kind: str) -> str:
    """The ending of a name to export to: mostly one that there is."""
    endings = OTHERS.get(kind, PICTURE).endings if case.chance.random() < 0.9 else _OTHERS
    return case.chance.choice(endings)


def _of_a_sheet(case: Case) -> list[str]:
    """How a worksheet is asked for."""
    chance = case.chance
    return [
        *(["--blank", chance.choice(_BLANKS)] if chance.random() < 0.2 else []),
        *chance.choice(([], ["--variants", "2"], ["--variants", "2"], ["--variants", "3", "--fade"])),
        *chance.choice(([], ["--seed", str(chance.randint(0, 99))], ["--sample", "2"])),
    ]


# --- what is made of them -----------------------------------------------------------------------------


def _make(case: Case, words: list[str], out: str, option: str) -> None:
    """Have something written, and look at it."""
    with watched() as seen:
        code, _ = run(case, [*words, option, out])
    astray = seen.outside(case.folder, case.folder.parent)
    if astray := [path for path in astray if "/state" not in path]:
        case.found(LEAK, f"file of {words[0]}", str(astray))
    path = case.folder / out
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    if code and files:
        case.found(FALSE, f"{words[0]} fails and writes", f"{code}: {files}")
    with case.input(f"read {out}", 0):
        for file in files:
            _hold(case, words[0], file)


def _hold(case: Case, command: str, file: Path) -> None:
    """What was written is what its ending says, and no text of an author's is markup in it."""
    text, ending = file.read_text(encoding="utf-8"), file.suffix
    try:
        if ending == ".svg":
            ElementTree.fromstring(text)
        elif ending in (".cast", ".jsonl"):
            [json.loads(line) for line in text.splitlines()]
    except (ValueError, SyntaxError) as error:  # the latter is that of the parser of XML
        case.found(FALSE, f"{command} {ending}", str(error))
    if ending in (".html", ".svg") and "<script>alert" in text:
        case.found(LEAK, f"markup of an author's in {command} {ending}", text)
    if ending == ".tex" and any(r"\input" in line for line in text.splitlines() if not line.startswith("%")):
        case.found(LEAK, f"markup of an author's in {command} {ending}", text)
    if ending != ".cast":
        case.hold_safe(f"what {command} writes", _PACKED.sub("", text.replace("\t", "")))
