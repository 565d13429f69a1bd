"""While something is asked, an answer is typed as it is: which lines are answers, and which are commands.

hint                     a command: it is the name of one
0.74                     answer 0.74
delta[o1] * w[h1->o1]    answer delta[o1] * w[h1->o1]
n * 2                    answer n * 2, where there is a variable n, though n is short for `step neuron`
hnit                     no answer: it is nearly a command, and a slip of the keyboard costs no try
"""

from __future__ import annotations

from bpstep.debugger.commands import COMMANDS
from bpstep.debugger.console import Console
from bpstep.debugger.errors import CommandError
from bpstep.debugger.expressions import parse
from bpstep.debugger.language import parse_line

__all__ = ["as_answer"]


def as_answer(session: Console, line: str) -> str:
    """A line as a command: while something is asked, what begins with no command's name is the answer."""
    tutor, word = session.tutor, (line.split() or [""])[0]
    if tutor is None or not tutor.is_asking or not word or word in COMMANDS or word[0] in "=#":
        return line
    if word in tutor.words or _reads_cells(session, line):
        return f"answer {line}"
    try:
        parse_line(word, at_prompt=True)
    except CommandError as error:
        is_slip = line == word and ("did you mean" in error.message or "may be any of" in error.message)
        return line if is_slip else f"answer {line}"
    return line


def _reads_cells(session: Console, line: str) -> bool:
    """Whether a line is an expression over cells, as ``u * cos(v)`` is where there are variables of these names."""
    try:
        return bool(parse(session.scope, line).cells)
    except CommandError:
        return False
