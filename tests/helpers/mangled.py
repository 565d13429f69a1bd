"""Command lines that are nearly right: what anybody may type, or paste, at a prompt.

    line = mangled_line(random.Random(7), ["print delta[h1]", ...])

A line is taken from the ones that make sense and cut, doubled, turned round, filled with what a parser stumbles over.
`what_is_wrong` tells whether what came of a line is as promised: an answer, or one clear line with its place.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError, pointed_at
from bpstep.debugger.language import parse_line
from bpstep.view.say.plain import plain_lines

__all__ = ["EXPRESSIONS", "LINES", "mangled_line", "what_is_wrong"]

#: What may stand where an expression belongs.
EXPRESSIONS = (
    "delta[h1]", "w[i1->h1] * d(e[h1])", "-y[h1]^2", "sin(e[h1]) + max(1, 2)", "d(w[i1->h1])", "∂E/∂w(i1→h1)",
    "δ(o1) · w(h1→o1)", "f′(h1)", "3y[h1]² − ½", "s(e[h1])", "e^y[h1]", "loss", "step", "local[h1]", "dot(y[h1])",
    "[e[h1] > 0]", "1", "pi", "d(y[h1], e[h1])", "(1 + 2) * (3 - 4)", "m(w[i1->h1])", "t[o1]", "value - was",
)  # fmt: skip

#: Lines that mean something, with a place for an expression.
_WRITTEN = (
    "print {}", "until {} > 0.1", "until {}", "break {}", "break local if {} < 0.2", "watch {}", "expect {} = 0.5",
    "expect {} ~ 1 rel=5% abs=0.1", "expect {} < 1 and not {} == 2", "expect state {} final", "set {} = 0.5",
    "set lr = {}", "why {}", "info {}", "paths {}", "paths {} {}", "by-hand {}", "check {}", "answer {}", "! print {}",
    "! ! expect {} > 1", "step layer 2", "step neuron", "back 3", "n 2", "rs", "goto 34", "goto epoch 1", "goto end",
    "until backward", "delete 1", "stops", "continue", "rcontinue", "show network", "show legend", "cmp nodes golden",
    "set digits = 6", "set notation = nielsen", "set optimizer = momentum momentum=0.5", "set activation hidden = relu",
    "set cost = cross-entropy", "set rule = article", "set mode = forward {}", "undo", "edits", "fork a", "switch main",
    "compare mine.json", "break wrong",
    "runs", "diff article", "predict on", "predict off", "exercise first-chain-rule seed=3", "exercises", "hint",
    "reveal", "play 5",
    'save "a b.bps" --expect', "export chain out.txt", 'source "no such.bps"', 'load "sp ace/x.toml" seed=3',
    "load xor", "restart", "help until", "explain", "quit", "notation nielsen", "fold h1", "fold", "unfold all",
    "derive {}", "= {}", "derive end",
)  # fmt: skip

#: Training may take its time.
_SLOW = ("train",)

#: The same, and the example of every command that has no line here.
LINES = (
    *_WRITTEN,
    *(
        row.example.replace("{", "{{").replace("}", "}}")
        for row in COMMANDS.values()
        if row.name not in {*_SLOW, *(line.split()[0] for line in _WRITTEN)}
    ),
)

_PIECES = (
    "(", ")", "[", "]", "<", ">", "=", "==", "!=", "~", "->", "→", ",", "#", " # ", '"', "'", "²", "½", "−", "·", "×",
    "∂", "′", "\x1b[2J", "\u202e", "\u2028", "\x00", "\x85", "\ud800", "漢", "💥", "é", "1e999", "1e-99999", "nan",
    "-1", "0", "99999999999999999999", "٣", "1_0", "0x1", "if", "and", "or", "not", "rel=", "rel=10", "abs=-1", "%",
    "seed=²", "=3", "= = 3", "h1", "nobody", "d(", "dot(", "e", "e^", "--expect", "!", "!" * 9, "\t", "  ",
    "..", "/", "\\",
)  # fmt: skip
_MANY = (
    "(",
    "-",
    "not ",
    "sin(",
    "2^",
    "1+",
    "d(",
    "[",
    "x",
    "9",
    "∂E/",
    "! ",
    " a",
    '"a" ',
    "=",
    "~ ",
    "w[",
    "-> ",
)
#: An answer or an error takes no more seconds of computing than this: nothing that is typed is waited for.
_SOON = 2.0
_LONGEST_MESSAGE = 600


def mangled_line(chance: random.Random, lines: Sequence[str] = LINES) -> str:
    """A line, mostly with something wrong in it."""
    expression = chance.choice(EXPRESSIONS)
    if chance.random() < 0.3:
        expression = _mangled(chance, expression)
    if chance.random() < 0.05:
        expression = chance.choice(_MANY) * chance.choice((60, 101, 1_000, 9_000)) + expression
    line = chance.choice(lines).replace("{}", expression)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        line = _mangled(chance, line)
    return line


def _mangled(chance: random.Random, text: str) -> str:
    """A text with one thing done to it."""
    at, until = sorted((chance.randint(0, len(text)), chance.randint(0, len(text))))
    return chance.choice((
        text[:at] + chance.choice(_PIECES) + text[at:],
        text[:at] + chance.choice(_PIECES) + text[until:],
        text[:at] + text[until:],
        text[:at] + text[at:until] * 2 + text[until:],
        text[:at] + text[at:until][::-1] + text[until:],
        f"{text} {chance.choice(_PIECES)}",
        f"{chance.choice(sorted(COMMANDS))} {text}",
        text.swapcase(),
        text.replace(" ", ""),
    ))  # fmt: skip


def what_is_wrong(session: Console, line: str) -> str:
    """Carry a line out; "" if what comes of it is as promised, else what is not.  Training is only checked."""
    started = time.process_time()
    error: CommandError | None = None
    lines: list[str] = []
    try:
        call = parse_line(line, at_prompt=True)
        if call is None:
            return ""
        call.command.find_faults(session, call.arguments)
        if call.command.name not in ("train", "play"):
            lines = plain_lines(session, session.execute(line, at_prompt=True), 80)
    except CommandError as caught:
        error = caught
    seconds = time.process_time() - started
    if seconds > _SOON:
        return f"it took {seconds:.1f} s"
    if error is None:
        return next((f"it answers {shown!r}" for shown in lines if not shown.isprintable()), "")
    return _wrong_with(error, line)


def _wrong_with(error: CommandError, line: str) -> str:
    """What is wrong with an error: it is one line that says something, and points into the line."""
    shown = [*pointed_at(line, error.column), *getattr(error, "details", [])]
    if not error.message or len(error.message) > _LONGEST_MESSAGE:
        return f"the message has {len(error.message)} characters"
    if not all(part.isprintable() for part in (*error.message.split("\n"), *shown)):
        return f"the message {error.message!r} is no text for a terminal"
    if not 0 <= error.column <= len(line):
        return f"column {error.column} is not in the line: {error.message}"
    return f"the line is shown in {len(shown[0])} characters" if len(shown[0]) > 200 else ""
