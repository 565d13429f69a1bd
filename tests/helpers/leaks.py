"""Whether anything that can be asked for while a question is open tells its answer.

Every command of the table is tried with the cells that matter, every view is shown, exported and compared; all that
comes out, files and error messages included, is searched for numbers that lie ahead of the question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from bpstep.debugger.answers import Show
from bpstep.debugger.command import Command
from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, ExpectationError
from bpstep.debugger.view_names import EXPORTED, SHOWN
from bpstep.engine.run import Run
from bpstep.engine.steps import Step
from bpstep.view.say.answers import answer_lines
from bpstep.view.say.exports import attach

_NUMBER = re.compile(r"(?<![\w.])[-−+]?(\d+\.?\d*|\.\d+)(?:e([-−]?\d+))?(?!\w)")


class Numbers:
    """The numbers that lie ahead of a position of a run, and those that do not."""

    def __init__(self, run: Run, known: int, last: int | None = None) -> None:
        self.shown = {abs(x) for x in run.snapshot(0).parameters.tolist()}
        self.shown |= {abs(x) for array in run.given for x in array.ravel().tolist()}
        self.shown |= {abs(run.rate_at(0, 0)), 0.0, 1.0}
        for step in run.steps(1, known):
            self.shown |= _told_by(step)
        ahead = run.steps(known + 1, last if last is not None else run.length)
        self.ahead = {abs(step.value) for step in ahead if step.value == step.value}

    def told(self, text: str, *, digits: int) -> list[str]:
        """The numbers of so many digits or more in a text that are numbers which lie ahead."""
        return [
            found.group()
            for found in _NUMBER.finditer(text)
            if _digits(found) >= digits and self._is_ahead(found)
        ]

    def _is_ahead(self, found: re.Match[str]) -> bool:
        power = int((found[2] or "0").replace("−", "-"))
        value = float(found[1]) * 10.0**power
        half = 0.5000001 * 10.0 ** (power - len(found[1].partition(".")[2]))

        def near(numbers: set[float]) -> bool:
            return any(abs(value - number) <= half for number in numbers)

        return near(self.ahead) and not near(self.shown)


def _told_by(step: Step) -> set[float]:
    factors = [f.value for f in (*step.inputs, step.upstream, step.local) if f is not None]
    return {abs(x) for x in (step.value, step.was, step.product, *factors) if x is not None}


def _digits(found: re.Match[str]) -> int:
    return len(found[1].replace(".", "").lstrip("0"))


# --- what can be asked for ----------------------------------------------------------------------------

#: Views that are exported as they are shown.
_DRAWN = frozenset(SHOWN) - {"program", "check", "paths"}

#: What to try of a command, given the cells that matter, where it is not the usual.
_TRIED: dict[str, Callable[[str, str], list[str]]] = {
    "step": lambda c, w: ["step", "step layer", "step phase", "step epoch", "step op 999999"],
    "back": lambda c, w: ["back", "back neuron"],
    "goto": lambda c, w: ["goto end", "goto epoch 1"],
    "until": lambda c, w: [f"until {c}", "until end", "until update", "until note", f"until {w} > -99 and step > 3"],
    "continue": lambda c, w: ["continue"],
    "rcontinue": lambda c, w: ["rcontinue"],
    "break": lambda c, w: [f"break {c}", "break contribute if value > 0", "break rising"],
    "watch": lambda c, w: [f"watch {c}"],
    "stops": lambda c, w: ["stops"],
    "delete": lambda c, w: ["delete 1"],
    "why": lambda c, w: [f"why {c}", f"why {w}", "why"],
    "info": lambda c, w: [f"info {c}", f"info {w}", "info"],
    "paths": lambda c, w: [f"paths {w}", f"paths {c}", *(f"paths {w} {x}" for x in (c,))],
    "notation": lambda c, w: ["notation", "notation compare ng"],
    "fold": lambda c, w: ["fold", "fold", f"paths {w}", "fold all"],
    "unfold": lambda c, w: ["unfold", "unfold all"],
    "by-hand": lambda c, w: [f"by-hand {w}"],
    "check": lambda c, w: ["check", f"check {w}"],
    "compare": lambda c, w: ["compare NUMBERS.json"],
    "diff": lambda c, w: ["diff overwrite", "diff no-derivative", "diff correct", "diff off"],
    "print": lambda c, w: [f"print {c}", f"print {c}+0", f"print 2*{c}", f"print d({w})", f"print {w}", "print cost",
                           "print loss", "print value", f"print abs({c})"],
    "show": lambda c, w: [f"show {name}" for name in SHOWN],
    "explain": lambda c, w: ["explain"],
    "set": lambda c, w: [f"set {w} = {c}", f"set lr = abs({c})", f"set mode = forward {w}", "set rule = correct",
                         "set digits = 12", "set notation = nielsen", "set notation = bpstep"],
    "undo": lambda c, w: ["undo"],
    "edits": lambda c, w: ["edits"],
    "train": lambda c, w: ["train 1"],
    "fork": lambda c, w: ["fork other"],
    "switch": lambda c, w: ["switch other", "switch main"],
    "runs": lambda c, w: ["runs"],
    "predict": lambda c, w: ["predict on", "predict off"],
    "exercise": lambda c, w: [],  # another question
    "exercises": lambda c, w: ["exercises"],
    "answer": lambda c, w: [f"answer {c}", f"answer 2*{c}", "answer 123456"],
    "hint": lambda c, w: [],  # it gives numbers away, step by step, and says so
    "reveal": lambda c, w: [],
    "derive": lambda c, w: [f"derive {w}", "derive end", "derive off"],
    "=": lambda c, w: [f"= {c}", f"= 2*{c}"],
    "play": lambda c, w: ["play"],
    "expect": lambda c, w: [f"expect {c} = 123456", f"expect {c} ~ 123456", f"expect {c} < -99999",
                            f"expect {c} == {c}", f"expect state {c} final", "expect verdict correct"],
    "!": lambda c, w: [f"! expect {c} = 5", f"! until {c}", "! goto end", f"! print {c}"],
    "cmp": lambda c, w: [f"cmp {name} nothing" for name in ("nodes", "program")],
    "load": lambda c, w: [],  # leaves the question
    "save": lambda c, w: ["save OUT", "save OUT --expect"],
    "export": lambda c, w: [f"export {kind} OUT" for kind in EXPORTED if kind not in _DRAWN],
    "source": lambda c, w: ["source SCRIPT"],
    "restart": lambda c, w: ["restart"],
    "help": lambda c, w: ["help", "help print"],
    "quit": lambda c, w: ["quit"],
}  # fmt: skip


def _usual(row: Command) -> Callable[[str, str], list[str]]:
    """A command that nothing is said of in particular: alone, as in its example, of either cell and of both."""
    return lambda c, w: [
        row.name,
        row.example,
        *(f"{row.name} {words}" for words in (c, w, f"{w} {c}", f"2*{c}")),
    ]


#: For every command of the table, what to try.
TRIED = {name: _TRIED.get(name) or _usual(row) for name, row in COMMANDS.items()}


def everything(session: Console, cell: str, parameter: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Every command, and all that it tells: (the line, the text)."""
    attach(session)
    session.folder = folder
    session.blocks = {"nothing": "nothing"}
    (folder / "NUMBERS.json").write_text(json.dumps({cell: 123456.0, parameter: 0.5}), "utf-8")
    (folder / "SCRIPT").write_text(f"print {cell}\ngoto end\nprint {cell}\n", "utf-8")
    for make in TRIED.values():
        for line in make(cell, parameter):
            yield line, told_by(session, line)


def told_by(session: Console, line: str) -> str:
    """All that a command tells: its answer, what is wrong with it, the file that it writes."""
    out = session.folder / "OUT"
    out.unlink(missing_ok=True)
    try:
        answer = session.execute(line)
    except ExpectationError as error:
        texts = [error.message, *error.details]
    except CommandError as error:
        texts = [error.message]
    else:
        texts = [text for text, _ in answer_lines(session, answer, 100)]
        if isinstance(answer, Show) and session.render is not None:
            texts.append(session.render(answer.view))
    if out.exists():
        texts.append(out.read_text("utf-8"))
    return "\n".join(texts)
