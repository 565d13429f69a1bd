"""Commands that fit a session, as a learner might give them: sentences with places that are filled in at random.

    set {cell} = {value}   →   set w[i1->h1] = 0.3

A place is a word of `_PLACES`; what is filled in may be a sentence with places again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.view_names import EXPORTED, SHOWN
from bpstep.engine.optimizers import OPTIMIZERS
from bpstep.engine.rules import RULES
from bpstep.engine.steps import OPS
from bpstep.engine.timeline import LEVELS
from tests.fuzz.mangling import mangled
from tests.fuzz.worlds import ACTIVATIONS, COSTS, NOTATIONS, SMALL, formula

__all__ = ["a_cell", "a_line", "filled"]

#: What the command table shows as examples, with other cells in it; and each command alone, with or without a cell.
_EXAMPLES = tuple(
    sentence
    for name, command in COMMANDS.items()
    if name not in ("quit", "train", "source", "load", "save", "export")
    for sentence in (re.sub(r"\b[a-z]+\[[^\]]*\]", "{cell}", command.example), name, f"{name} {{cell}}")
)
_SENTENCES: dict[str, tuple[int, tuple[str, ...]]] = {
    "move": (30, (
        "step {level} {count}", "back {level} {count}", "step", "back", "n", "rn", "goto {place}", "goto {place}",
        "until {target}", "until {target}", "continue", "rcontinue", "c", "rc",
    )),
    "set": (18, (
        "set {cell} = {value}", "set {cell} = {expression}", "set {cell} = {cell} * 2", "set lr = {value}",
        "set cost = {cost}", "set activation {layer} = {activation}", "set optimizer = {optimizer}",
        "set optimizer = momentum nesterov=true", "set rule = {rule}", "set rule = {rule}", "set mode = forward {cell}",
        "set mode = forward {cell}", "set mode = reverse", "set digits = {count}", "set notation = {notation}",
        "set glyphs = {glyphs}", "set theme = {theme}", "set layout = {layout}",
    )),
    "ask": (18, (
        "print {expression}", "why {cell}", "info {cell}", "paths {cell}", "paths {cell} {cell}", "by-hand {cell}",
        "check {cell}", "check", "diff {rule}", "diff off", "explain", "stops", "edits", "runs", "show {view}",
        "show {view}", "show {view}", "help", "help step", "why", "info", "paths", "by-hand",
    )),
    "stop": (10, (
        "break {cell}", "break {cell} if {condition}", "break {op}", "break {op} if {condition}", "break {phase}",
        "break {event}", "watch {expression}", "watch {cell}", "break local if value < 0.2", "break",
    )),
    "keep": (10, (
        "undo", "undo", "fork", "fork b", "switch b", "switch main", "train {few}", "train", "delete {few}", "restart",
    )),
    "hold": (6, (
        "expect {cell} = {value}", "expect {cell} ~ {value} rel=1%", "expect {condition}", "expect state {cell} final",
        "expect verdict correct", "expect diagnosis article", "! {sentence}", "! {sentence}", "! {sentence}",
        "! restart", "! load chain-rule", "! source some.bps", "! ! step",
    )),
    "study": (4, (
        "predict on", "predict off", "predict on", "answer {value}", "answer {expression}", "hint", "reveal", "answer",
        "play", "play 10",
    )),
    "any": (4, _EXAMPLES),
    "file": (2, (
        "save s.bps", "save s.bps --expect", "source some.bps", "source s.bps", 'save "a b.bps"', "load {scenario}",
        "export {export} view.txt", "export {export} view{ending} --force", "export step view.cast --force",
        "load iris", "load softmax seed=3", "cmp network x",
    )),
}  # fmt: skip

_WORDS: dict[str, Sequence[str]] = {
    "level": LEVELS,
    "cost": COSTS,
    "activation": ACTIVATIONS,
    "optimizer": list(OPTIMIZERS),
    "rule": list(RULES),
    "notation": NOTATIONS,
    "glyphs": ("full", "safe", "ascii"),
    "theme": ("dark", "light", "high-contrast", "mono", "ansi"),
    "layout": ("columns", "rows"),
    "view": SHOWN,
    "export": [kind for kind in EXPORTED if kind not in ("jsonl", "csv", "text")],
    "ending": (".svg", ".html", ".md", ".tex", ".txt --width 60", ".svg --theme mono --digits 6"),
    "op": OPS,
    "phase": ("forward", "backward", "update"),
    "event": ("rising", "not-finite", "dead", "vanished"),
    "comparison": ("<", ">", "<=", "=="),
    "value": ("0", "1", "-1", "0.3", "0.1", "2", "1e-3", "1e9", "1/0", "0/0", "-0.0", "-0.371", "0.8812"),
    "count": [str(n) for n in range(1, 14)],
    "few": ("1", "2", "3", "4"),
    "scenario": SMALL,
    "place": ("start", "end", "{step}", "{step}", "epoch {few}", "999999999"),
    "target": ("{cell}", "{cell}", "{phase}", "note", "{condition}"),
    "condition": ("{expression} {comparison} {value}",),
}

_Maker = Callable[[random.Random, Console], str]


def a_cell(chance: random.Random, session: Console) -> str:
    """A cell, most often one that there is."""
    name = chance.choice(session.scope.known_cells())
    if chance.random() < 0.6:
        return name
    template = chance.choice(("d({})", "m({})", "v({})", "dot({})", "lr", "loss", "cost", "step", "epoch"))
    return template.format(name)


def _expression(chance: random.Random, session: Console) -> str:
    return formula(chance, [a_cell(chance, session) for _ in range(3)], chance.choice((3, 5, 6)))


def _layer(chance: random.Random, session: Console) -> str:
    layers = getattr(session.scenario.problem, "layers", ())
    return chance.choice([layer.name for layer in layers] or ["hidden"])


def _sentence(chance: random.Random, session: Console) -> str:
    weights = [weight for weight, _ in _SENTENCES.values()]
    return chance.choice(chance.choices(list(_SENTENCES.values()), weights)[0][1])


def _setting(chance: random.Random, session: Console) -> str:
    return chance.choice(_SENTENCES["set"][1])


_PLACES: dict[str, _Maker] = {
    "setting": _setting,
    "cell": a_cell,
    "expression": _expression,
    "layer": _layer,
    "step": lambda chance, session: str(chance.randint(0, max(1, session.length))),
    "sentence": _sentence,
}


def filled(
    sentence: str, chance: random.Random, session: Console, more: Mapping[str, Sequence[str]] | None = None
) -> str:
    """A sentence with its places filled in; ``more`` are words for places of the caller's own."""
    words = _WORDS if more is None else {**_WORDS, **more}

    def fill(found: re.Match[str]) -> str:
        word = found[1]
        chosen = chance.choice(words[word]) if word in words else _PLACES[word](chance, session)
        return filled(chosen, chance, session, more)

    return re.sub(r"\{(\w+)\}", fill, sentence)


def a_line(chance: random.Random, session: Console) -> str:
    """A command; now and then a mangled one."""
    line = filled("{sentence}", chance, session)
    if chance.random() < 0.04:
        line = mangled(line, chance, values=False).replace("\n", " ").replace("\x00", "")
    return line if line.strip() else "step"
