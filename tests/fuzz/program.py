"""The program itself: a command line goes in, exit code, output and diagnostics come out.

It runs in this process, with nobody at a terminal; what it reads from standard input is a text.
"""

from __future__ import annotations

import io
import random
import sys
from contextlib import redirect_stderr, redirect_stdout

from bpstep.cli import main
from tests.fuzz.case import FALSE, Case
from tests.fuzz.mangling import NASTY_WORDS, mangled
from tests.fuzz.worlds import SMALL

__all__ = ["a_command_line", "run"]

_CODES = (0, 1, 2, 3)
#: What a shell calls the end of a program that was stopped with Ctrl-C.
_STOPPED = 130
_LINES = (
    "list", "list --json", "trace {} --last", "trace {} --last --format csv",
    "trace {} --last --mode forward --wrt x", "trace {} --last --mode forward --wrt w[x1->h1]",
    "trace {} --last --rule overwrite", "trace {} --epochs 1", "check {}", "check {} --json",
    "check {} --rule article", "diff {} --rule no-derivative", "diff {} --rule early-update --json", "work {}",
    "work {} --json", "open {}", "{}", "repl {}", "repl {} --rule article", "new file.toml", "schema", "progress",
    "progress export p.json", "progress import p.json", "progress reset", "grade p.json", "grade . --csv",
    "grade p.json --json", "grade --totals .", "exercise", "exercise output-delta", "exercises list",
    "exercises check .", "replay .", "replay x.bps", "replay --update x.bps", "--version", "--help", "trace --help",
    "", "help", "validate {}",
)  # fmt: skip


class _Terminal(io.StringIO):
    """Where diagnostics go: a terminal, so that long work says there how far it is; that is heard, and is not kept."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case, self.is_stopped = case, False

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not text.startswith("\r"):
            return super().write(text)
        self.case.hold_safe("progress", text.strip("\r"))
        if text.strip():
            self.is_stopped = True  # unless it may go on
            self.case.hear("progress", 0, 1)
            self.is_stopped = False
        return len(text)


class _Heard(io.StringIO):
    """Where a program prints that is heard while it does: who sees line after line does not wait."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        self.case, self.lines, self.is_stopped = case, 0, False

    def write(self, text: str) -> int:
        self.lines += 1
        if self.lines % _HEARD == 0:
            self.is_stopped = True  # unless it is heard to its end
            self.case.hear("line", self.lines, self.lines)
            self.is_stopped = False
        return super().write(text)


#: So many lines are printed in less time than anybody gets impatient in.
_HEARD = 5_000


def a_command_line(chance: random.Random) -> list[str]:
    """The words of a command line, often with something wrong."""
    line = chance.choice(_LINES).replace("{}", chance.choice((*SMALL, *SMALL, "nowhere.toml", "iris", ".")))
    words = line.split()
    if words and chance.random() < 0.4:
        at = chance.randrange(len(words))
        words[at] = chance.choice(
            (mangled(words[at], chance, values=False), chance.choice(NASTY_WORDS), "--" + words[at])
        )
    return [word.replace("\x00", "") for word in words]


def run(case: Case, words: list[str], typed: str = "") -> tuple[int, str]:
    """Run a command line: its exit code, which is one of the contract's, and its output, which is safe."""
    out, err, stdin = _Heard(case), _Terminal(case), sys.stdin
    what = f"bpstep {words[0][:20] if words else ''}"
    with case.input(f"{' '.join(words)} {typed}".strip()):
        sys.stdin = io.StringIO(typed)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = main(words)
        except SystemExit as leaving:  # from the reader of arguments
            code = int(leaving.code or 0)
        finally:
            sys.stdin = stdin
    if code not in _CODES and not ((out.is_stopped or err.is_stopped) and code == _STOPPED):
        case.found(FALSE, f"exit code of {what}", str(code))
    case.hold_safe(f"output of {what}", out.getvalue().replace("\t", ""))
    case.hold_safe(f"diagnostics of {what}", err.getvalue())
    return code, out.getvalue()
